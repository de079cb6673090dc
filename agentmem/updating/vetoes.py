"""Why two texts must not be merged, however alike they are.

Similar texts that say different things are what memory systems merge wrongly: they differ in a number, a "not", a
date, a name, or in whom they speak of, and an embedding hardly sees it. Each veto is a pure function of two texts and
answers with a reason, which holds none of their words, or ``None``. What only one side names is no difference: it may
be detail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from agentmem.text.entities import entities
from agentmem.text.phrases import normalise
from agentmem.text.statements import dates_meant
from agentmem.text.words import tokens
from agentmem.types import Memory
from agentmem.updating.dates import differ
from agentmem.updating.decision import Pair
from agentmem.updating.quantities import Quantity, quantities
from agentmem.updating.reading import folded, read, terms_of
from agentmem.updating.subjects import possessed, same_subject, subject_of

Veto = Callable[[str, str], str | None]

_NEGATIONS = frozenset("not no never none nobody nothing neither nor nowhere without hardly barely rarely".split())
_WISHES = frozenset(
    """may might could would should want wants wanted wish wishes hope hopes hoped plan plans planned planning intend
    intends dream dreams considering considers thinking might maybe perhaps almost nearly used if former formerly ex
    pretend pretends pretended""".split()
)
_LEADING = re.compile(r"^[^,]{1,60},\s+(?=[A-Z])")
_CLAUSE = re.compile(
    r"[,;:]|\b(?:because|which|who|that|since|although|though|when|while|after|before)\b", re.IGNORECASE
)
_HARMLESS = re.compile(
    r"\bcan not (?:stand|wait|help)\b|\bnot only\b|\bwould rather\b|\bno (?:doubt|wonder)\b", re.IGNORECASE
)
_TITLES = frozenset("mr mrs ms miss".split())


def numbers(first: str, second: str) -> str | None:
    """Both name numbers, and each has one that the other lacks; or the same number with another unit."""
    one, other = quantities(first), quantities(second)
    if not one or not other:
        return None
    missing = [q for q in one if not _held(q, other)], [q for q in other if not _held(q, one)]
    if missing[0] and missing[1]:
        return "differing numbers"
    return None


def negation(first: str, second: str) -> str | None:
    """One denies, the other does not."""
    return "negation on one side only" if _denies(first) != _denies(second) else None


def modality(first: str, second: str) -> str | None:
    """One speaks of a wish, a plan, a possibility or something past ("used to"), the other of what is."""
    return "a wish or possibility on one side only" if _wishes(first) != _wishes(second) else None


def dates(first: str, second: str) -> str | None:
    """Both name dates, weekdays or times of day, and they are not the same ones."""
    return "differing dates" if differ(read(first).dates, read(second).dates) else None


def names(first: str, second: str) -> str | None:
    """Each names somebody or something that the other does not."""
    titles = [{word for word in read(text).words if word in _TITLES} for text in (first, second)]
    if titles[0] and titles[1] and titles[0] != titles[1]:
        return "differing names"
    one, other = _names(first), _names(second)
    lacking = _unknown(one, other, second), _unknown(other, one, first)
    return "differing names" if lacking[0] and lacking[1] else None


def subjects(first: str, second: str) -> str | None:
    """They speak of different things: the subject of one is not even mentioned by the other, or they change places."""
    one, other = subject_of(first), subject_of(second)
    if one is None or other is None or same_subject(one, other):
        return None
    if not set(terms_of(one)) <= set(read(second).terms) or not set(terms_of(other)) <= set(read(first).terms):
        return "differing subjects"
    if sorted(read(first).terms) == sorted(read(second).terms) and not possessed(first) and not possessed(second):
        return "subject and object change places"
    return None


ALL: Sequence[Veto] = (numbers, negation, modality, dates, names, subjects)
"""In the order in which they are asked: the cheapest first."""


@lru_cache(maxsize=20_000)
def veto(first: str, second: str) -> str | None:
    """The first reason against merging two texts; ``None`` where there is none."""
    return next((reason for rule in ALL if (reason := rule(first, second)) is not None), None)


def veto_of(pair: Pair) -> str | None:
    """The same for two memories: whom they are known to speak of, and what "yesterday" meant, count too."""
    return subjects_known(pair) or moments(pair) or veto(pair.older.text, pair.newer.text)


def subjects_known(pair: Pair) -> str | None:
    """Both are known to be about somebody (or were said by somebody who says "I"), and not about the same."""
    one, other = subject_known(pair.older), subject_known(pair.newer)
    if one is None or other is None or same_subject(one, other):
        return None
    if one in _normal(pair.newer.text).split() or other in _normal(pair.older.text).split():
        return None
    return "differing subjects"


def moments(pair: Pair) -> str | None:
    """Both speak of "yesterday" or "last week", and mean different days, for they were said on different days."""
    older, newer = pair.older, pair.newer
    if not read(older.text).dates.others or not read(newer.text).dates.others:
        return None
    one, other = set(dates_meant(older.text, older.at)), set(dates_meant(newer.text, newer.at))
    return "differing dates" if one and other and not (one <= other or other <= one) else None


def subject_known(memory: Memory) -> str | None:
    """Whom a memory is about, where its metadata or its speaker's "I" says so; in normal form."""
    stated = memory.metadata.get("subject")
    return _known(memory.text, memory.speaker, stated if isinstance(stated, str) else None)


@lru_cache(maxsize=20_000)
def _known(text: str, speaker: str | None, stated: str | None) -> str | None:
    if stated is not None and stated.strip():
        return _normal(stated) or None
    if speaker and any(word in ("i", "my", "me", "we") for word in read(text).words):
        return _normal(speaker) or None
    return None


@lru_cache(maxsize=20_000)
def _normal(name: str) -> str:
    return normalise(folded(name))


def _held(quantity: Quantity, others: frozenset[Quantity]) -> bool:
    return any(
        quantity.value == other.value and (quantity.unit == other.unit or not quantity.unit or not other.unit)
        for other in others
    )


def _denies(text: str) -> bool:
    return any(word in _NEGATIONS for word in read(_main_clause(text)).words)


def _wishes(text: str) -> bool:
    return any(word in _WISHES for word in read(_main_clause(text)).words)


def _main_clause(text: str) -> str:
    """What comes before the first reason, relative clause or comma; without turns of phrase that only look negative."""
    return _HARMLESS.sub(" ", _CLAUSE.split(_LEADING.sub("", read(text).text), maxsplit=1)[0])


@lru_cache(maxsize=20_000)
def _names(text: str) -> frozenset[str]:
    """The words of its names, case-folded."""
    return frozenset(
        word
        for entity in entities(text)
        if entity.kind == "name"
        for word in tokens(entity.name)
        if len(word) > 1 and not word.isdigit() and word not in ("mr", "mrs", "ms", "dr", "the", "of")
    )


def _unknown(names_: frozenset[str], others: frozenset[str], text: str) -> set[str]:
    """The names that a text does not have, not even in lower case or longer or shorter."""
    words = set(tokens(text)) if names_ else set()
    return {
        name
        for name in names_
        if name.removesuffix("'s") not in words | {word.removesuffix("'s") for word in words}
        and not any(len(name) > 2 and len(o) > 2 and (name.startswith(o) or o.startswith(name)) for o in others)
    }
