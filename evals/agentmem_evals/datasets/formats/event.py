"""One event of an episodic book: a date, a place, a main person, what happened, and who else was there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

_MONTHS = """
January February March April May June July August September October November December
""".split()


def worded(day: date) -> str:
    """``February 09, 2031``, as the benchmark's dates are, in any locale."""
    return f"{_MONTHS[day.month - 1]} {day.day:02d}, {day.year}"


@dataclass(frozen=True, slots=True)
class Event:
    """What one chapter tells. ``time`` is ``day`` as the text words it."""

    chapter: int
    day: date
    time: str
    place: str
    person: str
    content: str
    companions: tuple[str, ...]
