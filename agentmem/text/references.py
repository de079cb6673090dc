"""What a turn leaves to the turns before it: whom "she" means, where "there" is, which day "yesterday", what was asked.

By rules, and only what is plain: "he" and "she" go to the one person that the nearest turn with any named or called by
a word of kin ("my sister"), "there" to the one place, a date to its day, and a reply to
the question just before it. Where two could be meant, nothing is said; nor of "it" and "they", which rules guess badly.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from agentmem.text.happenings import happening, times
from agentmem.text.phrases import normalise
from agentmem.text.sentences import sentences
from agentmem.text.tagging import VERBS, verb_form
from agentmem.text.written_dates import written

REACH = 4
"""How many turns back is looked."""
_NEAR_PLACE = 2  # turns back; a talk moves on from a place faster than from a person
_LONGEST_QUESTION = 30  # words
_SHE, _HE = "she", "he"
_PRONOUNS = {
    **dict.fromkeys(("she", "her", "hers", "herself"), _SHE),
    **dict.fromkeys(("he", "him", "his", "himself"), _HE),
}
_KIN = {
    **dict.fromkeys(
        """sister mother mom mum mommy wife girlfriend fiancee daughter aunt niece grandmother grandma granny stepmother
        stepsister godmother goddaughter""".split(),
        _SHE,
    ),
    **dict.fromkeys(
        """brother father dad daddy husband boyfriend fiance son uncle nephew grandfather grandpa stepfather stepbrother
        godfather godson""".split(),
        _HE,
    ),
    **dict.fromkeys(
        "boss friend neighbour neighbor colleague cousin teacher partner roommate doctor coach".split(), ""
    ),
}
_AUXILIARIES = frozenset("is was has had will would can could did does might must should".split())
_SOMEBODY = re.compile(
    r"\b(?:woman|girl|lady|man|boy|guy|kid|child|baby|youngest|oldest|eldest|somebody|someone)\b", re.I
)
_PRONOUN = re.compile(rf"(?<![\w'’])(?:{'|'.join(_PRONOUNS)})(?![\w])(?!\s+name\b)", re.IGNORECASE)
_OWNED = re.compile(
    rf"(?<![\w'’])(?P<owner>[Mm]y|[Oo]ur|[Yy]our)\s+(?:[a-z]+\s+)?(?P<kin>{'|'.join(_KIN)})(?!\w)(?!['’]s)"
    r"(?:,?\s+(?P<name>[A-Z][\w-]+))?"
)
_THERE = re.compile(
    r"(?<![\w'’])(?<!hi )(?<!hey )(?<!hello )(?<!out )(?<!in )(?<!hang )there(?![\w'’])"
    r"(?!\s+(?:is|are|was|were|will|would|has|have|had|can|could|may|might|must|should|seems?|seemed|goes|used)\b)",
    re.IGNORECASE,
)
_ASKS_WHETHER = re.compile(r"(?:^|[.!?,;:])\s*(?:is|are|was|were|will|and is|but is)\s+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Turn:
    """What somebody said; ``speaker`` is ``None`` where nobody is known to have said it."""

    speaker: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Reference:
    """Something that a turn leaves open, and what it is.

    Attributes:
        question: such as ``Who is "she"?``.
        answer: such as ``Rita``.
        back: how many turns back the answer stands, from 1 on; 0 where it follows from the turn itself and its date.
    """

    question: str
    answer: str
    back: int


_Finder = Callable[[Turn], list[str]]


def references(turn: Turn, at: datetime | None, before: Sequence[Turn]) -> tuple[Reference, ...]:
    """What a turn leaves open and rules can tell, in this order: the question it replies to, people, places, times.

    Args:
        turn: what was said.
        at: when, with its time zone; ``None`` where "yesterday" is not counted from a moment that is known.
        before: the turns before it, oldest first; :data:`REACH` of them are looked at.

    Raises:
        InvalidInput: ``at`` has no time zone.
    """
    near = list(before)[-REACH:]
    return (*_asked(turn, near), *_people(turn, near), *_places(turn, near), *_times(turn.text, at))


def _asked(turn: Turn, near: Sequence[Turn]) -> Iterator[Reference]:
    """The question that the last turn ended with, if somebody else put it."""
    if not near or near[-1].speaker == turn.speaker:
        return
    text = near[-1].text.rstrip()
    spans = sentences(text)
    last = " ".join(text[slice(*spans[-1])].split()) if spans else ""
    if last.endswith("?") and 2 < len(last.split()) <= _LONGEST_QUESTION:
        asked = f"What did {near[-1].speaker} ask?" if near[-1].speaker else "What was asked?"
        yield Reference(asked, last, 1)


def _people(turn: Turn, near: Sequence[Turn]) -> Iterator[Reference]:
    talking = {normalise(one.speaker) for one in (turn, *near) if one.speaker}
    seen: set[str] = set()
    for match in _PRONOUN.finditer(turn.text):
        gender = _PRONOUNS[match[0].lower()]
        if gender in seen:
            continue
        seen.add(gender)
        own = turn.text[: match.start()]
        if _SOMEBODY.search(own) or _named(Turn(turn.speaker, own), gender, talking):
            continue  # its own words say it
        if found := _nearest(near, partial(_named, gender=gender, talking=talking)):
            name, back = found
            yield Reference(f'Who is "{match[0].lower()}"?', name, back)


def _places(turn: Turn, near: Sequence[Turn]) -> Iterator[Reference]:
    match = _THERE.search(turn.text)
    if (
        match is None
        or _ASKS_WHETHER.search(turn.text[: match.start()])
        or happening(turn.text[: match.start()], None, turn.speaker).places
    ):
        return
    if found := _nearest(near[-_NEAR_PLACE:], _places_named):
        yield Reference('Where is "there"?', *found)


def _times(text: str, at: datetime | None) -> Iterator[Reference]:
    if at is None:
        return
    for told in times(text, at):
        if (date := written(told, at)) is not None:
            yield Reference(f'When is "{" ".join(text[told.start : told.end].split())}"?', date, 0)


def _nearest(near: Sequence[Turn], found_in: _Finder) -> tuple[str, int] | None:
    """What the nearest turn with any names, and how many turns back that is; nothing if it names several."""
    for back, one in enumerate(reversed(near), start=1):
        if found := found_in(one):
            return (found[0], back) if len(found) == 1 else None
    return None


def _named(turn: Turn, gender: str, talking: set[str]) -> list[str]:
    """Whom a turn may mean by "she" or "he", each once: people by name, and kin of whoever speaks."""
    kin: list[str] = []
    called: dict[str, str] = {}
    for match in _OWNED.finditer(turn.text):
        known = _KIN[match["kin"]]
        if match["name"]:
            called[normalise(match["name"])] = known
        if known in ("", gender):
            whose = f"{turn.speaker}'s " if turn.speaker and match["owner"].lower() != "your" else ""
            kin.append(match["name"] or f"{whose or match['owner'].lower() + ' '}{match['kin']}")
    people = [
        name
        for name in happening(turn.text, None, turn.speaker).people
        if normalise(name) not in talking
        and called.get(normalise(name), "") in ("", gender)
        and _is_person(name, turn.text, talking)
    ]
    return list(dict.fromkeys([*kin, *people]))


def _places_named(turn: Turn) -> list[str]:
    return [name for name in happening(turn.text, None, turn.speaker).places if not (name.isupper() and len(name) > 3)]


def _is_person(name: str, text: str, talking: set[str]) -> bool:
    """Whether a name looks like one of somebody who is spoken of: one or two capitalised words, no acronym.

    A word that only ever opens a sentence is capitalised anyway, so it must be what a verb or "'s" follows.
    """
    words = name.split()
    if len(words) > 2 or any(not word[0].isupper() or word.isupper() or "'" in word or "’" in word for word in words):
        return False
    if any(one.startswith(normalise(name)) for one in talking):  # Mel is Melanie
        return False
    return len(words) > 1 or any(_stands_as_name(text, match) for match in re.finditer(rf"\b{re.escape(name)}\b", text))


def _stands_as_name(text: str, match: re.Match[str]) -> bool:
    before, after = text[: match.start()].rstrip(), text[match.end() :]
    if before and before[-1] not in '.!?…"“”\n':
        return True
    follows = re.match(r"(['’]s\b)|\s+(\w+)", after)
    if match[0].lower() in VERBS or follows is None:
        return False
    next_word = (follows[2] or "").lower()
    third_person = len(next_word) > 3 and next_word.endswith("s") and next_word != "this"
    return bool(follows[1]) or third_person or next_word in _AUXILIARIES or verb_form(next_word) == "ed"
