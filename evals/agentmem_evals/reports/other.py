"""Scores of a task that has no tables of its own: every number in them, by its dotted name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agentmem_evals.reports.runs import MISSING, ScoredRun
from agentmem_evals.reports.table import Table


def other_tables(runs: Sequence[ScoredRun]) -> list[Table]:
    """One table, with a column for each run; numbers as they stand in ``scores.json``."""
    found = [dict(_numbers(run.scores)) for run in runs]
    names = dict.fromkeys(name for one in found for name in one)
    rows = [[name, *(one.get(name, MISSING) for one in found)] for name in names]
    systems = ["system", *(str(run.manifest.configuration["system"]) for run in runs)]
    task = str(runs[0].manifest.configuration["task"])
    return [Table(f"Scores of the task {task}", ["", *(run.label for run in runs)], [systems, *rows])]


def _numbers(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _numbers(value, f"{prefix}{key}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield f"{prefix}{key}", f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"
