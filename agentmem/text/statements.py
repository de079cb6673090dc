"""What a speaker states, sentence by sentence, made to stand on its own: facts without a model.

Questions, greetings, thanks and reactions are left out; "I went there yesterday" becomes "Caroline went there yesterday
(7 May 2023)". It is the floor under what an LLM extracts: nothing is invented, so nothing needs to be checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from agentmem.text.entities import entities
from agentmem.text.moments import TimeExpression, expressions
from agentmem.text.sentences import sentences
from agentmem.text.tagging import verb_form
from agentmem.text.words import terms
from agentmem.text.written_dates import written

_INTERJECTIONS = (
    "hey|hi|hello|wow|oh|aw+|ah|yeah|yep|yup|yes|no|nope|well|sure(?: thing)?|okay|ok|haha|lol|omg|gosh|thanks"
    "|thank you|thx|cheers|congrats|congratulations|absolutely|definitely|totally|exactly|right|true|cool|great|nice"
    "|awesome|amazing|good (?:morning|evening|afternoon|night)|bye|goodbye|please|so|and|but|anyway|by the way|btw|also"
    "|actually|honestly|of course"
)
_OPENING = re.compile(
    rf"(?:(?:{_INTERJECTIONS})(?:\s+(?:so much|a lot|again|there|everyone|all))?(?:,?\s+(?-i:[A-Z])[\w'’]+(?=[,!.]))?"
    r"\s*[,!.:;…–-]+\s*|(?:and|but|so)\s+|(?-i:[A-Z])[\w'’]+\s*[,!]+\s+(?=(?:i|we|my|our)\b))",
    re.IGNORECASE,
)
_CLOSING = re.compile(r",\s+[A-Z][\w'’]*[.!]*$|[.! ]+$")
_MY = r"(?:i(?:['’]m|\s+am)\s+)?(?:so\s+|really\s+|very\s+)?"
_REACTION = re.compile(
    r"(?:(?:that|this|it|those|these|they|he|she)(?:\s+all|\s+both)?"
    r"(?:['’]s|['’]re|\s+is|\s+are|\s+was|\s+must|\s+sounds?|\s+looks?|\s+seems?)\b"
    r"(?=[^,;]{0,60}$)(?!.*\b(?:because|when|since)\b)"
    rf"|{_MY}(?:glad|happy|proud|sorry|excited)\s+(?:to hear|for you|you|that you|of you|to see you|about your|we)\b"
    r"|(?:so|really|very)?\s*(?:good|great|nice|lovely) to|(?:no|not a) (?:problem|worries|doubt)|you\b|your\b"
    r"|(?:take (?:care|a look)|keep|check|stay|go|enjoy|remember|don['’]t|let me|let['’]s|tell me|way to go)\b"
    r"|can['’]t wait|(?:i\s+)?hope\b|(?:i\s+)?wish you|talk to you|see you|have (?:a|fun)|good luck|best of luck|thank"
    r"|congrat|what an?\b|how\s+\w+!|sounds?\b|looks?\b|glad\b|welcome\b|wishing\b|sending\b|well done|i bet\b"
    r"|(?:i\s+)?(?:totally\s+|completely\s+)?(?:agree|understand|know what you|get it|see\b)"
    r"|(?:i )?love (?:that|this|it|your)\b[^,]{0,25}$|(?:i )?appreciate (?:that|it|you)|must['’]ve\b)",
    re.IGNORECASE,
)
_LISTENER = re.compile(r"\b(?:you|your|yours)\b", re.IGNORECASE)
_UNKNOWN_SUBJECT = re.compile(r"(?:he|she|it|they|this|that|these|those|there|here)\b", re.IGNORECASE)
_SPLIT = re.compile(
    r"\s*;\s+|\s+[–—-]\s+(?=(?:i|we|my)\b)|(?:,\s*|\s+)(?:and|but|so)\s+(?=(?:i|we|my)(?:['’]\w+)?\s)", re.IGNORECASE
)
_EDGE = re.compile(r"^[\s\"“'‘*•>-]+")
_PERSON = re.compile(
    r"(?<![\w'’])(?P<self>I|[Ww]e)(?P<short>['’](?:m|re|ve|d|ll))?(?![\w'’])"
    r"(?P<gap>\s+(?:(?:also|really|just|never|always|still|already|even|often|usually|recently|finally|definitely"
    r"|actually|only|sometimes|currently|totally|both|all)\s+)*)?(?P<verb>[A-Za-z]+(?:['’]t)?)?"
    r"|(?<![\w'’])(?P<own>[Mm]y|[Oo]ur)(?![\w'’])|(?<![\w'’])(?P<owns>[Mm]ine|[Oo]urs)(?![\w'’])"
    r"|(?<![\w'’])(?P<other>[Mm]e|[Uu]s|[Mm]yself|[Oo]urselves)(?![\w'’])"
)
_SELF = re.compile(r"\b(?:I|[Ww]e)\b")
_THIRD = dict(
    pair.split(":")
    for pair in (
        "am:is are:is were:was have:has do:does don't:doesn't haven't:hasn't aren't:isn't weren't:wasn't go:goes"
        " dont:doesn't"
    ).split()
)
_SHORT = {"m": " is", "re": " is", "ve": " has", "d": " would", "ll": " will"}
_UNCHANGED = frozenset({"let", "put", "cut", "hit", "read", "cost", "set", "hurt", "shut", "quit", "bet", "spread"})
_SHORTEST = 3  # words
_FEWEST_TERMS = 2  # content words; a first person counts as one


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing said, self-contained.

    Attributes:
        text: as it reads on its own.
        start: where what was said begins, in code points.
        end: where it ends.
        subject: whom or what it is about, if that is known.
        keys: the names, dates and things in it, in order, each once.
    """

    text: str
    start: int
    end: int
    subject: str | None
    keys: tuple[str, ...]


