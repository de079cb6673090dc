"""Quality by category, the runs of a category beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentmem_evals.reports.examined import ExaminedRun
from agentmem_evals.reports.intervals import Estimate, estimate
from agentmem_evals.reports.measures import told
from agentmem_evals.reports.outcomes import column
from agentmem_evals.reports.plots.dots import dots_plot, headed
from agentmem_evals.reports.plots.drawing import Plot
from agentmem_evals.scoring.totals import by_category


def category_plot(runs: Sequence[ExaminedRun], measure: str, names: Mapping[str, str], name: str) -> Plot | None:
    """One measure by category; ``None`` where no run has two categories.

    Args:
        runs: one row each in every category.
        measure: the name that outcomes use.
        names: of the categories.
        name: what the ids of the picture begin with.
    """
    split = [by_category(run.outcomes) for run in runs]
    found: dict[str, list[tuple[int, str, Estimate]]] = {}
    for category in sorted({category for one in split for category in one}):
        for position, (run, one) in enumerate(zip(runs, split, strict=True)):
            quality = estimate(column(one.get(category, ()), measure))
            if quality is not None:
                found.setdefault(category, []).append((position, run.label, quality))
    if len(found) < 2:
        return None
    return dots_plot(
        {headed(names.get(key, key), rows): rows for key, rows in found.items()},
        f"{told(measure)[:1].upper()}{told(measure)[1:]} by category",
        "Mean over the questions of each category; their number in brackets.",
        name,
    )
