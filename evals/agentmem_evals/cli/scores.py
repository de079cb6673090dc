"""``agentmem-evals score`` and ``agentmem-evals report``: they read files, and ask nobody."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from agentmem_evals.cli import options
from agentmem_evals.cli.telling import say, show, show_runs, told
from agentmem_evals.errors import EvalError
from agentmem_evals.judging.agreement_file import read_agreement
from agentmem_evals.reports.plots.labelled import labelled_table
from agentmem_evals.reports.runs import read_run
from agentmem_evals.runner.folder import RunFolder, replace_text
from agentmem_evals.scoring import score_folder

Folders = Annotated[list[Path], typer.Argument(help="Folders that `run --out` wrote.")]


def score(folders: Folders) -> None:
    """Compute scores.json again, from the run's files alone."""
    with told():
        runs = [RunFolder(folder) for folder in folders]
        for run in runs:
            score_folder(run)
        show_runs(runs)


def report(
    folders: Folders,
    markdown: options.Markdown = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON: manifests and scores.")] = False,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write one page with tables and plots to this file.")
    ] = None,
    agreement: Annotated[
        list[Path] | None,
        typer.Option(help="agreement-NAME.json of a judge, to show how far it can be trusted. May be repeated."),
    ] = None,
) -> None:
    """Set runs side by side."""
    with told():
        if markdown + as_json + (html is not None) > 1:
            raise EvalError("--markdown, --json and --html exclude each other: pass one.")
        if as_json and agreement:
            raise EvalError("--json writes runs; the files of --agreement are JSON already: leave it out.")
        runs = [RunFolder(folder) for folder in folders]
        agreements = [read_agreement(path) for path in agreement or ()]
        if as_json:
            typer.echo(json.dumps([read_run(one).as_json() for one in runs], indent=2, ensure_ascii=False))
        elif html is not None:
            _write_page(runs, agreements, html)
        else:
            show_runs(runs, markdown=markdown)
            if agreements:
                show([labelled_table(agreements)], markdown=markdown)


def _write_page(runs: list[RunFolder], agreements: Sequence[Mapping[str, Any]], path: Path) -> None:
    from agentmem_evals.reports.examined import read_all
    from agentmem_evals.reports.page.page import report_page

    page = report_page(read_all(runs), agreements)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, page)
    say("[green]Written:[/green]", str(path))
