"""What a text tells of: when, where, who was there, and what it was. By rules, from names, dates and prepositions.

The four are the dimensions of an event in the Episodic Memories Benchmark (Huet et al., ICLR 2025, arXiv 2501.13121,
section 3). A name after a preposition of place, or that ends as names of places do, is where; other names are who; a
noun phrase that ends in a word for an occasion is what.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from agentmem.text.calendar import MONTHS, Grain
from agentmem.text.entities import noun_phrases
from agentmem.text.event_words import DOINGS, MOVEMENTS, NOT_DOINGS, OCCASIONS, SITES, TOWARDS, WITHIN
from agentmem.text.moments import Anchor, TimeExpression, expressions
from agentmem.text.phrases import normalise
from agentmem.text.tagging import Word, tagged, verb_form
from agentmem.text.tense import Tense, tenses
from agentmem.text.vocabulary import NUMBERED

_GRAINS = tuple(Grain)


@dataclass(frozen=True, slots=True)
class Happening:
    """What a text tells of.

    Attributes:
        times: that it names, the most exact first.
        places: by name, those that are named as places most often first.
        people: all other names, the most often named first, then in order; a name that is part of a longer one counts
            for that.
        content: noun phrases that say what it was, in order, each once, without articles.
    """

    times: tuple[TimeExpression, ...]
    places: tuple[str, ...]
    people: tuple[str, ...]
    content: tuple[str, ...]


def happening(text: str, at: datetime | None, speaker: str | None = None) -> Happening:
    """What a text tells of.

    Args:
        text: of one event.
        at: when it was said; ``None`` for a document, whose "yesterday" is not counted from a moment that is known.
        speaker: who said it; never a place.

    Raises:
        InvalidInput: ``at`` has no time zone.
    """
    sentences = list(tagged(text))
    places, people = _roles(sentences, speaker)
    return Happening(
        times=tuple(sorted(times(text, at), key=lambda one: _GRAINS.index(one.grain))),
        places=places,
        people=people,
        content=tuple(dict.fromkeys(_content(sentences))),
    )


def times(text: str, at: datetime | None) -> tuple[TimeExpression, ...]:
    """The times that a text names, in order; without ``at``, those told in full: "7 May 2023", "in June 2023"."""
    if at is not None:
        return expressions(text, at)
    return tuple(one for one in expressions(text, _ANY) if one.anchor == Anchor.CALENDAR)


def tells(text: str, at: datetime | None) -> bool:
    """Whether a text tells what happened, rather than asks or states for good: in a past tense, or with a time."""
    if text.rstrip().endswith("?"):
        return False
    if times(text, at) or any(tense in (Tense.PAST, Tense.PERFECT) for _, tense in tenses(text.lower())):
        return True
    return any(word.tag == "v" and verb_form(word.low) == "ed" for sentence in tagged(text) for word in sentence)


def names(sentences: Sequence[Sequence[Word]]) -> Iterator[tuple[str, bool]]:
    """Each name in tagged sentences, in order, and whether it is named as a place."""
    for sentence in sentences:
        for number, word in enumerate(sentence):
            if word.tag == "N" and (name := _bare(word)):
                yield name, _is_place(sentence, number)


def _bare(word: Word) -> str:
    return " ".join(word.text.split()).strip("\"“”‘’'")


_ANY = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
"""From where nothing is counted: what depends on it is left out."""


def _is_place(sentence: Sequence[Word], number: int) -> bool:
    word = sentence[number]
    if word.low.rpartition(" ")[2] in SITES:
        return True
    if number + 1 < len(sentence) and sentence[number + 1].tag in "'c":  # in Ana's eyes, to a Mozart concert
        return False
    before = [one for one in sentence[max(0, number - 4) : number] if one.tag not in "d"]
    if not before or before[-1].tag != "p":
        return False
    if before[-1].low in WITHIN:
        return before[-1].low != "by"
    return before[-1].low in TOWARDS and any(one.low in MOVEMENTS for one in before[:-1])


def _roles(sentences: Sequence[Sequence[Word]], speaker: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Places and people. A name is a place if it is named as one at least as often as otherwise."""
    as_place, otherwise = Counter[str](), Counter[str]()
    wording: dict[str, str] = {}
    for name, place in names(sentences):
        key = normalise(name)
        if not key or _names_occasion(key) or _is_numbered(key):
            continue
        wording.setdefault(key, name)
        (as_place if place else otherwise)[key] += 1
    for key in list(wording):  # "Mara" is Mara Velden, of whom the text tells
        longer = [one for one in wording if one != key and f" {key} " in f" {one} "]
        if len(longer) == 1:
            for counted in (as_place, otherwise):
                counted[longer[0]] += counted.pop(key, 0)
            del wording[key]
    own = normalise(speaker or "")
    places = [key for key in wording if as_place[key] and as_place[key] >= otherwise[key] and key != own]
    people = [key for key in wording if key not in places]
    order = {key: place for place, key in enumerate(wording)}
    places.sort(key=lambda key: (-as_place[key], order[key]))
    people.sort(key=lambda key: (-otherwise[key], order[key]))
    return tuple(wording[key] for key in places), tuple(wording[key] for key in people)


