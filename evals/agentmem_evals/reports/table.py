"""A table of text, shown in a terminal or written as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.markup import escape
from rich.table import Table as RichTable
from rich.text import Text

_NAME = 30
"""Characters of a first cell that is kept on one line."""


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as text. The columns ``left``, counted from 0, are set to the left, all others to the right."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: Sequence[int] = (0,)


def to_rich(table: Table) -> Group:
    """For a terminal: the title above the table, which would otherwise fold it to its own width."""
    drawn = RichTable(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)  # narrow: runs make many columns
    first = max((len(row[0]) for row in table.rows), default=0)
    for position, name in enumerate(table.header):
        drawn.add_column(
            escape(name),
            justify="left" if position in table.left else "right",
            overflow="fold",
            no_wrap=position == 0 and first <= _NAME,  # headings break before the names of what is compared do
        )
    for row in table.rows:
        drawn.add_row(*(escape(cell) for cell in row))
    return Group(Text(table.title, style="bold"), drawn)


def to_markdown(table: Table) -> str:
    """For a document: the title as a line in bold, then the table."""
    rule = [":--" if position in table.left else "--:" for position in range(len(table.header))]
    lines = [_markdown_row(row) for row in (table.header, rule, *table.rows)]
    return "\n".join([f"**{table.title}**", "", *lines, ""])


def _markdown_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
