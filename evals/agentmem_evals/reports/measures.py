"""Which measure stands for a run where there is room for one only."""

from __future__ import annotations

from collections.abc import Sequence

from agentmem_evals.reports.answer_outcomes import CONTEXT_RECALL, JUDGE
from agentmem_evals.reports.examined import ExaminedRun
from agentmem_evals.runner.configuration import QA, RETRIEVAL
from agentmem_evals.types import Level

_USUAL_DEPTH = {Level.TURN.value: 10, Level.PASSAGE.value: 5}
"""The depth at which papers on these data sets give recall: LoCoMo Table 3; HippoRAG 2 (2025) Table 3."""


def shared_measures(runs: Sequence[ExaminedRun]) -> list[str]:
    """The measures that every run has for some question, in the order in which the first run has them."""
    found = [dict.fromkeys(name for one in run.outcomes for name in one.values) for run in runs]
    return [name for name in found[0] if all(name in other for other in found[1:])] if found else []


def headline(runs: Sequence[ExaminedRun]) -> str | None:
    """The measure that stands for these runs of one task; ``None`` if they share none.

    Of a retrieval run: recall of what was ranked, at the usual depth of the data or else the nearest. Of a qa run: a
    judge's verdict, where all were judged, else the first metric of the data set.
    """
    return min(shared_measures(runs), key=lambda name: _order(name, runs[0]), default=None)


def told(measure: str) -> str:
    """A measure as a title says it."""
    return f"right answers ({measure})" if measure.startswith(JUDGE) else measure


def is_main(name: str, run: ExaminedRun) -> bool:
    """Whether a measure is one of the few that are worth telling category by category."""
    return run.task == QA or name.startswith(f"{run.scored.level} recall@")


def _order(name: str, run: ExaminedRun) -> tuple[int, float]:
    if run.task == RETRIEVAL:
        kind, _, depth = name.partition("@")
        usual = _USUAL_DEPTH.get(run.scored.level, 10)
        return (0, abs(int(depth) - usual)) if kind == f"{run.scored.level} recall" else (1, 0)
    return (0 if name.startswith(JUDGE) else 2 if name == CONTEXT_RECALL else 1), 0
