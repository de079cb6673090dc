"""Which memories give way when there are too many, and which of those retired long ago may be destroyed."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from agentmem.forgetting.standing import NEVER, Floats, Standing
from agentmem.protocols import BoolArray, IntArray

_MICROSECOND = timedelta(microseconds=1)
_LONG = 2**62  # more microseconds than the calendar has


def weakest_first(chosen: IntArray, priorities: Floats, standing: Standing) -> IntArray:
    """The chosen indices by rising priority; among equals the older first, then the lower row."""
    rows = chosen if standing.rows is None else standing.rows[chosen]
    return chosen[np.lexsort((rows, standing.at[chosen], priorities[chosen]))]


def giving_way(
    standing: Standing,
    priorities: Floats,
    staying: BoolArray,
    evictable: BoolArray,
    *,
    max_memories: int | None = None,
    max_bytes: int | None = None,
) -> IntArray:
    """Which are to be retired for the rest to fit: weakest first, and none that the rest has room for.

    If all that may go do not suffice, all of them go.

    Args:
        standing: the memories.
        priorities: what each is worth, shape ``(n,)``.
        staying: which count towards the limits, shape ``(n,)``.
        evictable: which of those may go, shape ``(n,)``.
        max_memories: how many may stay; ``None`` for any number.
        max_bytes: how much they may take up; ``None`` for any size.

    Returns:
        indices, by rising priority.
    """
    surplus = 0 if max_memories is None else int(np.count_nonzero(staying)) - max_memories
    heavy = 0 if max_bytes is None else int(standing.size_bytes[staying].sum()) - max_bytes
    if surplus <= 0 and heavy <= 0:
        return np.empty(0, dtype=np.int64)
    ranked = weakest_first(np.flatnonzero(staying & evictable), priorities, standing)
    sizes = standing.size_bytes[ranked]
    for_bytes = int(np.searchsorted(np.cumsum(sizes), heavy)) + 1 if heavy > 0 else 0
    number = min(max(surplus, for_bytes), len(ranked))
    return ranked[:number][_needed(sizes[:number], surplus, heavy)]


def _needed(sizes: IntArray, surplus: int, heavy: int) -> BoolArray:
    """Which must go: small ones are spared, the strongest first, where a larger one alone makes the room."""
    needed = np.ones(len(sizes), dtype=np.bool_)
    spare, slack = len(sizes) - max(surplus, 0), int(sizes.sum()) - max(heavy, 0)
    if spare <= 0 or slack < 0:
        return needed
    for place in np.flatnonzero(sizes <= slack)[::-1]:
        if spare == 0:
            break
        if sizes[place] <= slack:
            needed[place] = False
            spare, slack = spare - 1, slack - int(sizes[place])
    return needed


def purgeable(standing: Standing, grace: timedelta | None, now: int) -> BoolArray:
    """Which forgetting retired longer ago than ``grace`` (``None``: none) and nobody pinned since; shape ``(n,)``."""
    if grace is None:
        return np.zeros(len(standing), dtype=np.bool_)
    retired = standing.retired_at != NEVER
    over: BoolArray = retired & ~standing.pinned & (standing.retired_at < now - microseconds(grace))
    return over


def microseconds(duration: timedelta) -> int:
    """A duration in microseconds; beyond the length of the calendar it makes no difference how long it is."""
    return min(duration // _MICROSECOND, _LONG)
