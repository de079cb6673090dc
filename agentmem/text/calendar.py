"""Days, weeks, months and longer as half-open spans of a calendar.

A week begins on Monday; seasons are those of the north, by whole months (summer is June to August), for that is what
most speakers of English mean.

Moments are naive: they are read on the wall of whoever speaks. What lies outside the years 1 to 9999 raises
``ValueError`` or ``OverflowError``; so does a day that its month does not have.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime, timedelta
from enum import StrEnum

Span = tuple[datetime, datetime]
"""``[start, end)``."""

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


class Grain(StrEnum):
    """How exactly a time is told."""

    MOMENT = "moment"
    DAY = "day"
    WEEKEND = "weekend"
    WEEK = "week"
    MONTH = "month"
    SEASON = "season"
    YEAR = "year"
    DECADE = "decade"


MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SEASONS = {"spring": 3, "summer": 6, "fall": 9, "autumn": 9, "winter": 12}
"""The month in which each begins."""


def midnight(moment: datetime) -> datetime:
    """The beginning of its day."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def day(moment: datetime) -> Span:
    """The day of a moment."""
    start = midnight(moment)
    return start, start + DAY


def week(moment: datetime) -> Span:
    """Its week, from Monday on."""
    monday = midnight(moment) - moment.weekday() * DAY
    return monday, monday + WEEK


def weekend(moment: datetime) -> Span:
    """Saturday and Sunday of its week."""
    _, monday = week(moment)
    return monday - 2 * DAY, monday


def month(year: int, number: int) -> Span:
    """A month; numbers below 1 and above 12 count on into other years."""
    start = _first(year, number)
    return start, _first(year, number + 1)


def season(year: int, name: str) -> Span:
    """A season that begins in a year."""
    return _first(year, SEASONS[name]), _first(year, SEASONS[name] + 3)


def years(first: int, count: int = 1) -> Span:
    """So many years from the first one on."""
    return datetime(first, 1, 1), datetime(first + count, 1, 1)  # noqa: DTZ001 - naive, as said above


def plus_months(moment: datetime, count: int) -> datetime:
    """The same day so many months later, or the last day of a month that is shorter."""
    first = _first(moment.year, moment.month + count)
    last = monthrange(first.year, first.month)[1]
    return moment.replace(year=first.year, month=first.month, day=min(moment.day, last))


def _first(year: int, number: int) -> datetime:
    return datetime(year + (number - 1) // 12, (number - 1) % 12 + 1, 1)  # noqa: DTZ001
