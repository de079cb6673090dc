"""How a benchmark's figures are shown and kept, and the options that all of them share."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agentmem_evals.reports.table import Table, to_rich
from rich.console import Console

Figure = dict[str, str | int | float | None]


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured: one row of named figures for each thing compared. ``note`` says how to read it."""

    name: str
    title: str
    rows: Sequence[Figure]
    note: str = ""


def show(result: Result) -> None:
    """Print the rows as a table; columns in the order of first appearance."""
    header = list(dict.fromkeys(name for row in result.rows for name in row))
    rows = [[_cell(row.get(name)) for name in header] for row in result.rows]
    console = Console()
    console.print(to_rich(Table(result.title, header, rows)))
    if result.note:
        console.print(result.note, highlight=False, markup=False)


def write(result: Result, folder: Path) -> None:
    """Write ``<name>.json`` into a folder, made if it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {"title": result.title, "note": result.note, "rows": list(result.rows)}
    (folder / f"{result.name}.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def command(measure: Callable[[], Result]) -> None:
    """Run one benchmark as a script: ``--json FOLDER`` keeps its figures."""
    parser = argparse.ArgumentParser(description=measure.__doc__)
    parser.add_argument("--json", type=Path, metavar="FOLDER", help="also write the figures there")
    options = parser.parse_args()
    result = measure()
    show(result)
    if options.json is not None:
        write(result, options.json)


def _cell(value: str | float | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"
