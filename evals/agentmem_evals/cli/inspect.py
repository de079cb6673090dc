"""``agentmem-evals inspect``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from agentmem_evals.cli import options
from agentmem_evals.cli.telling import OUT, say, show, told
from agentmem_evals.environment import data_root
from agentmem_evals.errors import EvalError
from agentmem_evals.runner.folder import RunFolder


def inspect(
    folder: Annotated[Path, typer.Argument(help="Folder that `run --out` wrote.")],
    question: Annotated[str | None, typer.Option(help="Show one question, by its id or the end of it.")] = None,
    category: Annotated[str | None, typer.Option(help="Only questions of this category.")] = None,
    measure: Annotated[str | None, typer.Option(help="What failing means, e.g. 'turn recall@10'.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Questions that did not fail as well.")] = False,
    data: options.Data = None,
    errata: Annotated[Path | None, typer.Option(help="The file of corrections, of a run that had --errata.")] = None,
    as_list: Annotated[bool, typer.Option("--list", help="A line for each question, and no browsing.")] = False,
    markdown: options.Markdown = False,
) -> None:
    """Browse what went wrong: question, gold evidence, what was retrieved, and why. Changes nothing.

    Without a terminal, with --list or with --markdown, a line for each question is written.
    """
    from agentmem_evals.reports.examined import read_examined
    from agentmem_evals.reports.inspecting.browse import browse
    from agentmem_evals.reports.inspecting.cases import cases, position_of
    from agentmem_evals.reports.inspecting.library import read_library
    from agentmem_evals.reports.inspecting.views import case_view, list_view

    with told():
        run = read_examined(RunFolder(folder))
        library = read_library(run.scored.manifest, data, data_root(), errata)
        if not library.texts:
            corrected = run.scored.manifest.configuration.get("errata")
            how = "--data" if corrected is None else f"--data, and {corrected} with --errata"
            say("[yellow]Note:[/yellow]", f"The run's data is not here, so ids stand for texts. Pass it with {how}.")
        found = cases(run, library, measure)
        if question is not None:
            OUT.print(case_view(found[position_of(found, question)]))
            return
        chosen = [case for case in found if (every or case.fails) and category in {None, case.category}]
        if not chosen:
            raise EvalError("No question is left to be shown: pass --all for those that did not fail.")
        if as_list or markdown or not (sys.stdin.isatty() and sys.stdout.isatty()):
            show([list_view(chosen)], markdown=markdown)
        else:
            browse(chosen, OUT, input)
