"""Tables and notes of runs of any task: those of one task are set side by side, the tasks one after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from agentmem_evals.reports import runs as retrieval
from agentmem_evals.reports.answers import answer_tables
from agentmem_evals.reports.decisions import decision_tables
from agentmem_evals.reports.notes import notes
from agentmem_evals.reports.other import other_tables
from agentmem_evals.reports.runs import ScoredRun
from agentmem_evals.reports.summaries import summary_tables
from agentmem_evals.reports.table import Table
from agentmem_evals.runner.configuration import QA, RETRIEVAL, SUMMARIES
from agentmem_evals.runner.decisions import DECISIONS

_TABLES: Mapping[str, Callable[[Sequence[ScoredRun]], list[Table]]] = {
    RETRIEVAL: retrieval.tables,
    QA: answer_tables,
    SUMMARIES: summary_tables,
    DECISIONS: decision_tables,
}
"""The tasks whose scores have tables of their own, in the order in which they are shown."""
_ASKED = {DECISIONS: "pairs", SUMMARIES: "sessions"}
"""What is put to systems, where it is no question."""


def tables(runs: Sequence[ScoredRun]) -> list[Table]:
    """The tables of retrieval first, then those of answers, of summaries, of decisions, and of what else there is."""
    return [table for task, members in by_task(runs).items() for table in _TABLES.get(task, other_tables)(members)]


def warnings(runs: Sequence[ScoredRun]) -> list[str]:
    """What a reader must know before comparing the runs of one task."""
    return [note for task, members in by_task(runs).items() for note in notes(members, _ASKED.get(task, "questions"))]


def by_task(runs: Sequence[ScoredRun]) -> dict[str, list[ScoredRun]]:
    """The runs of each task, tasks in the order in which they are shown."""
    groups: dict[str, list[ScoredRun]] = {}
    for run in runs:
        groups.setdefault(str(run.manifest.configuration["task"]), []).append(run)
    return {task: groups[task] for task in (*_TABLES, *sorted(groups.keys() - _TABLES.keys())) if task in groups}
