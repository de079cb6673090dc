"""Quality against what it takes, one point for each run: time, or the tokens of the context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentmem_evals.reports.intervals import Estimate
from agentmem_evals.reports.plots.colours import INK, SOFT, colour, marker
from agentmem_evals.reports.plots.drawing import TEXT, Plot, drawn
from agentmem_evals.reports.plots.labels import Box, place, shown, width_of
from agentmem_evals.reports.plots.numbers import with_interval
from agentmem_evals.reports.plots.scales import percent_range, whole_percents
from agentmem_evals.reports.table import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HEIGHT = 300


@dataclass(frozen=True, slots=True)
class Point:
    """A run: the median of what it takes, the 95th percentile of that, and its quality."""

    label: str
    typical: float
    rare: float
    quality: Estimate


@dataclass(frozen=True, slots=True)
class Cost:
    """What the plot's x axis is. ``unit`` stands behind its numbers, ``decimals`` of which are told."""

    name: str
    unit: str
    decimals: int


def scatter_plot(points: Sequence[Point], measure: str, cost: Cost, name: str) -> Plot | None:
    """The points over a logarithmic axis; ``None`` if there are none. A cost of zero has no place on such an axis."""
    kept = [point for point in points if point.typical > 0]
    if not kept:
        return None
    title = f"{measure[:1].upper()}{measure[1:]} against {cost.name}"
    told = f"Each point is a run: its {measure}, and the median {cost.name} of a question."

    def draw(figure: Figure, axes: Axes) -> None:
        _draw(figure, axes, kept)
        axes.set_xlabel(f"{cost.name} ({cost.unit}), median; faint line to the 95th percentile")

    rows = [
        [one.label, with_interval(one.quality), *(f"{x:,.{cost.decimals}f}" for x in (one.typical, one.rare))]
        for one in points
    ]
    header = ["run", f"{measure} (%, 95 % interval)", f"median ({cost.unit})", f"95th percentile ({cost.unit})"]
    return Plot(
        title,
        told + " Up and left is better. Upright bars: 95 % intervals (bootstrap over questions).",
        drawn(name, title, told, _HEIGHT, draw),
        Table(title, header, rows),
    )


def _draw(figure: Figure, axes: Axes, points: Sequence[Point]) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter, NullLocator, StrMethodFormatter

    figure.subplots_adjust(left=0.095, right=0.985, bottom=0.135, top=0.97)
    first, last = min(point.typical for point in points), max(point.rare for point in points)
    left, right = _span(first, last)
    axes.set_xscale("log")
    axes.set_xlim(left, right)
    axes.set_ylim(*percent_range(point.quality for point in points))
    subs = (1.0, 2.0, 5.0) if right / left < 200 else (1.0,)
    axes.xaxis.set_major_locator(LogLocator(subs=subs))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    whole_percents(axes)
    axes.grid()
    axes.tick_params(length=0)
    for position, point in enumerate(points):
        mean = 100 * point.quality.mean
        axes.plot([point.typical, point.rare], [mean, mean], color=colour(position), linewidth=1.2, alpha=0.35)
        axes.errorbar(
            [point.typical], [mean], color=colour(position), marker=marker(position), markersize=7, elinewidth=1.3,
            yerr=[[mean - 100 * point.quality.low], [100 * point.quality.high - mean]], zorder=3 + position,
        )  # fmt: skip
    _names(axes, points)


def _span(first: float, last: float) -> tuple[float, float]:
    """Ends of the axis: room on both sides, and a factor of at least four in all."""
    left, right = first / 1.6, last * 1.6
    widen = max(4 / (right / left), 1.0) ** 0.5
    return left / widen, right * widen


def _names(axes: Axes, points: Sequence[Point]) -> None:
    at = [_pixel(axes, one.typical, one.quality.mean) for one in points]
    taken = [Box(x - 5, y - 5, 10, 10) for x, y in at]
    for point, (x, y) in zip(points, at, strict=True):
        low, high = (_pixel(axes, point.typical, edge)[1] for edge in (point.quality.low, point.quality.high))
        taken.append(Box(x - 2, low, 4, high - low))
        taken.append(Box(x, y - 2, max(_pixel(axes, point.rare, point.quality.mean)[0] - x, 0.0), 4))
    frame = axes.get_window_extent()
    inside = Box(frame.x0 + 3, frame.y0 + 3, frame.width - 3, frame.height - 3)
    sizes = [(width_of(shown(one.label), TEXT), TEXT + 2) for one in points]
    for point, (x, y), box in zip(points, at, place(at, sizes, taken, inside), strict=True):
        side = "left" if box.x > x else "right" if box.x + box.width < x else "center"
        anchor = {"left": box.x, "right": box.x + box.width, "center": box.x + box.width / 2}[side]
        middle = box.y + box.height / 2
        across, up = axes.transData.inverted().transform((anchor, middle))
        axes.text(across, up, shown(point.label), ha=side, va="center", color=INK, zorder=30)
        if box.distance(x, y) > 13:
            edge = axes.transData.inverted().transform((anchor, box.y if middle > y else box.y + box.height))
            axes.plot([point.typical, edge[0]], [100 * point.quality.mean, edge[1]], color=SOFT, linewidth=0.6)


def _pixel(axes: Axes, cost: float, quality: float) -> tuple[float, float]:
    x, y = axes.transData.transform((cost, 100 * quality))
    return float(x), float(y)
