"""Which plots tell runs of one task and one data set apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agentmem_evals.reports.examined import ExaminedRun
from agentmem_evals.reports.intervals import estimate
from agentmem_evals.reports.measures import headline, told
from agentmem_evals.reports.outcomes import column
from agentmem_evals.reports.plots.categories import category_plot
from agentmem_evals.reports.plots.depth import depth_plot
from agentmem_evals.reports.plots.drawing import Plot
from agentmem_evals.reports.plots.judges import judge_plots
from agentmem_evals.reports.plots.scatter import Cost, Point, scatter_plot
from agentmem_evals.runner.configuration import QA, RETRIEVAL

_LATENCY = Cost("time to retrieve", "ms", 1)
_ANSWER_LATENCY = Cost("time to answer", "ms", 0)
_TOKENS = Cost("context length", "tokens", 0)


def plots(runs: Sequence[ExaminedRun], name: str) -> list[Plot]:
    """The plots of a section; none for a task whose questions cannot be looked at one by one.

    Args:
        runs: of one task and one data set.
        name: what the ids of the pictures begin with: unlike that of any other section.
    """
    asked = [run for run in runs if run.outcomes]
    measure = headline(asked) if asked else None
    if measure is None:
        return []
    names = _names(asked)
    found: list[Plot | None] = []
    if asked[0].task == RETRIEVAL:
        found.append(depth_plot(asked, f"{name}-depth"))
        found.append(_scatter(asked, measure, "latency_ms", _LATENCY, f"{name}-time"))
    elif asked[0].task == QA:
        found.append(_scatter(asked, measure, "retrieval.context_tokens", _TOKENS, f"{name}-tokens"))
        found.append(_scatter(asked, measure, "latency_ms.retrieve", _LATENCY, f"{name}-time"))
        found.append(_scatter(asked, measure, "latency_ms.answer", _ANSWER_LATENCY, f"{name}-answer"))
    found.append(category_plot(asked, measure, names, f"{name}-category"))
    found += judge_plots(asked, names, f"{name}-judge")
    return [plot for plot in found if plot is not None]


def _names(runs: Sequence[ExaminedRun]) -> dict[str, str]:
    return {
        category: str(scores.get("name", category))
        for run in reversed(runs)
        for category, scores in run.scored.scores["by_category"].items()
    }


def _scatter(runs: Sequence[ExaminedRun], measure: str, where: str, cost: Cost, name: str) -> Plot | None:
    points = []
    for run in runs:
        spent: Any = run.scored.scores
        for key in where.split("."):
            spent = spent.get(key, {}) if isinstance(spent, Mapping) else {}
        quality = estimate(column(run.outcomes, measure))
        if quality is not None and spent.get("p50") is not None:
            points.append(Point(run.label, float(spent["p50"]), float(spent["p95"]), quality))
    return scatter_plot(points, told(measure), cost, name)
