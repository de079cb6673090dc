"""Commands for the database as a whole."""

from __future__ import annotations

from typing import Annotated

import typer

from agentmem.cli import output
from agentmem.cli.call import Call
from agentmem.cli.commands import command
from agentmem.cli.errors import ExitCode
from agentmem.errors import StoreBusy


@command("reindex", scope=False, embedder=True)
def reindex(
    call: Call,
    view: Annotated[
        list[str] | None,
        typer.Option("--view", metavar="VIEW", help="bare or spoken; can be repeated. Default: as it is."),
    ] = None,
) -> None:
    """Make the vectors of all scopes anew with --embedder; the database stays in use meanwhile."""
    with call.store() as store, output.progress_bar("Embedding") as progress:
        vectors = store.reindex(call.model, views=view or None, progress=progress)
    found = {"vectors": vectors, "embedder": call.model}
    call.show(found, lambda _tables: f"Made {vectors:,} vectors with {call.model}.")


@command("compact", scope=False)
def compact(call: Call) -> None:
    """Rewrite the file, so that nothing that was forgotten is left in it."""
    with call.store(indexes=True) as store:
        if not store.compact():
            raise StoreBusy(f"Another process is reading {call.database}. Close it, then run this again.")
    call.show({"compacted": True}, lambda _tables: "Rewritten: nothing that was forgotten is left in the file.")


@command("db check", scope=False)
def check(call: Call) -> None:
    """Say whether the database is sound; if not, what is wrong, and exit with 1."""
    with call.store() as store:
        broken = store.check()
    call.show({"broken": broken}, lambda _tables: "\n".join(broken) or "Sound: nothing is wrong with the database.")
    if broken:
        raise typer.Exit(ExitCode.REFUSED)


@command("db upgrade", scope=False)
def upgrade(call: Call) -> None:
    """Bring the database to the newest schema. Make a copy of the file first."""
    call.check_exists()
    from agentmem.store.lifecycle import upgrade as upgrade_schema

    before, after = upgrade_schema(call.database)
    said = f"Nothing to do: schema {after} is the newest." if before == after else f"From schema {before} to {after}."
    call.show({"before": before, "after": after}, lambda _tables: said)
