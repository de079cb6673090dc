"""Time expressions in a question: months, years and days that name when something happened."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH_NUMBERS = (
    {name: number for number, name in enumerate(_MONTHS, 1)}
    | {name[:3]: number for number, name in enumerate(_MONTHS, 1) if name != "may"}
    | {"sept": 9}
)
_MONTH = re.compile(rf"\b({'|'.join(sorted(_MONTH_NUMBERS, key=len, reverse=True))})\b\.?", re.IGNORECASE)
_MAY_IS_A_MONTH = re.compile(
    r"\b(?:in|of|on|late|early|mid|since|until|by|during|last|this|next|\d{1,2}(?:st|nd|rd|th)?)\s+may\b"
    r"|\bmay\s*,?\s+(?:\d{4}|\d{1,2}(?:st|nd|rd|th)?\b)",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b((?:19|20)\d\d)\b")
_DAY = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th)?\b(?!\s*(?::|am|pm|%|years?|days?|weeks?|months?|times?))", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class DateCue:
    """The calendar parts a question names. Empty sets constrain nothing; days mean something with a month only."""

    years: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.years or self.months)


def date_cue(text: str) -> DateCue:
    """The months, years and days of the month in a text ("in May 2023", "on 3 July"); ``may`` the verb is left out."""
    months = {_MONTH_NUMBERS[match[1].lower()] for match in _MONTH.finditer(text)}
    if 5 in months and not _MAY_IS_A_MONTH.search(text):
        months.discard(5)
    years = {int(match[1]) for match in _YEAR.finditer(text)}
    days = {int(match[1]) for match in _DAY.finditer(text) if 1 <= int(match[1]) <= 31} if months else set()
    return DateCue(frozenset(years), frozenset(months), frozenset(days))
