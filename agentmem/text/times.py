"""Time expressions in a question: months, years, days, and moments relative to now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from agentmem.clock import to_micros
from agentmem.protocols import BoolArray, IntArray

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH_NUMBERS = (
    {name: number for number, name in enumerate(_MONTHS, 1)}
    | {name[:3]: number for number, name in enumerate(_MONTHS, 1) if name not in ("may", "march")}
    | {"sept": 9}
)
_MONTH = re.compile(rf"\b({'|'.join(sorted(_MONTH_NUMBERS, key=len, reverse=True))})\b", re.IGNORECASE)
_MONTH_IS_MEANT = re.compile(
    r"\b(?:in|of|on|late|early|mid|since|until|by|during|last|this|next|\d{1,2}(?:st|nd|rd|th)?)\s+(?:may|march)\b"
    r"|\b(?:may|march)\s*,?\s+(?:\d{4}|\d{1,2}(?:st|nd|rd|th)?)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b((?:19|20)\d\d)\b")
_AGO = re.compile(r"\b(\d{1,3}|an?|one|two|three|four|five|six|seven)\s+(day|week|month|year)s?\s+ago\b", re.IGNORECASE)
_RELATIVE = re.compile(r"\b(yesterday|today|(?:last|this|past)\s+(?:week|weekend|month|year))\b", re.IGNORECASE)
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_SLACK = {"day": 0, "week": 3, "month": 15, "year": 100}

Span = tuple[datetime, datetime]
"""``[start, end)``."""


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


def date_cue(text: str, now: datetime) -> DateCue:
    """The times in a text: "in May 2023", "last week", "three days ago". The verbs may and march are left out."""
    months = {_MONTH_NUMBERS[match[1].lower()] for match in _MONTH.finditer(text)}
    if months & {3, 5} and not _MONTH_IS_MEANT.search(text):
        months -= {3, 5}
    years = {int(match[1]) for match in _YEAR.finditer(text)}
    spans = [_ago(match, now) for match in _AGO.finditer(text)]
    spans += [_relative(match[1].lower(), now) for match in _RELATIVE.finditer(text)]
    return DateCue(frozenset(months), frozenset(years), tuple(spans))


def _ago(match: re.Match[str], now: datetime) -> Span:
    unit = match[2].lower()
    count = int(match[1]) if match[1].isdigit() else _NUMBERS[match[1].lower()]
    day = _midnight(now) - timedelta(days=count * _DAYS[unit])
    return day - timedelta(days=_SLACK[unit]), day + timedelta(days=_SLACK[unit] + 1)


def _relative(phrase: str, now: datetime) -> Span:
    today = _midnight(now)
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    tomorrow = today + timedelta(days=1)
    which, _, unit = phrase.partition(" ")
    this = which == "this"
    match unit:
        case "week":
            return (monday, tomorrow) if this else (monday - timedelta(days=7), monday)
        case "weekend":
            return (monday + timedelta(days=5), monday + timedelta(days=7)) if this else (monday - timedelta(2), monday)
        case "month":
            return (first, tomorrow) if this else ((first - timedelta(days=1)).replace(day=1), first)
        case "year":
            january = first.replace(month=1)
            return (january, tomorrow) if this else (january.replace(year=january.year - 1), january)
    return (today, tomorrow) if which == "today" else (today - timedelta(days=1), today)


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
