"""Commands that carry a scope to a file and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentmem.cli import options, output
from agentmem.cli.call import Call
from agentmem.cli.commands import command
from agentmem.cli.errors import UsageError
from agentmem.cli.moving import move, names
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
def import_(
    call: Call,
    path: Annotated[
        Path,
        typer.Argument(exists=True, readable=True, metavar="PATH", help="The file, or the folder.", show_default=False),
    ],
    origin: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="ORIGIN",
            help="What it is: mem0, langgraph-store, chroma, jsonl or chat-export. Default: what 'export' wrote.",
        ),
    ] = None,
    scope_by: Annotated[
        str | None,
        typer.Option("--scope-by", metavar="FIELDS", help="The fields that name the scope: user_id,agent_id."),
    ] = None,
    map: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="KEY=FIELD", help="Which field is the text, at, speaker, ... Can be repeated."),
    ] = None,
    collection: Annotated[
        str | None, typer.Option("--collection", metavar="NAME", help="Which collection of a vector store.")
    ] = None,
    history: Annotated[
        Path | None,
        typer.Option("--history", metavar="FILE", dir_okay=False, exists=True, help="mem0's history database."),
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option("--zone", metavar="ZONE", help="The time zone of times that name none: Europe/Brussels."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read everything, write nothing, and say what would be done.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first thing that cannot be read.")] = False,
    redact: options.Redact = False,
) -> None:
    """Read a file that 'export' wrote into a scope, all or nothing; or with --from, move in from another system."""
    asked = {"--scope-by": scope_by, "--map": map, "--collection": collection, "--history": history, "--zone": zone}
    flags = {"--dry-run": dry_run, "--strict": strict, "--redact": redact}
    if origin is not None and not (origin == "jsonl" and _is_own(path, any((*asked.values(), *flags.values())))):
        move(call, path, origin, asked, dry_run=dry_run, strict=strict, redact=redact)
        return
    if wrong := [option for option, value in {**asked, **flags}.items() if value]:
        raise UsageError(f"{wrong[0]} goes with --from, which says what {path} is: {', '.join(names())}.")
    with call.memory(embeds=True, creates=True) as memory, output.progress_bar("Importing"):
        found = memory.import_(path)
    call.show(found, lambda tables: tables.imported(found))


def _is_own(path: Path, has_options: bool) -> bool:
    """Whether a file of JSON lines is agentmem's own export, and nothing else was asked than to read it."""
    from agentmem.moving.jsonl import is_own_export

    return not has_options and is_own_export(path)
