"""How the memories of one scope stand, as columns: all that a policy of forgetting looks at. No text is among it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from agentmem.errors import InvalidInput
from agentmem.protocols import BoolArray, IntArray

Floats = NDArray[np.float64]

NEVER = int(np.iinfo(np.int64).min)
"""Where a moment is missing: below every real one, like NumPy's ``NaT``."""

DAY = 86_400_000_000
"""A day in microseconds."""


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """One row for each memory: the active ones, and those that forgetting has retired.

    Leave out what was retired for any other reason (by hand, by a merge) and what is quarantined: a row with a
    ``retired_at`` may be destroyed when its grace is over.

    Every column has shape ``(n,)``. Moments are int64 microseconds since 1970 in UTC; a missing one is ``NEVER``.

    Attributes:
        at: when it happened. May lie in the past of its recording, or in the future.
        used_at: when it was last used, or restored; ``NEVER`` if it was not.
        uses: how often it was used.
        strength: what feedback made of it, 1 to begin with (:mod:`agentmem.forgetting.strength`).
        reinforcements: how many repetitions of it were merged into it.
        size_bytes: what it takes up.
        pinned: it is never retired and never destroyed.
        expires_at: until when it counts; ``NEVER`` if it does not expire.
        retired_at: when forgetting retired it; ``NEVER`` while it is active.
        recorded_at: when it was learned, if that is to count where it is later than ``at``: a diary of last year that
            is read in today is then new today, not faded on arrival.
        importance: of its kind, in [0, 1] (:func:`agentmem.forgetting.priority.importance`); 0.5 each if not given.
        information: how much it says, in [0, 1], e.g. how rare its words are; 0.5 each if not given.
        rows: a number that stays with a memory, to break the last ties. Its place in the arrays if not given.

    Raises:
        InvalidInput: columns of different lengths; a negative count, size or strength; one that is not finite.
    """

    at: IntArray
    used_at: IntArray
    uses: IntArray
    strength: Floats
    reinforcements: IntArray
    size_bytes: IntArray
    pinned: BoolArray
    expires_at: IntArray
    retired_at: IntArray
    recorded_at: IntArray | None = None
    importance: Floats | None = None
    information: Floats | None = None
    rows: IntArray | None = None

    def __post_init__(self) -> None:
        shape = (len(self.at),)
        for name in (field.name for field in fields(self)):
            column = getattr(self, name)
            if column is not None and column.shape != shape:
                raise InvalidInput(
                    f"Standing.{name} has shape {column.shape}, not {shape}. Give each column one number per memory."
                )
        for name in ("uses", "reinforcements", "size_bytes", "strength"):
            column = getattr(self, name)
            if not (np.isfinite(column) & (column >= 0)).all():
                raise InvalidInput(f"Standing.{name} holds a number that is negative or not finite. Count from 0 up.")
        for name in ("importance", "information"):
            column = getattr(self, name)
            if column is not None and not ((column >= 0) & (column <= 1)).all():
                raise InvalidInput(f"Standing.{name} must lie between 0 and 1. Divide by the largest possible value.")

    def __len__(self) -> int:
        return len(self.at)

    @property
    def active(self) -> BoolArray:
        """Which have not been retired."""
        active: BoolArray = self.retired_at == NEVER
        return active

    @property
    def learned(self) -> IntArray:
        """When each became known: when it happened, or when it was recorded if that is later."""
        return self.at if self.recorded_at is None else np.maximum(self.at, self.recorded_at)

    @property
    def touched(self) -> IntArray:
        """When each was last used, or became known if it was not used since."""
        return np.maximum(self.learned, self.used_at)  # NEVER is below every moment


def days_since(moments: IntArray, now: int) -> Floats:
    """Days from each moment (none may be ``NEVER``) to ``now``, in microseconds; 0 for those yet to come."""
    days: Floats = np.maximum(now - moments, 0) / DAY
    return days


def moments(micros: Iterable[int | None]) -> IntArray:
    """A column of moments from microseconds, with ``NEVER`` for ``None``."""
    return np.fromiter((NEVER if moment is None else moment for moment in micros), dtype=np.int64)
