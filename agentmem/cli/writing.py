"""Commands that add, change and destroy memories."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentmem.cli import options, output
from agentmem.cli.call import Call
from agentmem.cli.commands import command
from agentmem.cli.errors import NotConfirmed, UsageError
from agentmem.cli.inputs import STDIN, Input, json_object, moment, open_input
from agentmem.errors import AgentMemError

if TYPE_CHECKING:
    from agentmem.types import Memory, Progress, Receipt

_BATCH = 200
"""Items of a file that share a transaction: few enough for the bar to move, and for little to be lost by Ctrl-C."""


@command("add", embedder=True)
def add(
    call: Call,
    text: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEXT...", help="What to remember; '-' reads standard input.", show_default=False),
    ] = None,
    file: Annotated[
        str | None,
        typer.Option("--file", "-f", metavar="FILE", help="A document (.txt, .md) or messages (.jsonl, .json)."),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="FORMAT", help="text, jsonl or json; default: by the file's name, text for '-'."
        ),
    ] = None,
    session: Annotated[str | None, typer.Option("--session", metavar="NAME", help="The conversation it is of.")] = None,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help="When it happened, if not now: 2026-03-01T09:30+01:00."),
    ] = None,
    speaker: Annotated[str | None, typer.Option("--speaker", metavar="NAME", help="Who said it.")] = None,
    role: Annotated[
        str | None,
        typer.Option("--role", metavar="ROLE", help="user, assistant, tool or system; the last two are not searched."),
    ] = None,
    ref: Annotated[
        str | None,
        typer.Option("--ref", metavar="KEY", help="Adding the same under the same key again changes nothing."),
    ] = None,
    metadata: options.MetadataText = None,
    index: Annotated[
        bool | None, typer.Option("--index/--no-index", help="Whether it can be found; default: by role.")
    ] = None,
    redact: options.Redact = False,
) -> None:
    """Remember texts, a document, or the messages of a file or of standard input."""
    arguments: dict[str, Any] = {
        "session": session,
        "at": moment("--at", at),
        "speaker": speaker,
        "role": role,
        "ref": ref,
        "metadata": json_object("--metadata", metadata),
        "index": index,
    }
    with ExitStack() as stack:
        found = stack.enter_context(open_input(path, format)) if (path := _path(text, file)) else _texts(text or [])
        receipt = _add(call, found, arguments, redact)
    call.show(receipt, lambda tables: tables.receipt(receipt))


def _path(text: list[str] | None, file: str | None) -> str | None:
    """Where to read from; ``None``: the texts are on the command line."""
    if bool(text) == bool(file):
        raise UsageError("Say what to remember: either TEXT, or --file FILE, or '-' for standard input.")
    return STDIN if text == [STDIN] else file


def _texts(text: list[str]) -> Input:
    return Input(text[0] if len(text) == 1 else text, len(text))


def _add(call: Call, found: Input, arguments: dict[str, Any], redact: bool) -> Receipt:
    done = 0
    with (
        call.memory(embeds=True, creates=True, redacts=redact) as memory,
        output.progress_bar("Remembering", found.total) as show,
    ):

        def count(progress: Progress) -> None:
            nonlocal done
            done = progress.done
            show(progress)

        try:
            return memory.add(found.content, **arguments, batch_size=_BATCH, progress=count)
        except AgentMemError as error:
            if done:
                error.args = (f"{error} The {done:,} items before this batch are stored.",)
            raise


@command("update", embedder=True)
def update(
    call: Call,
    id: options.Id,
    text: Annotated[str | None, typer.Option("--text", metavar="TEXT", help="The new wording.")] = None,
    metadata: options.MetadataText = None,
    valid_from: Annotated[
        str | None, typer.Option("--valid-from", metavar="TIME", help="Since when it is true; default: now.")
    ] = None,
    expected_version: options.ExpectedVersion = None,
    redact: options.Redact = False,
) -> None:
    """Give a memory a new wording or new metadata; the old version stays in history."""
    if text is None and metadata is None:
        raise UsageError("Say what changes: --text TEXT, or --metadata JSON.")
    changes = {"metadata": json_object("--metadata", metadata), "valid_from": moment("--valid-from", valid_from)}
    with call.memory(embeds=True, redacts=redact) as memory:
        found = memory.update(id, text=text, **changes, expected_version=expected_version)  # type: ignore[arg-type]
    _show(call, found)


@command("retire")
def retire(call: Call, id: options.Id, expected_version: options.ExpectedVersion = None) -> None:
    """Take a memory out of retrieval; it stays in history and can be restored."""
    with call.memory() as memory:
        found = memory.retire(id, expected_version=expected_version)
    _show(call, found)


@command("restore")
def restore(call: Call, id: options.Id, expected_version: options.ExpectedVersion = None) -> None:
    """Bring a retired memory back."""
    with call.memory() as memory:
        found = memory.restore(id, expected_version=expected_version)
    _show(call, found)


@command("pin")
def pin(call: Call, id: options.Id, off: Annotated[bool, typer.Option("--off", help="End that.")] = False) -> None:
    """Exempt a memory from expiry."""
    with call.memory() as memory:
        found = memory.pin(id, not off)
    _show(call, found)


@command("expire")
def expire(
    call: Call,
    id: options.Id,
    at: Annotated[str | None, typer.Option("--at", metavar="TIME", help="The moment.")] = None,
    never: Annotated[bool, typer.Option("--never", help="Let it stay.")] = False,
) -> None:
    """Let a memory drop out of retrieval at a moment; it stays in history."""
    if never == (at is not None):
        raise UsageError("Say when: either --at TIME, or --never.")
    then = moment("--at", at)
    with call.memory() as memory:
        found = memory.expires_at(id, then)
    _show(call, found)


@command("undo", embedder=True)
def undo(
    call: Call,
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="A run (run_...), as 'add' and 'history' name it.", show_default=False)
    ],
) -> None:
    """Take back everything a run did. Forgetting cannot be undone."""
    with call.memory(embeds=True) as memory:
        by = memory.undo(run)
    call.show({"undone": run, "run": by}, lambda _tables: f"Undone. To do it again: agentmem undo {by}")


@command("forget")
def forget(
    call: Call,
    ids: Annotated[
        list[str] | None,
        typer.Option(
            "--id", metavar="ID", help="A memory or an episode, with all that belongs to it. Can be repeated."
        ),
    ] = None,
    session: Annotated[str | None, typer.Option("--session", metavar="NAME", help="A conversation.")] = None,
    before: Annotated[
        str | None, typer.Option("--before", metavar="TIME", help="All that happened before this moment.")
    ] = None,
    about: Annotated[
        str | None,
        typer.Option("--about", metavar="PHRASE", help="All that mentions this phrase, anywhere, or was said by it."),
    ] = None,
    everything: Annotated[bool, typer.Option("--everything", help="All of the scope.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    no_compact: Annotated[
        bool, typer.Option("--no-compact", help="Leave rewriting the file to 'agentmem compact'.")
    ] = False,
) -> None:
    """Destroy memories with their sources and every trace. This cannot be undone."""
    selection: dict[str, Any] = {
        "ids": ids,
        "session": session,
        "before": moment("--before", before),
        "about": about,
        "everything": everything,
    }
    if not any(selection.values()):
        raise UsageError("Say what: --id ID, --session NAME, --before TIME, --about PHRASE, or --everything.")
    with call.memory(indexes=not dry_run) as memory:
        if dry_run or not yes:
            certificate = memory.forget(**selection, dry_run=True)
        if not dry_run:
            if not yes:
                _confirm(certificate.episodes, certificate.memories)
            certificate = memory.forget(**selection, compact=not no_compact)
    call.show(certificate, lambda tables: tables.certificate(certificate))


def _confirm(episodes: int, memories: int) -> None:
    """Ask whoever is at the terminal.

    Raises:
        NotConfirmed: nobody is there, or they said no.
    """
    what = f"{output.counted(memories, 'memory', 'memories')} and {output.counted(episodes, 'episode')}"
    if not output.is_interactive():
        raise NotConfirmed(
            f"This would destroy {what}, and there is nobody to ask. "
            "Look with --dry-run, then say --yes. Nothing was touched."
        )
    if not typer.confirm(f"Destroy {what} for good?", err=True):
        raise NotConfirmed("Nothing was touched.")


def _show(call: Call, memory: Memory) -> None:
    call.show(memory, lambda tables: tables.memory(memory))
