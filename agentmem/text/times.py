"""Time expressions in a question: months, years, days, and moments relative to now."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from agentmem.clock import to_micros
from agentmem.protocols import BoolArray, IntArray
from agentmem.text.calendar import Grain, Span, day
from agentmem.text.moments import Anchor, TimeExpression, expressions
from agentmem.text.time_words import MONTH_NUMBERS

_WORDS_TOO = frozenset({"may", "march"})
"""Months that mean something else unless what stands beside them says otherwise."""
_NAMES = "|".join(sorted(MONTH_NUMBERS.keys() - {"mar"}, key=len, reverse=True))  # mar is a word, too
_MONTH = re.compile(rf"\b({_NAMES})\b", re.IGNORECASE)
_DATING = (
    r"(?:in|of|on|late|early|mid|since|until|till|by|during|last|this|next|from|between|to|through|before|after"
    r"|\d{1,2}(?:st|nd|rd|th)?)\s+$"
)
_BEFORE_MONTH = re.compile(rf"\b{_DATING}", re.IGNORECASE)
_AFTER_MONTH = re.compile(r"\s*,?\s+(?:\d{4}|\d{1,2}(?:st|nd|rd|th)?)\b", re.IGNORECASE)
_RANGE = re.compile(
    rf"\b(?:between|from)\s+({_NAMES})\s+(?:\d{{4}}\s+)?(?:and|to|until|till|through)\s+({_NAMES})\b", re.IGNORECASE
)
_YEAR = re.compile(r"\b((?:19|20)\d\d)\b")
_TOLD = frozenset({Grain.DAY, Grain.WEEKEND, Grain.WEEK, Grain.MONTH, Grain.YEAR})
"""How exactly a time relative to now must be told. A season is no cue: what happened in it is often told much later."""
_BOUND = re.compile(
    r"(?<!day )(?<!night )(?<!week )(?<!weekend )(?<!month )(?<!year )(?<!morning )(?<!evening )"
    r"\b(before|until|till|after|since)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
"""What makes a date a bound. "The week before 9 June" is no span up to it."""
_NEAR = 24
"""How many characters before a date are looked at."""
_BOUNDING = frozenset({Grain.DAY, Grain.MONTH, Grain.YEAR})
_EARLIEST = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DateCue:
    """The times a question names: calendar months (of ``years``, where it names some), and spans relative to now.

    A year alone constrains too little to be a cue.
    """

    months: frozenset[int] = frozenset()
    years: frozenset[int] = frozenset()
    spans: tuple[Span, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.months or self.spans)

    def covers(self, moment: datetime) -> bool:
        """Whether a moment lies in a time that is named."""
        return bool(self.covered(np.array([to_micros(moment)], dtype=np.int64))[0])

    def covered(self, at: IntArray) -> BoolArray:
        """Which of these moments, in microseconds since 1970, lie in a time that is named."""
        months = at.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
        found: BoolArray = np.isin(months % 12 + 1, list(self.months))
        if self.years:
            found &= np.isin(months // 12 + 1970, list(self.years))
        for start, end in self.spans:
            found |= (at >= to_micros(start)) & (at < to_micros(end))
        return found


def _nobodys(_word: str) -> bool:
    return False


def date_cue(text: str, now: datetime, is_name: Callable[[str], bool] = _nobodys) -> DateCue:
    """The times in a text: "in May 2023", "last week", "before June". The verbs may and march are left out.

    Args:
        text: a question.
        now: when it is asked; days are those of its time zone.
        is_name: whether a word that is a month's name, too, is somebody's: then it is a month only in a date.
    """
    told = expressions(text, now)
    bounded = {one: span for one in told if (span := _bounded(one, text, now)) is not None}
    taken = [one for one in told if one in bounded or one.anchor == Anchor.SAID]  # in order, and not overlapping
    starts = [one.start for one in taken]
    months = set()
    for start, number in _months(text, is_name):
        place = bisect_right(starts, start) - 1
        if place < 0 or start >= taken[place].end:
            months.add(number)
    months |= {
        one.since.astimezone(now.tzinfo).month
        for one in told
        if one.anchor == Anchor.CALENDAR and one.grain in (Grain.DAY, Grain.MONTH) and one not in bounded
    }
    years = {int(match[1]) for match in _YEAR.finditer(text)}
    if months and years:  # "last weekend before April 10, 2023" is not counted from now
        return DateCue(frozenset(months), frozenset(years), tuple(bounded.values()))
    return DateCue(frozenset(months), frozenset(years), (*bounded.values(), *_spans(told, text, now)))


def named_months(text: str, is_name: Callable[[str], bool]) -> frozenset[str]:
    """The words of a text, in lower case, that stand for months in it: see :func:`date_cue`."""
    starts = [start for start, _number in _months(text, is_name)]
    return frozenset(match[1].lower() for start in starts if (match := _MONTH.match(text, start)))


def _months(text: str, is_name: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    """Where months are named, and their numbers; of a range, those between."""
    for match in _MONTH.finditer(text):
        word = match[1]
        if word.lower() in _WORDS_TOO or is_name(word):
            begin = match.start()
            if not (_BEFORE_MONTH.search(text, max(0, begin - _NEAR), begin) or _AFTER_MONTH.match(text, match.end())):
                continue
        if not _BOUND.search(text, max(0, match.start() - _NEAR), match.start()):
            yield match.start(), MONTH_NUMBERS[word.lower()]
    for match in _RANGE.finditer(text):
        first, last = (MONTH_NUMBERS[match[group].lower()] for group in (1, 2))
        for number in range(first, last if first <= last else last + 12):
            yield match.start(1), (number - 1) % 12 + 1


def _bounded(told: TimeExpression, text: str, now: datetime) -> Span | None:
    """What lies before or after a date that is a bound; ``None`` if it is none."""
    if told.grain not in _BOUNDING or told.anchor == Anchor.SAID:
        return None
    found = _BOUND.search(text, max(0, told.start - _NEAR), told.start)
    if found is None:
        return None
    match found[1].lower():
        case "before":
            return _EARLIEST, told.since
        case "after":
            return told.until, max(told.until, day(now)[1])
        case "since":
            return told.since, max(told.until, day(now)[1])
        case _:
            return _EARLIEST, told.until


def _spans(found: Iterable[TimeExpression], text: str, now: datetime) -> Iterator[Span]:
    """Times that are counted from now, up to the end of today: nothing was said later."""
    for told in found:
        if told.anchor != Anchor.SAID or told.grain not in _TOLD or told.since > now:
            continue
        if text[told.start : told.end].lower() != "tonight":  # which is still to come
            yield told.since, told.until if told.until <= now else min(told.until, day(now)[1])
