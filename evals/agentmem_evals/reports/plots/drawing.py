"""A blank figure in the page's look, and the way from a drawn one to a picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Any

from agentmem_evals.reports.plots.colours import INK, LINE, PAPER, SOFT
from agentmem_evals.reports.plots.inline import Picture, inline
from agentmem_evals.reports.table import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 400
"""Units of a plot's width; on a telephone one is a little less than a pixel, so that its text stays readable."""
TEXT = 11.5
SMALL = 10.5

_LOOK: dict[str, Any] = {
    "svg.fonttype": "none",  # text stays text: to be searched, selected and read aloud
    "svg.hashsalt": "agentmem-evals",  # ids that do not change from one drawing to the next
    "svg.image_inline": True,
    "font.family": "DejaVu Sans",  # comes with matplotlib; the page puts its own in place
    "font.size": TEXT,
    "figure.dpi": 72,  # one unit is one point
    "axes.edgecolor": LINE,
    "axes.labelcolor": SOFT,
    "axes.labelsize": SMALL,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "axes.titlesize": TEXT,
    "grid.color": LINE,
    "grid.linewidth": 0.7,
    "axes.axisbelow": True,
    "lines.solid_capstyle": "round",
    "text.color": INK,
    "text.parse_math": False,  # a dollar in the name of a run is a dollar
    "xtick.color": LINE,
    "xtick.labelcolor": SOFT,
    "xtick.labelsize": SMALL,
    "xtick.major.pad": 6,
    "ytick.color": LINE,
    "ytick.labelcolor": SOFT,
    "ytick.labelsize": SMALL,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "patch.edgecolor": PAPER,
}


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture with what stands around it: its title, a sentence on how to read it, and its numbers as a table."""

    title: str
    note: str
    picture: Picture
    numbers: Table


def drawn(name: str, title: str, description: str, height: float, draw: Callable[[Figure, Axes], None]) -> Picture:
    """What ``draw`` puts on a fresh figure of ``WIDTH`` by ``height`` units, as a picture.

    Args:
        name: what the ids of the picture begin with.
        title: what the picture shows.
        description: the same in a sentence, for readers that do not see it.
        height: of the figure, in units.
        draw: given the figure and its only axes.
    """
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # whatever the reader has set for plots of their own
        settings: Any = matplotlib.rcParams
        settings.update(_LOOK)
        figure = Figure(figsize=(WIDTH / 72, height / 72))
        canvas: Any = FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        draw(figure, axes)
        written = StringIO()
        canvas.print_svg(written, metadata={"Date": None})
    return inline(written.getvalue(), name, title, description)
