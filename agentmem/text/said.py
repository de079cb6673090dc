"""A text as the rules for times see it, and what they make of it."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from agentmem.text.calendar import Grain, Span
from agentmem.text.tense import Tense, tense_at, tenses

_SENTENCE_END = re.compile(r"[.!?\n]")
_WORD_BEFORE = re.compile(r"([\w'’]+)[\s(]*$")
_AHEAD = frozenset({"until", "till", "by", "starting", "beginning"})


class Anchor(StrEnum):
    """What a time is counted from."""

    CALENDAR = "calendar"  # told in full: 7 May 2023
    NEAREST = "nearest"  # told in part: in May, on Friday
    SAID = "said"  # counted from the moment it was said: yesterday


class Meaning(NamedTuple):
    """A time on the wall of whoever speaks."""

    span: Span
    grain: Grain
    anchor: Anchor = Anchor.SAID
    approximate: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A text, the same in lower case (character by character), and when it was said.

    Verbs are looked for once in a sentence, however many times it names: a text may be one sentence of any length.
    """

    text: str
    low: str
    at: datetime
    _starts: list[int] = field(default_factory=list, init=False, repr=False, compare=False)
    _told: dict[int, list[tuple[int, Tense]]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def now(self) -> datetime:
        """The moment as the speaker's wall shows it, without its zone."""
        return self.at.replace(tzinfo=None)

    def tense(self, start: int) -> Tense:
        """The tense of the sentence at a place."""
        if not self._starts:
            self._starts.extend((0, *(match.end() for match in _SENTENCE_END.finditer(self.low))))
        after = bisect_right(self._starts, start)
        first = self._starts[after - 1]
        if first not in self._told:
            end = self._starts[after] - 1 if after < len(self._starts) else len(self.low)
            self._told[first] = tenses(self.low[first:end])
        return tense_at(self._told[first], start - first)

    def word_before(self, start: int) -> str:
        """The word before a place, or nothing."""
        found = _WORD_BEFORE.search(self.low, max(0, start - 20), start)
        return found[1] if found else ""

    def ahead(self, start: int) -> bool:
        """Whether a time told in part, at a place, lies in the future."""
        word = self.word_before(start)
        tense = self.tense(start)
        return word != "since" and (tense == Tense.FUTURE or (word in _AHEAD and tense == Tense.PRESENT))

    def is_past(self, start: int) -> bool:
        """Whether the sentence at a place speaks of the past."""
        return self.tense(start) in (Tense.PAST, Tense.PERFECT)


def lower(text: str) -> str:
    """In lower case, character by character: a few letters would become two."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
