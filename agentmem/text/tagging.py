"""Words of a text with their coarse class, and names as one word each: what entities and triples are read from.

Each word is classified by short lists of English words and by its neighbours; names are runs of capitalised words. The
rules for names work in every script that has capitals; a text in a script without them has dates and numbers only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from agentmem.text.sentences import sentences
from agentmem.text.vocabulary import (
    AFTER_IS,
    AUXILIARIES,
    CLOSED,
    COMMON,
    CONJUNCTIONS,
    DETERMINERS,
    FILLERS,
    GENITIVE_NAMES,
    HONORIFICS,
    JOINERS,
    NUMBERED,
    PREPOSITIONS,
    PRONOUNS,
    RELATIVES,
    VERBS,
    verb_form,
)
from agentmem.text.words import STOP_WORDS

__all__ = ["AUXILIARIES", "LATIN", "VERBS", "Word", "tagged", "verb_form"]


class Word(NamedTuple):
    """A token, or several that make one name, with its class.

    Attributes:
        text: as it stands in the text.
        low: in lower case, with straight apostrophes.
        start: in code points.
        end: in code points.
        tag: ``N`` name, ``D`` date, ``#`` number, ``c`` other content word, ``v`` verb, ``x`` auxiliary,
            ``p`` preposition, ``d`` article or possessive pronoun, ``'`` the ending of a possessive, ``r`` personal
            pronoun, ``w`` relative or question word, ``&`` conjunction, ``a`` adverb or another stop word, ``,`` comma,
            ``.`` other punctuation.
    """

    text: str
    low: str
    start: int
    end: int
    tag: str


_MONTH = (
    "(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul"
    r"|Aug|Sept?|Oct|Nov|Dec)\b\.?"
)
_YEAR = r"(?:1\d{3}|20\d\d)"
_DATE = (
    rf"\d{{4}}-\d\d-\d\d(?!\w)|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR}\b)?"
    rf"|\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s+{_YEAR}\b)?|\b{_MONTH},?\s+{_YEAR}\b"
    rf"|\b(?:January|February|April|June|July|August|September|October|November|December)\b"
    rf"|\b{_YEAR}(?:s\b|[-–]\d{{2,4}}\b|\b(?![,.]?\d))|\b\d{{1,2}}(?:st|nd|rd|th)\s+century\b"
    r"|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"
)
_QUOTED = r'"(?P<q1>[^"\n]{2,80})"|“(?P<q2>[^”\n]{2,80})”|(?<!\w)[\'‘](?P<q3>[A-Z][^\'’\n]{2,60})[\'’](?!\w)'
_WHEN = (
    r"\b(?:[Yy]esterday|[Tt]oday|[Tt]omorrow|[Tt]onight|(?:[Ll]ast|[Nn]ext|[Tt]his|[Pp]ast)\s+(?:week(?:end)?|month|year"
    r"|night|morning|evening|afternoon|summer|winter|spring|fall|autumn|time))\b(?!')"
)
_TOKEN = re.compile(
    rf"(?P<date>{_DATE})|(?P<when>{_WHEN})|(?P<number>[$€£]?\d+(?:[.,]\d+)*(?:%|[^\W\d_]{{1,3}}\b)?(?![^\W_]))"
    rf"|(?P<word>(?:[^\W\d_]\.){{2,}}|[^\W\d_]\.(?=\s?[^\W\d_])|(?:St|Dr|Mr|Mrs|Ms|Mt|Jr|Sr|Prof|Gen|Lt|Ft)\."
    r"|\w+(?:[-–.&]\w+|['’](?!s\b)\w+)*)"
    rf"|(?P<genitive>['’]s\b|(?<=s)['’](?=\s\w))|(?P<quote>{_QUOTED})|(?P<mark>[^\w\s])"
)
"""One pass finds tokens of all sorts; each alternative is bounded or cannot be re-entered, so the time is linear."""

LATIN = re.compile(r"[a-zÀ-ɏ'’.&-]+", re.IGNORECASE)
"""A word in Latin letters."""


def tagged(text: str) -> Iterator[list[Word]]:
    """The sentences of a text as classified words; names, dates and numbers with their units are one word each."""
    drafts = []
    inside: set[str] = set()
    lower: set[str] = set()
    for start, end in sentences(text):
        draft = _tokens(text, start, end)
        drafts.append(draft)
        fresh = True
        for word in draft:
            if word.tag == "?":
                if not word.text[:1].isupper():
                    lower.add(word.low)
                elif not fresh:
                    inside.add(word.low)
            fresh = word.tag == "." and word.text not in "-–&%"
    for draft in drafts:
        yield _classified(_named(draft, inside, lower))


def _tokens(text: str, start: int, end: int) -> list[Word]:
    """Tokens with first guesses: ``?`` stands for a word whose class is open."""
    found: list[Word] = []
    position = start
    while match := _TOKEN.search(text, position, end):
        kind, part, position = match.lastgroup, match[0], match.end()
        if match["quote"]:
            inner = match["q1"] or match["q2"] or match["q3"]
            if not _is_title(inner):
                position = match.start() + 1
                found.append(Word(part[0], part[0], match.start(), position, "."))
                continue
            tag = "N"
        elif kind == "date":
            tag = "D"
        elif kind == "when":  # relative to whoever speaks: nothing to link by
            tag = "a"
        elif kind == "number":
            tag = "#"
        elif kind == "genitive":
            tag = "'"
        elif kind == "mark":
            tag = "," if part == "," else "."
        else:
            tag = "?"
        found.append(Word(part, part.lower().replace("’", "'"), match.start(), match.end(), tag))
    return found


def _is_title(quoted: str) -> bool:
    """Whether quotation marks hold a title and not speech: every word of weight is capitalised."""
    words = quoted.split()
    if not words or len(words) > 8 or quoted[-1] in ",;" or not quoted[0].isalnum():
        return False
    heavy = [word for word in words if word.lower() not in STOP_WORDS]
    return words[0][:1].isupper() and all(word[:1].isupper() or not word[:1].isalpha() for word in heavy)


def _named(draft: list[Word], inside: set[str], lower: set[str]) -> list[Word]:
    """Joins the words of a name, and numbers with their units."""
    found: list[Word] = []
    i, fresh = 0, True
    while i < len(draft):
        word, end, tag = draft[i], i + 1, draft[i].tag
        if tag == "D" and word.text[:4].isdigit() and found and found[-1].tag == "?" and found[-1].low in DETERMINERS:
            if end < len(draft) and _is_capital(draft[end]):  # the 1960 Olympics
                end, tag = _name_end(draft, end), "N"
        elif tag == "#" and word.text[-1].isdigit() and end < len(draft) and _is_unit(draft[end]):
            end += 1
        elif _is_capital(word):
            stop = _name_end(draft, i)
            if word.low in HONORIFICS and stop > end and draft[end].tag == "?" and draft[end].low not in JOINERS:
                found.append(word._replace(tag="a"))  # the name is the same without it
                i, fresh = end, False
                continue
            if _opens_name(draft, i, inside, lower) if fresh else stop > end or not _is_shouted(word):
                end, tag = stop, "N"
        found.append(word if end == i + 1 and tag == word.tag else _joined(draft[i:end], tag))
        fresh = word.tag == "." and word.text not in "-–&%"
        i = end
    return found


def _joined(words: list[Word], tag: str) -> Word:
    text = "".join(
        (" " if before and before.end < word.start else "") + word.text
        for before, word in zip((None, *words), words, strict=False)
    )
    return Word(text, text.lower().replace("’", "'"), words[0].start, words[-1].end, tag)


def _is_capital(word: Word) -> bool:
    if word.low in STOP_WORDS and word.text != "US":
        return False
    return word.tag == "?" and (word.text[0].isupper() or (word.text[-1:].isupper() and len(word.text) > 2))


def _is_shouted(word: Word) -> bool:
    return word.low in FILLERS or (word.low in COMMON and word.text.isupper() and len(word.text) > 1)


def _is_unit(word: Word) -> bool:
    if word.low in ("am", "pm", "a.m.", "p.m."):
        return True
    return word.tag == "?" and word.text.islower() and word.low not in CLOSED and word.low not in STOP_WORDS


def _opens_name(draft: list[Word], i: int, inside: set[str], lower: set[str]) -> bool:
    """Whether a capitalised word that opens a sentence is, or begins, a name."""
    word = draft[i]
    if word.low in inside:
        return word.low not in FILLERS
    if word.low in COMMON or word.low in CLOSED:
        return False
    followed = i + 1 < len(draft) and _is_capital(draft[i + 1])
    if followed or (word.text.isupper() and len(word.text) > 1):
        return True
    return bool(word.low not in lower and not word.low.endswith(("ly", "ing")) and not verb_form(word.low)) and bool(
        LATIN.fullmatch(word.text)
    )


def _name_end(draft: list[Word], i: int) -> int:
    """Where the run of words that make one name ends, the first of them at ``i``."""
    end = i + 1
    while end < len(draft):
        word, last = draft[end], draft[end - 1]
        short_number = word.tag == "#" and word.text.isdigit() and len(word.text) <= 3
        numeral = word.low == "i" and last.low in NUMBERED
        if _is_capital(word) or numeral or (short_number and not _precedes_unit(draft, end)):
            end += 1
        elif word.low in JOINERS:
            after = end + 2 if end + 1 < len(draft) and word.low != "&" and draft[end + 1].low in JOINERS else end + 1
            if word.low == "the" or after >= len(draft) or not _is_capital(draft[after]):
                break
            end = after + 1
        elif word.tag == "'" and end + 1 < len(draft) and draft[end + 1].low in GENITIVE_NAMES:
            if not _is_capital(draft[end + 1]):
                break
            end += 2
        else:
            break
    return end


def _precedes_unit(draft: list[Word], i: int) -> bool:
    return i + 1 < len(draft) and _is_unit(draft[i + 1])


def _classified(words: list[Word]) -> list[Word]:
    found: list[Word] = []
    before, said = ".", ""
    for i, word in enumerate(words):
        tag = word.tag
        after = words[i + 1] if i + 1 < len(words) else None
        if tag == "?":
            tag = _closed_class(word.low, before, after) or _open_class(word.low, before, said, after)
        elif tag == "'" and (before in "rwd" or (after is not None and after.low in AFTER_IS)):
            tag = "x"
        found.append(word if tag == word.tag else word._replace(tag=tag))
        before, said = tag, word.low
    return found


def _closed_class(low: str, before: str, after: Word | None) -> str:
    if low in AUXILIARIES or low.endswith("n't"):
        return "x"
    if low == "that" and before in "Nc":
        return "w"
    if low in ("her", "that", "this", "these", "those", "some", "any"):
        return "d" if after is not None and after.tag == "?" and after.low not in STOP_WORDS else "r"
    for tag, members in (
        ("d", DETERMINERS), ("r", PRONOUNS), ("w", RELATIVES), ("&", CONJUNCTIONS), ("p", PREPOSITIONS)
    ):  # fmt: skip
        if low in members:
            return tag
    return "a" if low in FILLERS or low in STOP_WORDS or low.endswith("ly") else ""


def _open_class(low: str, before: str, said: str, after: Word | None) -> str:
    """``v`` or ``c``: the word's form says what it can be, the word before it what it is."""
    form = verb_form(low) or ("ed" if low.endswith("ed") and len(low) > 4 and before in "Nxrc" else "")
    match form:
        case "ed":
            verbal = before not in "dp" or said == "to"
        case "ing":
            verbal = before in "xNrw&,cv"
        case "base":
            verbal = said == "to" or before in "xrwa."
        case "s":
            verbal = before in "Nrwa" or (before in "c&" and after is not None and _opens_object(after))
        case _:
            verbal = False
    return "v" if verbal else "c"


def _opens_object(word: Word) -> bool:
    return word.tag in "ND#" or word.low in DETERMINERS or word.low in PREPOSITIONS
