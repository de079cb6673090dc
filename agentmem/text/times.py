"""Time expressions in a question: months, years, days, and moments relative to now."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from agentmem.clock import to_micros
from agentmem.protocols import BoolArray, IntArray
from agentmem.text.calendar import Grain, Span, day
from agentmem.text.moments import Anchor, expressions
from agentmem.text.time_words import MONTH_NUMBERS

_MONTH_NAMES = MONTH_NUMBERS.keys() - {"mar"}  # which is a word, too
_MONTH = re.compile(rf"\b({'|'.join(sorted(_MONTH_NAMES, key=len, reverse=True))})\b", re.IGNORECASE)
_MONTH_IS_MEANT = re.compile(
    r"\b(?:in|of|on|late|early|mid|since|until|by|during|last|this|next|\d{1,2}(?:st|nd|rd|th)?)\s+(?:may|march)\b"
    r"|\b(?:may|march)\s*,?\s+(?:\d{4}|\d{1,2}(?:st|nd|rd|th)?)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b((?:19|20)\d\d)\b")
_TOLD = frozenset({Grain.DAY, Grain.WEEKEND, Grain.WEEK, Grain.MONTH, Grain.YEAR})
"""How exactly a time relative to now must be told. A season is no cue: what happened in it is often told much later."""


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
    months = {MONTH_NUMBERS[match[1].lower()] for match in _MONTH.finditer(text)}
    if months & {3, 5} and not _MONTH_IS_MEANT.search(text):
        months -= {3, 5}
    years = {int(match[1]) for match in _YEAR.finditer(text)}
    dated = bool(months and years)  # "last weekend before April 10, 2023" is not counted from now
    return DateCue(frozenset(months), frozenset(years), () if dated else tuple(_spans(text, now)))


def _spans(text: str, now: datetime) -> Iterator[Span]:
    """Times that are counted from now, up to the end of today: nothing was said later."""
    for told in expressions(text, now):
        if told.anchor != Anchor.SAID or told.grain not in _TOLD or told.since > now:
            continue
        if text[told.start : told.end].lower() != "tonight":  # which is still to come
            yield told.since, told.until if told.until <= now else min(told.until, day(now)[1])
