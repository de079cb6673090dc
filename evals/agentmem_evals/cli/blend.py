"""``agentmem-evals blend``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentmem_evals.cli import options
from agentmem_evals.cli.telling import show, told
from agentmem_evals.errors import EvalError
from agentmem_evals.runner.folder import RunFolder

_DEPTHS = (5, 10)
_MEASURES = ("recall@5", "recall@10", "all@10")


def blend(
    first: Annotated[Path, typer.Argument(help="Folder of the run that may gain.")],
    others: Annotated[list[Path], typer.Argument(help="Folders of runs that may add to it, over the same questions.")],
    seed: Annotated[int, typer.Option(help="Of the redrawing behind the intervals.")] = 0,
    markdown: options.Markdown = False,
) -> None:
    """What each run would add to the first, their rankings fused: which parts earn a place. Nothing is asked again."""
    from agentmem_evals.reports.blends import blend_table

    with told():
        folders = [RunFolder(path) for path in (first, *others)]
        for folder in folders:
            if not set(_DEPTHS) <= set(folder.read_scores().get("k", ())):
                raise EvalError(f"{folder.path} has no ranking of depth {max(_DEPTHS)}. Run it with --k 5,10,20,50.")
        show([blend_table(folders[0], folders[1:], _MEASURES, seed)], markdown=markdown)
