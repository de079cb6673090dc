"""When two memories speak of the same time.

Graphiti's guard (Rasmussen et al. 2025, "Zep", section 2.2.3, and its code): facts whose intervals do not overlap never
conflict, and only an earlier fact is ended by a later one.
"""

from __future__ import annotations

from datetime import datetime

from agentmem.structures.world_time import period
from agentmem.text import intervals
from agentmem.types import Memory


def overlap(first: Memory, second: Memory) -> bool:
    """Whether both are true at some moment, and speak of it.

    Intervals are ``[valid_from, valid_to)``; an empty one overlaps nothing. "She lived in Rome from 2010 to 2015" is
    true to tell ever after, but speaks of those years only.
    """
    both_true = _begins_before_end(first, second) and _begins_before_end(second, first)
    return both_true and intervals.overlap(period(first), period(second))


def is_later(newer: Memory, older: Memory) -> bool:
    """Whether the newer begins no earlier than the older, and speaks of a time that was not over when it was said.

    What is told late about long ago never ends a later truth.
    """
    spoken_of = period(newer)
    is_over = spoken_of.valid_to is not None and spoken_of.valid_to <= newer.at
    return newer.valid_from >= older.valid_from and not is_over


def end_at(older: Memory, newer: Memory) -> datetime:
    """When the older stops being true because of the newer; never before it began."""
    return max(older.valid_from, newer.valid_from)


def _begins_before_end(one: Memory, other: Memory) -> bool:
    return other.valid_to is None or (one.valid_from < other.valid_to and other.valid_from < other.valid_to)
