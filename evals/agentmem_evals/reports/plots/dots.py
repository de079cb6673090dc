"""Dots with intervals in groups, one under the other: each group has a heading, each dot its name beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from agentmem_evals.reports.intervals import Estimate
from agentmem_evals.reports.plots.colours import INK, LINE, SOFT, colour, marker
from agentmem_evals.reports.plots.drawing import SMALL, TEXT, WIDTH, Plot, drawn
from agentmem_evals.reports.plots.labels import shown, width_of
from agentmem_evals.reports.plots.numbers import interval_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW, _HEADING, _FOOT = 14.5, 23.0, 34.0
_RIGHT = 0.92

Groups = Mapping[str, Sequence[tuple[int, str, Estimate]]]
"""By heading: of each dot the place, which gives its colour and marker, the name, and what it shows."""


def dots_plot(groups: Groups, title: str, told: str, name: str) -> Plot:
    """The plot; ``told`` says in a sentence what a dot is, and ``name`` is what the ids of the picture begin with."""
    height = len(groups) * _HEADING + sum(len(rows) for rows in groups.values()) * _ROW + _FOOT

    def draw(figure: Figure, axes: Axes) -> None:
        _draw(figure, axes, groups, height)

    columns = [{label: quality for _, label, quality in rows} for rows in groups.values()]
    labels = dict.fromkeys(label for rows in groups.values() for _, label, _ in rows)
    return Plot(
        title,
        told + " Bars: 95 % intervals (bootstrap over questions).",
        drawn(name, title, told, height, draw),
        interval_table(
            f"{title} (%, 95 % interval)", list(groups), [(one, [held.get(one) for held in columns]) for one in labels]
        ),
    )


def headed(name: str, rows: Sequence[tuple[int, str, Estimate]]) -> str:
    """A heading with the number of questions behind the dots under it."""
    counts = sorted({quality.n for _, _, quality in rows})
    return f"{name} ({counts[0]})" if counts[0] == counts[-1] else f"{name} ({counts[0]}–{counts[-1]})"


def _draw(figure: Figure, axes: Axes, groups: Groups, height: float) -> None:
    labels = [shown(label) for rows in groups.values() for _, label, _ in rows]
    margin = min(max(width_of(label, SMALL) for label in labels) + 12, 170) / WIDTH
    figure.subplots_adjust(left=margin, right=_RIGHT, bottom=_FOOT / height, top=1.0)
    axes.set_xlim(0, 100)
    axes.set_ylim(height - _FOOT, 0)  # units of the figure, downwards
    axes.xaxis.set_major_formatter("{x:.0f}%")
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.tick_params(length=0)
    axes.grid(axis="x")
    y = 0.0
    for heading, rows in groups.items():
        if y:
            axes.axhline(y + 3, color=LINE, linewidth=0.7, xmin=-margin / (_RIGHT - margin), clip_on=False)
        axes.text(
            -margin / (_RIGHT - margin), y + _HEADING - 9, heading, transform=axes.get_yaxis_transform(),
            color=INK, weight="bold", size=TEXT, va="center",
        )  # fmt: skip
        y += _HEADING
        for position, label, quality in rows:
            at, mean = y + _ROW / 2 - 2, 100 * quality.mean
            axes.text(
                -0.02, at, shown(label), transform=axes.get_yaxis_transform(), color=SOFT, size=SMALL,
                ha="right", va="center",
            )  # fmt: skip
            axes.errorbar(
                [mean], [at], xerr=[[mean - 100 * quality.low], [100 * quality.high - mean]], color=colour(position),
                marker=marker(position), markersize=5.5, elinewidth=1.5, clip_on=False, zorder=3,
            )  # fmt: skip
            axes.text(103.5, at, f"{mean:.0f}", color=SOFT, size=SMALL, va="center", clip_on=False)
            y += _ROW
