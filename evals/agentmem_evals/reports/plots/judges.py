"""How far judges can be trusted: where two of them agree, and whether they follow what the words say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from agentmem_evals.metrics.agreement import agreement
from agentmem_evals.reports.answer_outcomes import JUDGE
from agentmem_evals.reports.examined import ExaminedRun
from agentmem_evals.reports.intervals import Estimate, estimate
from agentmem_evals.reports.outcomes import Outcome
from agentmem_evals.reports.plots.dots import dots_plot, headed
from agentmem_evals.reports.plots.drawing import Plot
from agentmem_evals.scoring.totals import by_category

_BANDS: Sequence[tuple[float, float, str]] = (
    (0.0, 0.0, "0"),
    (0.0, 1 / 3, "up to 1/3"),
    (1 / 3, 2 / 3, "up to 2/3"),
    (2 / 3, 1.0, "under 1"),
    (1.0, 1.0, "1"),
)
"""Where the values of a metric are cut: none of the words, some, all."""


def judge_plots(runs: Sequence[ExaminedRun], names: Mapping[str, str], name: str) -> list[Plot]:
    """Agreement of judges by category, and what they accept by a metric of words; over the answers of all runs.

    Args:
        runs: of one task and one data set.
        names: of the categories.
        name: what the ids of the pictures begin with.
    """
    outcomes = [outcome for run in runs for outcome in run.outcomes]
    judges = sorted({value for one in outcomes for value in one.values if value.startswith(JUDGE)})
    plots = [_agreement(outcomes, judges, names, f"{name}-agreement"), _followed(outcomes, judges, f"{name}-followed")]
    return [plot for plot in plots if plot is not None]


def _agreement(outcomes: Sequence[Outcome], judges: Sequence[str], names: Mapping[str, str], name: str) -> Plot | None:
    groups: dict[str, list[tuple[int, str, Estimate]]] = {}
    kappas = []
    parts = {"all": list(outcomes), **{names.get(key, key): part for key, part in by_category(outcomes).items()}}
    for position, (first, second) in enumerate(combinations(judges, 2)):
        label = f"{first.removeprefix(JUDGE)} = {second.removeprefix(JUDGE)}"
        for heading, part in parts.items():
            pairs = [(one.values[first], one.values[second]) for one in part if {first, second} <= one.values.keys()]
            same = estimate([float(one == other) for one, other in pairs])
            if same is not None:
                groups.setdefault(heading, []).append((position, label, same))
            if same is not None and heading == "all":
                kappa = agreement((bool(one), bool(other)) for one, other in pairs).kappa
                kappas.append(f"{label}: " + ("none to tell" if kappa is None else f"{kappa:.2f}"))
    if not groups:
        return None
    return dots_plot(
        {headed(heading, rows): rows for heading, rows in groups.items()},
        "Agreement of judges",
        f"Share of answers on which two judges say the same. Cohen's kappa, {'; '.join(kappas)}.",
        name,
    )


def _followed(outcomes: Sequence[Outcome], judges: Sequence[str], name: str) -> Plot | None:
    words = next((value for one in outcomes for value in one.values if value.endswith("_f1")), None)
    if words is None or not judges:
        return None
    groups: dict[str, list[tuple[int, str, Estimate]]] = {}
    for low, high, told in _BANDS:
        part = [one for one in outcomes if words in one.values and _within(one.values[words], low, high)]
        rows = [
            (position, judge.removeprefix(JUDGE), share)
            for position, judge in enumerate(judges)
            if (share := estimate([one.values[judge] for one in part if judge in one.values])) is not None
        ]
        if rows:
            groups[headed(f"{words} {told}", rows)] = rows
    return dots_plot(
        groups,
        f"What judges accept, by {words}",
        f"Share of answers called right. What a judge accepts at 0, and refuses at 1, is worth reading: {words} "
        "misses other wordings, and a lenient judge lets wrong answers pass.",
        name,
    )


def _within(value: float, low: float, high: float) -> bool:
    """Bands hold their upper end, but for the one under 1; 0 and 1 have bands of their own."""
    if low == high:
        return value == low
    return low < value <= high and value < 1.0
