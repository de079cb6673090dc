"""Commands that carry a scope to a file and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentmem.cli import options, output
from agentmem.cli.call import Call
from agentmem.cli.commands import command
from agentmem.cli.targets import checked_target


@command("export")
def export(
    call: Call,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", dir_okay=False, help="The file to write.", show_default=False)
    ],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a scope to a file of JSON lines, complete but for the vectors."""
    checked_target(call, file, force=force)
    with call.memory() as memory:
        episodes = memory.export(file)
    call.show({"path": str(file), "episodes": episodes}, lambda _tables: f"Wrote {episodes:,} episodes to {file}.")


@command("import", embedder=True)
def import_(call: Call, file: options.InputFile) -> None:
    """Read a file that 'export' wrote into a scope, all or nothing."""
    with call.memory(embeds=True, creates=True) as memory, output.progress_bar("Importing"):
        found = memory.import_(file)
    call.show(found, lambda tables: tables.imported(found))
