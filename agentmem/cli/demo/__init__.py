"""``agentmem demo``: a conversation of nine months is remembered, asked about, corrected and partly forgotten."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentmem.cli import output
from agentmem.cli.call import NONE, Call
from agentmem.cli.commands import command
from agentmem.errors import MissingExtra, StoreError

if TYPE_CHECKING:
    from agentmem.protocols import Embedder

SCOPE = "demo/mira"


@command("demo", db=False, scope=False, embedder=True)
def demo(
    call: Call,
    keep: Annotated[
        Path | None,
        typer.Option("--keep", metavar="PATH", dir_okay=False, help="Keep the database, to try other commands on it."),
    ] = None,
) -> None:
    """See what it does: remember a conversation, ask about it, correct it, forget a part. No key, no network."""
    if keep is not None:
        if keep.exists():
            raise StoreError(f"{keep} exists. Choose a path where there is nothing yet.")
        _play(call, keep)
        return
    with tempfile.TemporaryDirectory(prefix="agentmem-demo-") as folder:
        _play(call, Path(folder) / "demo.db", kept=False)


def _play(call: Call, path: Path, *, kept: bool = True) -> None:
    from agentmem.cli.demo.scenes import closing, play
    from agentmem.client import AgentMemory
    from agentmem.types import Scope

    embedder = _loaded(call)
    story: dict[str, Any] = {}
    with AgentMemory.open(path, embedder=embedder or NONE, index=call.index) as store:
        for scene in play(store.scope(Scope.from_path(SCOPE))):
            story[scene.name] = scene.value
            if not call.json:
                output.print_rich(scene.shown)
    if call.json:
        output.print_json(story)
        return
    for line in closing(path if kept else None, SCOPE, words_only=embedder is None):
        output.print_rich(line)


def _loaded(call: Call) -> Embedder | None:
    """The embedder, loaded, so that the demo's times are those of the memory alone."""
    from agentmem.engine.embed_worker import embed_query
    from agentmem.models.checked import CheckedEmbedder
    from agentmem.models.loading import DEFAULT, load_embedder

    try:
        embedder = load_embedder(call.model)
    except MissingExtra as error:
        if call.model != DEFAULT:
            raise
        typer.echo(f"{error} Until then, the demo goes by words only.\n", err=True)
        return None
    if embedder is not None:
        with output.progress_bar("Loading the embedding model"):
            embed_query(CheckedEmbedder(embedder), "Hello.")
    return embedder
