"""The lines of a profile by rules: which facts tell most of somebody, and what each of them is about.

A fact that fills a slot (where somebody lives, works, ...) goes first, the newest of each slot; others are weighed by
how often they were told, how new they are, and how much they say.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agentmem.structures.world_time import WHEN
from agentmem.text.phrases import normalise
from agentmem.text.words import stem, terms
from agentmem.types import Memory
from agentmem.updating.slots import slots_of

GROUPS = ("about", "home", "work", "family", "health", "tastes", "plans", "also")
"""What lines are about, in the order in which they stand; "work" holds studies, "family" friends and animals too."""

_HALF_LIFE = timedelta(days=180)
_FULL = 8  # content words from which on a fact loses nothing for being short
_BESIDE = 0.4  # what a fact counts that does not begin with its subject: it says less of it
_BY_SLOT = {
    "name": "about", "age": "about", "height": "about", "home": "home", "place": "home", "employer": "work",
    "role": "work", "work": "work", "studies at": "work", "major": "work", "partner": "family",
    "relationship": "family", "health": "health", "weight": "health", "diet": "health", "favourite": "tastes",
}  # fmt: skip
_ADVERBS = r"(?:(?:also|really|just|still|now|always|even|\w+ly|is|has been|have been)\s+)*"
_PLAN = re.compile(
    rf"{_ADVERBS}(?:plans?|planning|hopes?|hoping|wants? to|intends?|aims?|dreams? of|would like to|going to"
    r"|considering|thinking (?:of|about)|looking (?:forward|into))\b",
    re.IGNORECASE,
)
_TASTE = re.compile(
    rf"{_ADVERBS}(?:likes?|loves?|enjoys?|prefers?|hates?|dislikes?|adores?|(?:a |an )?(?:big |huge )?fan of"
    r"|passionate about|fond of|into)\b",
    re.IGNORECASE,
)
_WORDS = {
    "family": "husband wife partner brother sister mother father mom mum dad son daughter kid child children family "
    "parent cousin aunt uncle grandma grandmother grandpa grandfather married wedding friend dog cat pet puppy kitten "
    "niece nephew boyfriend girlfriend fiance baby",
    "health": "doctor hospital sick ill illness injury injured therapy therapist allergic allergy diet surgery pain "
    "medicine health migraine asthma diabetes vegan vegetarian anxiety depression",
    "work": "job work career company office boss colleague business study student university college course degree "
    "school teacher nurse engineer manager salary promotion internship startup shop store client customer",
    "home": "live house apartment flat home neighbourhood neighborhood rent garden moved",
}
_STEMS = {group: frozenset(stem(word) for word in words.split()) for group, words in _WORDS.items()}


@dataclass(frozen=True, slots=True)
class Line:
    """Some sentences of a group, and the facts they come from."""

    group: str
    text: str
    facts: tuple[Memory, ...]


def telling(
    facts: Sequence[Memory], subject: str, repeated: Mapping[str, int], present: datetime, most: int
) -> list[Memory]:
    """The facts of a subject (its normal form) that tell most, at most so many, best first; each text once.

    What was planned for a time that has passed is left out.
    """
    newest = max((fact.at for fact in facts), default=present)
    filled: dict[str, Memory] = {}
    weights: dict[str, float] = {}
    for fact in sorted(facts, key=lambda fact: (fact.valid_from, fact.text), reverse=True):
        if _passed(fact, subject, present):
            continue
        own = 1.0 if _said_of(fact, subject) else _BESIDE
        weights[fact.id] = own * _weight(fact, repeated.get(fact.id, 0), newest)
        for slot in _slots(fact, subject):
            if slot not in filled:
                filled[slot] = fact
    first = {fact.id for fact in filled.values()}
    ranked = sorted(
        (fact for fact in facts if fact.id in weights),
        key=lambda fact: (fact.id not in first, -weights[fact.id], -fact.at.timestamp(), fact.text),
    )
    return list({normalise(fact.text): fact for fact in reversed(ranked)}.values())[::-1][:most]


def lines_of(facts: Sequence[Memory], subject: str, most: int) -> list[Line]:
    """The facts, best first, as lines: one for each group, of at most so many sentences, in order of time."""
    groups: dict[str, list[Memory]] = {}
    for fact in facts:
        same = groups.setdefault(group_of(fact, subject), [])
        if len(same) < most:
            same.append(fact)
    found = []
    for group in GROUPS:
        same = sorted(groups.get(group, ()), key=lambda fact: (fact.valid_from, fact.text))
        if same:
            found.append(Line(group, " ".join(_sentence(fact.text) for fact in same), tuple(same)))
    return found


def group_of(fact: Memory, subject: str) -> str:
    """What a fact of a subject is about, one of :data:`GROUPS`."""
    for slot in _slots(fact, subject):
        if (group := _BY_SLOT.get(slot.partition(":")[0])) is not None:
            return group
    said = _said_of(fact, subject) or ""
    if _PLAN.match(said):
        return "plans"
    if _TASTE.match(said):
        return "tastes"
    words = set(terms(fact.text))
    return next((group for group, stems in _STEMS.items() if words & stems), "also")


def _said_of(fact: Memory, subject: str) -> str | None:
    """What follows the subject where a fact begins with it."""
    words = fact.text.split()
    name = subject.split()
    return " ".join(words[len(name) :]) if [normalise(word) for word in words[: len(name)]] == name else None


def _slots(fact: Memory, subject: str) -> list[str]:
    return [
        filled.slot.predicate for filled in slots_of(fact) if filled.slot.subject == subject and not filled.fleeting
    ]


def _weight(fact: Memory, repeated: int, newest: datetime) -> float:
    age = max(newest - fact.at, timedelta(0)) / _HALF_LIFE
    substance = min(1.0, len(set(terms(fact.text))) / _FULL)
    return (1.0 + math.log1p(repeated)) * math.pow(0.5, age) * (0.5 + 0.5 * substance)


def _passed(fact: Memory, subject: str, present: datetime) -> bool:
    """Whether it is a plan, and all times that it names are over."""
    times = fact.metadata.get(WHEN)
    if not isinstance(times, list | tuple) or not times or not _PLAN.match(_said_of(fact, subject) or ""):
        return False
    ends = [str(time).partition("/")[2] for time in times]
    return all(end[:1].isdigit() and end[:10] <= f"{present:%Y-%m-%d}" for end in ends)


def _sentence(text: str) -> str:
    plain = " ".join(text.split())
    return plain if plain.endswith((".", "!", "?", "…", "。")) else f"{plain}."
