"""A table of text, shown in a terminal or written as Markdown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.markup import escape
from rich.table import Table as RichTable
from rich.text import Text

_BETWEEN = 2
"""Spaces from one column to the next."""


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as text. The columns ``left``, counted from 0, are set to the left, all others to the right."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: Sequence[int] = (0,)


def to_rich(table: Table) -> Group:
    """For a terminal: the title above the table, which would otherwise fold it to its own width."""
    return Group(Text(table.title, style="bold"), _Drawn(table))


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A table as wide as where it is shown."""

    table: Table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = self.table
        drawn = RichTable(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)  # narrow: runs make many columns
        widths = column_widths(table, options.max_width)
        for position, name in enumerate(table.header):
            drawn.add_column(
                escape(name),
                justify="left" if position in table.left else "right",
                overflow="fold",
                width=None if widths is None else widths[position],
            )
        for row in table.rows:
            drawn.add_row(*(escape(cell) for cell in row))
        yield drawn


def column_widths(table: Table, room: int) -> list[int] | None:
    """Widths with which no cell is broken, and headings as little as possible; ``None`` where cells need more room."""
    widths = [max((len(row[place]) for row in table.rows), default=1) or 1 for place in range(len(table.header))]
    left = room - sum(widths) - _BETWEEN * len(widths)
    if left < 0:
        return None
    while left > 0:
        lines = [math.ceil(len(name) / width) for name, width in zip(table.header, widths, strict=True)]
        if max(lines) <= 1:
            break
        widths[lines.index(max(lines))] += 1
        left -= 1
    return widths


def to_markdown(table: Table) -> str:
    """For a document: the title as a line in bold, then the table."""
    rule = [":--" if position in table.left else "--:" for position in range(len(table.header))]
    lines = [_markdown_row(row) for row in (table.header, rule, *table.rows)]
    return "\n".join([f"**{table.title}**", "", *lines, ""])


def _markdown_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
