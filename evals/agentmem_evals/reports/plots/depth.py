"""Quality against depth: what share of the evidence the first k items hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agentmem_evals.reports.examined import ExaminedRun
from agentmem_evals.reports.intervals import Estimate, estimate
from agentmem_evals.reports.outcomes import column
from agentmem_evals.reports.plots.colours import INK, colour, marker
from agentmem_evals.reports.plots.drawing import TEXT, Plot, drawn
from agentmem_evals.reports.plots.labels import shown, spread
from agentmem_evals.reports.plots.numbers import interval_table
from agentmem_evals.reports.plots.scales import percent_range, whole_percents

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HEIGHT = 310


def depth_plot(runs: Sequence[ExaminedRun], name: str) -> Plot | None:
    """Recall of what was ranked against k, a line for each run; ``None`` where no run has two depths."""
    lines = [(run.label, _line(run)) for run in runs]
    ks = sorted({k for _, line in lines for k in line})
    if len(ks) < 2:
        return None
    level = runs[0].scored.level
    title = f"Recall of {level}s against k"
    told = f"Share of the evidence among the first k {level}s found, mean over questions."

    def draw(figure: Figure, axes: Axes) -> None:
        _draw(figure, axes, lines, ks)
        axes.set_xlabel(f"k: {level}s retrieved")

    rows = [(label, [line.get(k) for k in ks]) for label, line in lines]
    return Plot(
        title,
        told + " Bars: 95 % intervals (bootstrap over questions).",
        drawn(name, title, told, _HEIGHT, draw),
        interval_table(f"{title} (%, 95 % interval)", [f"k = {k}" for k in ks], rows),
    )


def _line(run: ExaminedRun) -> dict[int, Estimate]:
    found = {k: estimate(column(run.outcomes, f"{run.scored.level} recall@{k}")) for k in run.ks}
    return {k: one for k, one in found.items() if one is not None}


def _draw(figure: Figure, axes: Axes, lines: Sequence[tuple[str, dict[int, Estimate]]], ks: Sequence[int]) -> None:
    from matplotlib.ticker import FixedLocator, NullLocator

    held = [one for _, line in lines for one in line.values()]
    low, high = percent_range(held)
    figure.subplots_adjust(left=0.095, right=0.71, bottom=0.13, top=0.97)
    axes.set_xscale("log")
    axes.set_xlim(ks[0] * 0.9, ks[-1] * 1.06)
    axes.set_ylim(low, high)
    axes.xaxis.set_major_locator(FixedLocator(list(ks)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticklabels([str(k) for k in ks])
    whole_percents(axes)
    axes.grid(axis="y")
    axes.tick_params(length=0)
    for position, (_, line) in enumerate(lines):
        aside = 1.012 ** (position - (len(lines) - 1) / 2)  # bars beside each other, not on each other
        xs, means = [k * aside for k in line], [100 * one.mean for one in line.values()]
        below = [100 * (one.mean - one.low) for one in line.values()]
        above = [100 * (one.high - one.mean) for one in line.values()]
        axes.errorbar(
            xs, means, yerr=[below, above], color=colour(position), marker=marker(position), markersize=5,
            linewidth=1.7, elinewidth=1.1, zorder=3 + position,
        )  # fmt: skip
    _names(axes, lines, (high - low) / (_HEIGHT * 0.84))


def _names(axes: Axes, lines: Sequence[tuple[str, dict[int, Estimate]]], unit: float) -> None:
    """Each line's name and last value at its right end; ``unit`` is what one unit of the figure is on the axis."""
    ends = [(position, label, line) for position, (label, line) in enumerate(lines) if line]
    means = [100 * line[max(line)].mean for _, _, line in ends]
    for (position, label, line), mean, at in zip(ends, means, spread(means, (TEXT + 2.5) * unit), strict=True):
        axes.annotate(
            "", xy=(max(line) * 1.03, mean), xytext=(axes.get_xlim()[1] * 1.05, at), annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colour(position), "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip
        axes.text(
            axes.get_xlim()[1] * 1.07, at, f"{shown(label)} {mean:.0f}", va="center", color=INK, clip_on=False
        )  # fmt: skip
