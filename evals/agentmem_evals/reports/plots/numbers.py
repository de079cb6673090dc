"""The numbers behind a plot, for those who want them exactly or do not see it."""

from __future__ import annotations

from collections.abc import Sequence

from agentmem_evals.reports.intervals import Estimate
from agentmem_evals.reports.runs import MISSING
from agentmem_evals.reports.table import Table


def interval_table(title: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[Estimate | None]]]) -> Table:
    """A line for each run: means in percent with the ends of their intervals."""
    return Table(title, ["run", *columns], [[label, *(with_interval(one) for one in cells)] for label, cells in rows])


def with_interval(one: Estimate | None) -> str:
    """``61.3 (58.0–64.4)``, in percent."""
    return MISSING if one is None else f"{100 * one.mean:.1f} ({100 * one.low:.1f}–{100 * one.high:.1f})"
