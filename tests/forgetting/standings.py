"""Memories in a row each, which tests can read, and the columns that policies take."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import strategies as st

from agentmem.clock import to_micros
from agentmem.forgetting.plan import Plan
from agentmem.forgetting.standing import NEVER, Standing, moments

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def ago(days: float) -> int:
    """So many days before NOW, in microseconds; negative lies ahead."""
    return to_micros(NOW - timedelta(days=days))


@dataclass(frozen=True)
class Row:
    """One memory; ages and the like in days before NOW."""

    age: float = 10.0
    unused: float | None = None
    uses: int = 0
    strength: float = 1.0
    reinforcements: int = 0
    size: int = 100
    pinned: bool = False
    expired: float | None = None
    retired: float | None = None
    recorded: float | None = None


def standing(*rows: Row) -> Standing:
    def column(name, dtype):
        return np.array([getattr(row, name) for row in rows], dtype=dtype)

    def times(name):
        return moments(None if (days := getattr(row, name)) is None else ago(days) for row in rows)

    recorded = times("recorded")
    at = times("age")
    return Standing(
        at=at,
        used_at=times("unused"),
        uses=column("uses", np.int64),
        strength=column("strength", np.float64),
        reinforcements=column("reinforcements", np.int64),
        size_bytes=column("size", np.int64),
        pinned=column("pinned", np.bool_),
        expires_at=times("expired"),
        retired_at=times("retired"),
        recorded_at=np.where(recorded == NEVER, at, recorded),
        rows=np.arange(len(rows)),
    )


def pick(before: Standing, indices: np.ndarray) -> Standing:
    """The rows at these indices, in this order."""
    columns = {field.name: getattr(before, field.name) for field in dataclasses.fields(before)}
    return Standing(**{name: None if column is None else column[indices] for name, column in columns.items()})


def carried_out(before: Standing, plan: Plan, now: datetime = NOW) -> Standing:
    """How the memories stand when a plan was carried out: some retired, some gone."""
    retired_at = before.retired_at.copy()
    retired_at[plan.retire] = to_micros(now)
    left = np.setdiff1d(np.arange(len(before)), plan.purge)
    return pick(dataclasses.replace(before, retired_at=retired_at), left)


AGES = st.sampled_from([-1.0, 0.0, 0.5, 1.0, 1.0, 3.0, 9.0, 15.0, 40.0, 400.0])
ROWS = st.builds(
    Row,
    age=AGES,
    unused=st.none() | AGES,
    uses=st.integers(0, 6),
    strength=st.sampled_from([0.1, 0.5, 1.0, 1.0, 1.5, 10.0]),
    reinforcements=st.integers(0, 3),
    size=st.integers(0, 400),
    pinned=st.sampled_from([False, False, True]),
    expired=st.none() | AGES,
    retired=st.none() | st.none() | AGES,
    recorded=st.none() | AGES,
)
SCOPES = st.lists(ROWS, max_size=10)
