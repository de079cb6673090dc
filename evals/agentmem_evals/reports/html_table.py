"""A table as HTML that a screen reader can walk: a caption, and headers for columns and rows."""

from __future__ import annotations

from collections.abc import Sequence

from agentmem.pictures.page import escaped
from agentmem_evals.reports.table import Table


def to_html(table: Table, *, titled: bool = True) -> str:
    """The table in a frame that scrolls sideways where the screen is narrow; it can be reached with the keyboard.

    Without ``titled`` its title is for screen readers alone: it is told beside the table already.
    """
    unseen = ' class="unseen"'
    head = "".join(
        f'<th scope="col"{_side(table, position)}>{escaped(cell)}</th>' for position, cell in enumerate(table.header)
    )
    body = "".join(f"<tr>{_row(table, row)}</tr>\n" for row in table.rows)
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escaped(table.title)}"><table>'
        f"<caption{'' if titled else unseen}><span>{escaped(table.title)}</span></caption>"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table></div>\n"
    )


def _row(table: Table, cells: Sequence[str]) -> str:
    first, *others = cells
    return f'<th scope="row"{_side(table, 0)}>{escaped(first)}</th>' + "".join(
        f"<td{_side(table, position)}>{escaped(cell)}</td>" for position, cell in enumerate(others, start=1)
    )


def _side(table: Table, position: int) -> str:
    return ' class="left"' if position in table.left else ""
