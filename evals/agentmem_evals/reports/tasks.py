"""Tables and warnings of runs of any task: those of one task are set side by side, the tasks one after another."""

from __future__ import annotations

from collections.abc import Sequence

from agentmem_evals.reports import runs as retrieval
from agentmem_evals.reports.decisions import decision_tables, decision_warnings
from agentmem_evals.reports.runs import ScoredRun
from agentmem_evals.reports.table import Table
from agentmem_evals.runner.decisions import DECISIONS


def tables(runs: Sequence[ScoredRun]) -> list[Table]:
    """The tables of retrieval first, then those of decisions; none for a task without runs."""
    retrieving, deciding = _by_task(runs)
    return [*(retrieval.tables(retrieving) if retrieving else ()), *(decision_tables(deciding) if deciding else ())]


def warnings(runs: Sequence[ScoredRun]) -> list[str]:
    """What a reader must know before comparing the runs of one task."""
    retrieving, deciding = _by_task(runs)
    return [*retrieval.warnings(retrieving), *decision_warnings(deciding)]


def _by_task(runs: Sequence[ScoredRun]) -> tuple[list[ScoredRun], list[ScoredRun]]:
    deciding = [run for run in runs if run.manifest.configuration["task"] == DECISIONS]
    return [run for run in runs if run.manifest.configuration["task"] != DECISIONS], deciding
