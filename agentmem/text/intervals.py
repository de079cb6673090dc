"""From when to when a statement is true in the world, as far as it says so itself.

A *state* that is said to have ended, or to end, has both borders: "I lived in Rome from 2010 to 2015". An *event* has
only its beginning: "Ana went hiking yesterday" is true to tell from yesterday on, for ever. Nothing is guessed: a
statement that does not clearly say when it is true is true from the moment it was said on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from agentmem.clock import aware
from agentmem.text.calendar import WEEK, Grain, plus_months
from agentmem.text.counted_times import amount, back
from agentmem.text.moments import Anchor, TimeExpression, expressions
from agentmem.text.said import lower
from agentmem.text.tense import Tense, is_about_now, tense_at, tenses
from agentmem.text.time_words import COUNT, UNIT

_TO = re.compile(r"\s*(?:to|until|till|through|thru|[-–—])\s*(?:about\s+|around\s+)?")
_AND = re.compile(r"\s*(?:to|and|[-–—])\s*")
_WORDS_BEFORE = re.compile(
    r"(?:(?<![\w'’])([\w'’]+)\s+)?(?<![\w'’])([\w'’]+)\s+(?:(?:about|around|the\s+(?:end|beginning|start)\s+of)\s+)?$"
)
_USED_TO = re.compile(r"(?:([\w'’]+)\s+)?\bused\s+to\b(?!\s+(?:the|a|an|it|this|that|my|\w+ing)\b)")
_BEING = frozenset(
    {"am", "is", "are", "was", "were", "be", "been", "being", "get", "gets", "got", "getting", "become", "became"}
    | {"so", "really", "not", "more", "quite", "what"}
)
"""Before "used to": a habit, not a past."""
_FOR = re.compile(
    rf"\bfor\s+(?:about\s+|around\s+|almost\s+|nearly\s+|over\s+|more\s+than\s+)?({COUNT})\s+({UNIT})s?\b"
)
_NEGATION = re.compile(r"\b(?:not|never|no)\b|n['’]t\b")
_DEADLINES = frozenset({"by", "before", "after", "until", "till", "than", "about", "of"})
_FROM_ON = re.compile(r"\s+(?:on|onwards?|forward)\b")
_NOW = re.compile(r"\s*(?:to|until|till|[-–—])\s*(?:now|today|the\s+present)\b")


class Interval(Protocol):
    """What has a beginning and an end, exclusive; ``None`` is open."""

    @property
    def valid_from(self) -> datetime | None:
        """Since when."""

    @property
    def valid_to(self) -> datetime | None:
        """Until when."""


@dataclass(frozen=True, slots=True)
class Validity:
    """When something is true: ``[valid_from, valid_to)`` in UTC.

    Attributes:
        valid_from: ``None``: since an unknown moment.
        valid_to: ``None``: no end is known.
        stated: the statement says so; otherwise it is only known to be true when it was said.
    """

    valid_from: datetime | None
    valid_to: datetime | None
    stated: bool


def overlap(one: Interval, other: Interval) -> bool:
    """Whether two intervals have a moment in common. What has none cannot contradict."""
    return _before(one.valid_from, other.valid_to) and _before(other.valid_from, one.valid_to)


def _before(start: datetime | None, end: datetime | None) -> bool:
    return start is None or end is None or start < end


def validity(text: str, at: datetime, told: Sequence[TimeExpression] | None = None) -> Validity:
    """When a statement, said at a moment, is true.

    - "lived there from 2010 to 2015": that interval; its last year (month, day) belongs to it.
    - "lived there until March", "used to work there": an unknown beginning; an end at March's end, or when it was said.
    - "is here until Friday": from when it was said to the end of Friday.
    - "since 2016", "has played for two years": from then on.
    - "starts next Monday", "will move in June": from that Monday, from June on.
    - "went hiking yesterday", "moved last month": from the beginning of that time on.
    - anything else, and whatever is denied until some time: from ``at`` on, not ``stated``.

    Args:
        text: one statement.
        at: when it was said.
        told: its times (:func:`agentmem.text.moments.expressions`), where they are known.

    Raises:
        InvalidInput: ``at`` has no time zone.
    """
    said = aware(at, "at")
    statement = _Statement(text, at, tuple(expressions(text, at) if told is None else told))
    if not statement.told and "used" not in statement.low and _FOR.search(statement.low) is None:
        return Validity(said, None, stated=False)
    for rule in _RULES:
        found = rule(statement)
        if found is not None and (found.valid_from, found.valid_to) != (None, None) and _is_interval(found):
            return found
    return Validity(said, None, stated=False)


def _is_interval(found: Validity) -> bool:
    return found.valid_from is None or found.valid_to is None or found.valid_from < found.valid_to


class _Statement:
    """A statement with its times, and the tenses of its verbs."""

    def __init__(self, text: str, at: datetime, told: tuple[TimeExpression, ...]) -> None:
        self.at = at
        self.said = aware(at, "at")
        self.told = told
        self.low = lower(text)
        self._tenses: list[tuple[int, Tense]] | None = None

    def tense(self, start: int) -> Tense:
        if self._tenses is None:
            self._tenses = tenses(self.low)
        return tense_at(self._tenses, start)

    def before(self, told: TimeExpression) -> tuple[str, str]:
        """The two words before a time."""
        found = _WORDS_BEFORE.search(self.low, max(0, told.start - 40), told.start)
        return (found[1] or "", found[2]) if found else ("", "")


def _range(said: _Statement) -> Validity | None:
    """From X to Y; between X and Y."""
    for first, last in zip(said.told, said.told[1:], strict=False):
        _, before = said.before(first)
        between = said.low[first.end : last.start]
        years = between.strip() in ("-", "–", "—") and first.grain == last.grain == Grain.YEAR
        if years or (before == "from" and _TO.fullmatch(between)) or (before == "between" and _AND.fullmatch(between)):
            tense = said.tense(first.start)
            habit = tense == Tense.PRESENT and {first.grain, last.grain} & {Grain.DAY, Grain.MOMENT}
            return None if habit else _in_order(first, last, forward=tense == Tense.FUTURE)
    return None


def _in_order(first: TimeExpression, last: TimeExpression, *, forward: bool) -> Validity | None:
    """A range as one stretch of time; borders without a year, or weekdays, were each the nearest of their kind."""
    since, until = first.since, last.until
    try:
        if first.anchor == Anchor.NEAREST and last.anchor == Anchor.CALENDAR:
            since = plus_months(since, 12 * (last.since.year - since.year))
            since = plus_months(since, -12) if since > last.since else since
        elif until <= since and first.anchor == last.anchor == Anchor.NEAREST:
            weekdays = first.grain == last.grain == Grain.DAY and since - until < WEEK
            if forward:
                until = until + WEEK if weekdays else plus_months(until, 12)
            else:
                since = since - WEEK if weekdays else plus_months(since, -12)
    except (ValueError, OverflowError):
        return None
    return Validity(since, until, stated=True)


def _until(said: _Statement) -> Validity | None:
    for told in said.told:
        earlier, before = said.before(told)
        if before not in ("until", "till") and (earlier, before) != ("up", "to"):
            continue
        if _NEGATION.search(said.low[: told.start]):
            return Validity(said.said, None, stated=False)  # "not until June" tells a beginning, of the opposite
        end = told.since if told.grain == Grain.MOMENT else told.until
        if said.tense(told.start) == Tense.PAST:
            return Validity(None, min(end, said.said), stated=True)
        return Validity(said.said, end, stated=True) if end > said.said else None
    return None


def _used_to(said: _Statement) -> Validity | None:
    found = _USED_TO.search(said.low)
    if found is None or (found[1] or "").rpartition("'")[2] in _BEING | {"m", "re", "s", "t"}:
        return None
    return Validity(None, said.said, stated=True)


def _since(said: _Statement) -> Validity | None:
    for told in said.told:
        _, before = said.before(told)
        to_now = before == "from" and _NOW.match(said.low, told.end)
        lasting = before in ("for", "throughout") and said.tense(told.start) == Tense.PERFECT
        lasting = lasting and told.since < said.said < told.until
        if (before == "since" or to_now or lasting) and told.since <= said.said:
            return Validity(told.since, None, stated=True)
    return None


def _for_so_long(said: _Statement) -> Validity | None:
    """Has (done, been) for two years: since two years, at least."""
    found = _FOR.search(said.low)
    if found is None or said.tense(found.start()) != Tense.PERFECT:
        return None
    least, _ = amount(found[1])
    try:
        since = back(said.at.replace(tzinfo=None), found[2], least).replace(tzinfo=said.at.tzinfo)
        return Validity(aware(since, "since"), None, stated=True)
    except (ValueError, OverflowError):
        return None


def _starting(said: _Statement) -> Validity | None:
    for told in said.told:
        earlier, before = said.before(told)
        if before in ("on", "in", "from"):
            before = earlier if earlier in ("starting", "beginning") else before
        ahead = before in ("starting", "beginning") or (earlier, before) == ("as", "of")
        if (ahead or (before == "from" and _FROM_ON.match(said.low, told.end))) and told.until > said.said:
            return Validity(told.since, None, stated=True)
    return None


def _to_come(said: _Statement) -> Validity | None:
    for told in said.told:
        if told.since > said.said and said.tense(told.start) == Tense.FUTURE and said.before(told)[1] not in _DEADLINES:
            return Validity(told.since, None, stated=True)
    return None


def _happened(said: _Statement) -> Validity | None:
    if is_about_now(said.low):
        return None
    for told in said.told:
        past = said.tense(told.start) in (Tense.PAST, Tense.PERFECT)
        if past and told.since <= said.said and said.before(told)[1] not in _DEADLINES:
            return Validity(told.since, None, stated=True)
    return None


_RULES: tuple[Callable[[_Statement], Validity | None], ...] = (
    _range,
    _until,
    _used_to,
    _since,
    _for_so_long,
    _starting,
    _to_come,
    _happened,
)
"""The first that applies decides."""
