"""Expressions of time in a text, and what they mean: "last weekend" said on a Monday is two days of the week before.

Own rules, for no library that was looked at (dateparser, parsedatetime, timefhuman, recurrent) knows periods such as
"last weekend" or "since 2016", says which characters it read and leaves "we may march on" alone. When in doubt an
expression is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

from agentmem.clock import aware
from agentmem.text.calendar import Grain, midnight
from agentmem.text.counted_times import READERS as COUNTED
from agentmem.text.named_times import READERS as NAMED
from agentmem.text.said import Anchor, Meaning, Said, lower
from agentmem.text.time_words import HINTS, PATTERN, WORDS

__all__ = ["Anchor", "Grain", "TimeExpression", "expressions"]

_READERS = {**COUNTED, **NAMED}
_MINUTE = timedelta(minutes=1)
_BESIDE = re.compile(r"\s*+,?\s*+(?:on|at|around|about)?\s*+")
"""What may stand between a day and the time of day."""


@dataclass(frozen=True, slots=True)
class TimeExpression:
    """A time that a text names.

    Attributes:
        start: where the expression begins, in code points.
        end: where it ends.
        since: the beginning of what it means, in UTC.
        until: the end of it, in UTC, exclusive; always later than ``since``.
        grain: how exactly the time is told.
        approximate: the borders are rough: "two weeks ago", "last summer".
        anchor: what it was counted from.
    """

    start: int
    end: int
    since: datetime
    until: datetime
    grain: Grain
    approximate: bool
    anchor: Anchor


def expressions(text: str, at: datetime) -> tuple[TimeExpression, ...]:
    """The times that a text names, in order; their spans do not overlap.

    Days are those of the time zone of ``at``, the moment the text was said. A date without its year, and a weekday, are
    the nearest in the past, or in the future where the verb says so. What lies outside the years 1 to 9999 is left out.

    Raises:
        InvalidInput: ``at`` has no time zone.
    """
    aware(at, "at")
    low = lower(text)
    if HINTS.isdisjoint(WORDS.findall(low)):
        return ()
    found = _with_time_of_day(list(_found(Said(text, low, at))), low)
    return tuple(told for one in found if (told := _told(one, at.tzinfo)) is not None)


class _Found(NamedTuple):
    start: int
    end: int
    meaning: Meaning
    clock: bool


def _found(said: Said) -> Iterator[_Found]:
    position = 0
    while match := PATTERN.search(said.low, position):
        position = match.start() + 1
        try:
            found = _READERS[str(match.lastgroup)](said, match)
        except (ValueError, OverflowError):  # no such day, or beyond the calendar
            continue
        if found is not None:
            yield _Found(match.start(), match.end(), found, match.lastgroup == "clock")
            position = match.end()


def _with_time_of_day(found: list[_Found], low: str) -> Iterator[_Found]:
    """A time of day joins the day beside it; alone it may be any day's, and is left out."""
    number = 0
    while number < len(found):
        one, after = found[number], found[number + 1] if number + 1 < len(found) else None
        number += 1
        if after is not None and _BESIDE.fullmatch(low, one.end, after.start) and _are_day_and_clock(one, after):
            clock, day = (one, after) if one.clock else (after, one)
            number += 1
            with suppress(OverflowError):  # the last day of the calendar, in a zone behind UTC
                start = day.meaning.span[0] + (clock.meaning.span[0] - midnight(clock.meaning.span[0]))
                span = start, start + _MINUTE
                yield _Found(one.start, after.end, day.meaning._replace(span=span, grain=Grain.MOMENT), clock=False)
        elif not one.clock:
            yield one


def _are_day_and_clock(one: _Found, other: _Found) -> bool:
    return one.clock != other.clock and Grain.DAY in (one.meaning.grain, other.meaning.grain)


def _told(found: _Found, zone: tzinfo | None) -> TimeExpression | None:
    """In UTC; nothing where that lies outside the calendar, or in an hour that clocks skipped."""
    meant = found.meaning
    try:
        since, until = (border.replace(tzinfo=zone).astimezone(UTC) for border in meant.span)
    except (ValueError, OverflowError):
        return None
    if not since < until:
        return None
    return TimeExpression(found.start, found.end, since, until, meant.grain, meant.approximate, meant.anchor)
