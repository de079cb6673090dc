"""``agentmem-evals compare``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from agentmem_evals.cli import options
from agentmem_evals.cli.telling import say, show, told
from agentmem_evals.errors import EvalError
from agentmem_evals.runner.folder import RunFolder


def compare(
    first: Annotated[Path, typer.Argument(help="Folder of the run that is compared with.")],
    second: Annotated[Path, typer.Argument(help="Folder of the run that may be better.")],
    measure: Annotated[
        str | None, typer.Option(help="The measure that says which questions were won, e.g. 'turn recall@10'.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="List every question that changed.")] = False,
    seed: Annotated[int, typer.Option(help="Of the redrawing behind the intervals.")] = 0,
    markdown: options.Markdown = False,
    as_json: options.AsJson = False,
) -> None:
    """Differences between two runs with bootstrap intervals, and the questions that changed."""
    from agentmem_evals.reports.comparing.comparison import compare_runs
    from agentmem_evals.reports.comparing.tables import MOST_CHANGES, comparison_notes, comparison_tables
    from agentmem_evals.reports.examined import read_all

    with told():
        if markdown and as_json:
            raise EvalError("--markdown and --json exclude each other: pass one.")
        one, other = read_all([RunFolder(first), RunFolder(second)])
        compared = compare_runs(one, other, measure, seed=seed)
        if as_json:
            typer.echo(json.dumps(compared.as_json(), indent=2, ensure_ascii=False))
            return
        show(comparison_tables(compared, None if every else MOST_CHANGES), markdown=markdown)
        for note in comparison_notes(compared):
            say("[yellow]Note:[/yellow]", note)
