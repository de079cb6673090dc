"""``agentmem-evals data``: which data sets there are, and fetching them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentmem_evals.cli import options
from agentmem_evals.cli.telling import say, show, told
from agentmem_evals.datasets.catalog import CATALOG, DatasetEntry, find_data
from agentmem_evals.datasets.declarations import DECLARATIONS, declaration_of
from agentmem_evals.datasets.download import fetch
from agentmem_evals.environment import DATA_VARIABLE, data_root
from agentmem_evals.errors import DataNotFound
from agentmem_evals.reports.table import Table

app = typer.Typer(no_args_is_help=True, help="Which data sets there are, and fetching them.")


@app.command("list")
def list_(markdown: options.Markdown = False) -> None:
    """The data sets, their licences, and whether their files are found; nothing is downloaded."""
    with told():
        rows = [[name, *_line(name, entry)] for name, entry in CATALOG.items()]
        show([Table("Data sets", ["name", "ranked", "licence", "to fetch", "found"], rows)], markdown=markdown)


@app.command("fetch")
def fetch_(
    names: Annotated[list[str], typer.Argument(help=f"What to download: {', '.join(DECLARATIONS)}.")],
    to: Annotated[Path | None, typer.Option(help=f"The folder of all data. Default: ${DATA_VARIABLE}.")] = None,
    accept: Annotated[
        bool, typer.Option("--accept-licence", help="You have read the licence that is shown, and accept it.")
    ] = False,
    sha256: Annotated[str | None, typer.Option(help="What to expect of a file whose hash is not known here.")] = None,
) -> None:
    """Download files, once their licences are accepted; what came is checked before it is kept."""
    with told():
        root = to or data_root()
        if root is None:
            raise DataNotFound(f"Say where to put it: --to FOLDER, or set ${DATA_VARIABLE}.")
        for declaration in [declaration_of(name) for name in names]:
            path = fetch(declaration, root, accept=accept, sha256=sha256, tell=typer.echo)
            say("[green]Here:[/green]", str(path))


def _line(name: str, entry: DatasetEntry) -> list[str]:
    try:
        find_data(name, None, data_root())
        found = "yes"
    except DataNotFound:
        found = "no"
    level = "" if entry.level is None else entry.level.value
    return [level, entry.licence.name, ", ".join(entry.downloads), found]
