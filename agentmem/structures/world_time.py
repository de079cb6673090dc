"""The world time of a derived memory: what its statement says of when it is true, as a row can hold it.

A row is found while ``valid_from <= moment < valid_to``; a search without ``as_of`` shows what has not ended. So a row
tells from when to when its *sentence* is true, which is not always the interval it speaks of:

- "Ana lived in Rome from 2010 to 2015" is true to tell ever after. It is valid from 2010 on, without an end: whoever
  asks where Ana lived before finds it. The same holds for "used to".
- "Ana will move to Ghent in June", said in May, is true from May on: a plan is a plan when it is made.
- "Ana is in Rome until Friday" ends with Friday.

The interval it speaks of is kept in the metadata, under :data:`HOLDS`, where the row alone would not tell it;
:func:`period` reads it back, for whoever compares what two memories claim.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from agentmem.text.intervals import Validity, validity
from agentmem.text.moments import expressions
from agentmem.types import Memory

WHEN = "when"
"""Metadata: the times that the statement names, as ISO 8601 intervals, ``2023-05-07/2023-05-08``."""
HOLDS = "holds"
"""Metadata: the interval it speaks of, the same way; an open border is ``..``."""


@dataclass(frozen=True, slots=True)
class WorldTime:
    """What a row gets. ``valid_from`` is ``None`` where the moment it was said stands in for it."""

    valid_from: datetime | None = None
    valid_to: datetime | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)


def world_time(text: str, at: datetime, told: str | None = None) -> WorldTime:
    """The world time of a statement said at a moment.

    Args:
        text: the statement.
        at: when it was said.
        told: when it happens, as a model gave it (``2024-05-07``, ``2024-05``, ``2024``, ``2024-05-01/2024-05-07``, or
            words); it wins over the text, unless that tells an end. What cannot be read does not count.

    Raises:
        InvalidInput: ``at`` has no time zone.
    """
    found = expressions(text, at)
    said = validity(text, at, found)
    spans = [(one.since, one.until) for one in found]
    if told is not None and (span := _read(told, at)) is not None:
        spans = [span, *(one for one in spans if one != span)]
        if said.valid_to is None:
            said = Validity(span[0], None, stated=True)
    metadata: dict[str, object] = {WHEN: list(dict.fromkeys(iso_interval(*span) for span in spans))} if spans else {}
    if not said.stated:
        return WorldTime(metadata=metadata)
    here = at.astimezone(UTC)
    since = None if said.valid_from is None or said.valid_from >= here else said.valid_from
    until = None if said.valid_to is None or said.valid_to <= here else said.valid_to
    if (since or here, until) != (said.valid_from, said.valid_to):
        metadata[HOLDS] = iso_interval(said.valid_from, said.valid_to)
    return WorldTime(since, until, metadata)


def period(memory: Memory) -> Validity:
    """The interval that a memory speaks of: that of its metadata where there is one, else its own.

    Two memories whose periods do not overlap (:func:`agentmem.text.intervals.overlap`) do not conflict.
    """
    if HOLDS in memory.metadata:
        try:
            return Validity(*read_interval(str(memory.metadata[HOLDS])), stated=True)
        except ValueError:  # not ours
            pass
    return Validity(memory.valid_from, memory.valid_to, stated=memory.valid_from != memory.at)


def _read(told: str, at: datetime) -> tuple[datetime, datetime] | None:
    """A period in figures or words; of several, from the first to the last."""
    parts = told.split("/") if told.count("/") == 1 else [told]
    found = [one for part in parts for one in expressions(f"in {part}" if part.strip().isdigit() else part, at)]
    if not found:
        return None
    span = found[0].since, found[-1].until
    return span if span[0] < span[1] else (found[0].since, found[0].until)


def iso_interval(since: datetime | None, until: datetime | None) -> str:
    """An interval as the metadata have it: ``2023-05-07/2023-05-08``, an open border as ``..``."""
    return f"{_written(since)}/{_written(until)}"


def read_interval(written: str) -> tuple[datetime | None, datetime | None]:
    """What :func:`iso_interval` wrote, in UTC.

    Raises:
        ValueError: it is none.
    """
    since, _, until = written.partition("/")
    return _moment(since), _moment(until)


def _written(moment: datetime | None) -> str:
    """A day where the moment is the beginning of one."""
    if moment is None:
        return ".."
    if (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0):
        return f"{moment:%Y-%m-%d}".rjust(10, "0")
    return moment.isoformat().replace("+00:00", "Z")


def _moment(written: str) -> datetime | None:
    if written == "..":
        return None
    moment = datetime.fromisoformat(written)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
