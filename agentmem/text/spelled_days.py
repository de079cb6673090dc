"""Days that a question names in full, as the words by which a text names them: "3 May 2019", "May 03, 2019".

A document is not from the day that it tells of, so its time does not help; its words do.
"""

from __future__ import annotations

import re
from datetime import datetime

from agentmem.text.calendar import MONTHS, Grain
from agentmem.text.moments import Anchor, expressions
from agentmem.text.words import terms

SpelledDay = tuple[frozenset[str], ...]
"""Sets of terms: a text that names the day holds one of each."""

_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20|21)\d\d(?!\d)")
_SUFFIXES = ("", "st", "nd", "rd", "th")


def spelled_days(text: str, now: datetime) -> tuple[SpelledDay, ...]:
    """The days that a text names with their years, in order; ``now`` is when it was written."""
    if not _YEAR.search(text):
        return ()
    return tuple(
        _spelled(told.since.astimezone(now.tzinfo))
        for told in expressions(text, now)
        if told.grain == Grain.DAY and told.anchor == Anchor.CALENDAR
    )


def _spelled(day: datetime) -> SpelledDay:
    month = MONTHS[day.month - 1]
    numbers = [f"{number}{suffix}" for number in {str(day.day), f"{day.day:02}"} for suffix in _SUFFIXES]
    return tuple(frozenset(terms(" ".join(words))) for words in ((month, month[:3]), numbers, (str(day.year),)))