def _content(sentences: Sequence[Sequence[Word]]) -> Iterator[str]:
    for sentence in sentences:
        for phrase in phrases(sentence):
            if is_occasion(phrase.lower().rpartition(" ")[2]):
                yield phrase


def phrases(sentence: Sequence[Word]) -> Iterator[str]:
    """The noun phrases of a tagged sentence, names that are no place and no person among them, in order.

    "The poetry reading was long" has one that is tagged as a verb elsewhere: "a girl reading poetry".
    """
    read = [
        word._replace(tag="c") if word.tag == "v" and _is_noun_here(sentence, number) else word
        for number, word in enumerate(sentence)
    ]
    found = [(word.start, _bare(word)) for word in read if word.tag == "N" and _names_occasion(normalise(_bare(word)))]
    found += [(phrase.start, phrase.name) for phrase in noun_phrases(read)]
    return (name for _, name in sorted(found))


def _is_noun_here(sentence: Sequence[Word], number: int) -> bool:
    """A verb's form that names what is done, after a noun and without an object: "the mural painting was finished"."""
    word, after = sentence[number], sentence[number + 1].tag if number + 1 < len(sentence) else "."
    if number == 0 or sentence[number - 1].tag != "c":
        return False
    return (word.low in OCCASIONS and after not in "dNcr#") or (word.low.endswith(DOINGS) and after in ".,x&")


def _is_numbered(name: str) -> bool:
    """Whether a name is that of a part, "Chapter 2", which is nobody."""
    first, _, number = name.partition(" ")
    return first in NUMBERED and number.isdigit()


def _names_occasion(name: str) -> bool:
    """Whether a name is that of an occasion, "Fashion Show", and of no place: "Quince Market"."""
    head = name.rpartition(" ")[2]
    return is_occasion(head) and head not in SITES


def is_occasion(head: str) -> bool:
    """Whether a noun, in lower case, says that something takes place."""
    singular = head[:-1] if head.endswith("s") and not head.endswith("ss") else head
    if head in NOT_DOINGS or singular in NOT_DOINGS:
        return False
    return head in OCCASIONS or singular in OCCASIONS or singular.endswith(DOINGS)


def dated(moment: datetime, grain: Grain) -> str:
    """The date of an event as its heading has it: "7 May 2023", of what is told less exactly "May 2023" or "2023"."""
    if grain == Grain.YEAR:
        return str(moment.year)
    month = f"{MONTHS[moment.month - 1].capitalize()} {moment.year}"
    return month if grain in (Grain.MONTH, Grain.SEASON) else f"{moment.day} {month}"
