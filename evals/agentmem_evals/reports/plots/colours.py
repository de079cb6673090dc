"""The colours of plots as names of the page's own colours, so that a plot turns dark with its page.

matplotlib knows no variables of style sheets: it draws in stand-ins, which :mod:`.inline` then exchanges.
"""

from __future__ import annotations

from collections.abc import Mapping

INK = "#010101"
SOFT = "#010102"
LINE = "#010103"
PAPER = "#010104"
SERIES = tuple(f"#0102{number:02x}" for number in range(1, 9))
"""Runs, in order. Their colours (see ``page.css``) follow Okabe and Ito (2008), told apart by colour-blind readers."""

MARKERS = "osD^vPX*"
"""What tells runs apart without any colour."""

VARIABLES: Mapping[str, str] = {
    INK: "var(--ink)",
    SOFT: "var(--soft)",
    LINE: "var(--line)",
    PAPER: "var(--card)",
    **{colour: f"var(--run-{number})" for number, colour in enumerate(SERIES, start=1)},
}


def colour(position: int) -> str:
    """The colour of the run at this place; after the last colour they begin anew."""
    return SERIES[position % len(SERIES)]


def marker(position: int) -> str:
    """The marker of the run at this place; runs that share a colour differ in it."""
    return MARKERS[(position + position // len(SERIES)) % len(MARKERS)]
