"""Axes that show what differs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from agentmem_evals.reports.intervals import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def percent_range(estimates: Iterable[Estimate]) -> tuple[float, float]:
    """Ends of an axis in percent that holds all intervals, at fives; at least 20 wide, and within 0 and 100.

    100 gets a little room above it, so that a marker there is whole.
    """
    held = list(estimates)
    low = 100 * min((one.low for one in held), default=0.0)
    high = 100 * max((one.high for one in held), default=1.0)
    bottom, top = 5 * (max(low - 1, 0.0) // 5), min(5 * ((high + 1) // 5 + 1), 100.0)
    if top - bottom < 20:
        bottom = max(top - 20, 0.0)
        top = max(top, bottom + 20)
    return bottom, 102.0 if top >= 100 else top


def whole_percents(axes: Axes) -> None:
    """Marks on the y axis at whole percents, few of them."""
    from matplotlib.ticker import MaxNLocator

    axes.yaxis.set_major_locator(MaxNLocator(nbins=8, steps=[1, 2, 5, 10], integer=True))
    axes.yaxis.set_major_formatter("{x:.0f}%")