def statements(text: str, speaker: str, at: datetime | None) -> tuple[Statement, ...]:
    """The statements in what a speaker said at a moment, in order; spans do not overlap.

    Sentences that ask, greet, thank, wish, react, speak about the listener or about an "it" that is named elsewhere are
    left out. "I", "we" and "my" become the speaker's name, with the verb after it made to agree; expressions of time
    relative to ``at`` get their date.
    """
    found = []
    named: frozenset[str] | None = None
    for start, end in _clauses(text):
        said = text[start:end]
        if not (plain := _third_person(said, speaker)):
            continue
        mentioned = [entity for entity in entities(plain) if len(entity.name) > 1]
        about_speaker = _PERSON.search(said) is not None
        subject: str | None = speaker
        if not about_speaker:
            if named is None:
                named = frozenset(entity.name for entity in entities(text) if entity.kind == "name")
            subject = next((entity.name for entity in mentioned if entity.name in named), None)
            if _LISTENER.search(said) or (subject is None and _UNKNOWN_SUBJECT.match(said)):
                continue
        dated = _dated(plain, at) if at is not None else plain
        found.append(Statement(dated, start, end, subject, tuple(dict.fromkeys(entity.name for entity in mentioned))))
    return tuple(found)


def dates_meant(text: str, at: datetime) -> tuple[str, ...]:
    """The dates that the relative expressions of a text mean, written out, in order: "yesterday" is "7 May 2023"."""
    return tuple(date for told in expressions(text, at) if (date := _date(text, told, at)) is not None)


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    """Spans of what is stated: sentences without their interjections, cut where "and I" begins anew."""
    for start, end in sentences(text):
        if text[start:end].rstrip("\"”'’) ").endswith(("?", "？")):
            continue
        borders = [start]
        for cut in _SPLIT.finditer(text, start, end):
            if min(len(text[borders[-1] : cut.start()].split()), len(text[cut.end() : end].split())) > _SHORTEST:
                borders += [cut.start(), cut.end()]
        borders.append(end)
        for first, last in zip(borders[::2], borders[1::2], strict=True):
            begin = _opened(text, first, last)
            if _is_statement(text[begin:last]):
                yield begin, last


def _opened(text: str, start: int, end: int) -> int:
    """Where the interjections that open a sentence end."""
    if edge := _EDGE.match(text[start:end]):
        start += edge.end()
    while match := _OPENING.match(text, start, end):
        start = match.end()
    return start


def _is_statement(said: str) -> bool:
    if len(said.split()) < _SHORTEST or _REACTION.match(_CLOSING.sub("", said)):
        return False
    return len(set(terms(said))) + (_PERSON.search(said) is not None) >= _FEWEST_TERMS


def _third_person(said: str, speaker: str) -> str:
    """The sentence with the speaker's name for the first person."""
    reflexive = _SELF.search(said) is not None
    owner = f"{speaker}'" if speaker.endswith("s") else f"{speaker}'s"

    def named(match: re.Match[str]) -> str:
        if match["own"] or match["owns"]:
            return owner
        if other := match["other"]:
            return "themselves" if reflexive and other.lower().endswith(("self", "selves")) else speaker
        short, gap, verb = match["short"], match["gap"] or "", match["verb"] or ""
        if short:
            kind = short[1:].lower()
            return speaker + (" had" if kind == "d" and verb == "better" else _SHORT[kind]) + gap + verb
        return speaker + gap + (_agreeing(verb) if gap else verb)

    changed = " ".join(_PERSON.sub(named, said).split())
    return changed[:1].upper() + changed[1:]


def _agreeing(verb: str) -> str:
    """The third person of a verb after "I"; past forms and modals stay."""
    low = verb.lower().replace("’", "'")
    if low in _THIRD:
        return _THIRD[low]
    if verb_form(low) != "base" or low in _UNCHANGED:
        return verb
    if low.endswith("y") and low[-2:-1] not in "aeiou":
        return verb[:-1] + "ies"
    return verb + ("es" if low.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")


def _dated(said: str, at: datetime) -> str:
    pieces, start = [], 0
    for told in expressions(said, at):
        if (date := _date(said, told, at)) is not None:
            pieces.append(f"{said[start : told.end]} ({date})")
            start = told.end
    return "".join(pieces) + said[start:]


def _date(said: str, told: TimeExpression, at: datetime) -> str | None:
    """The date of a time, unless it owns something: "yesterday's game" reads badly with a date in it."""
    return None if said.startswith(("'", "’"), told.end) else written(told, at)
