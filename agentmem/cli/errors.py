"""What the command says when something goes wrong, and its exit codes. This is the one place that knows them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import typer

from agentmem.errors import (
    AgentMemError,
    CannotUndo,
    EmbedderMismatch,
    ForgottenRef,
    IndexFailure,
    NotFound,
    RefConflict,
    StoreError,
    VersionConflict,
)


class ExitCode(IntEnum):
    """How the command ended."""

    OK = 0  # done
    REFUSED = 1  # an argument was not accepted, something was not confirmed, or a model failed
    USAGE = 2  # the command line itself is wrong
    NOT_FOUND = 3  # no such memory, episode or run
    CONFLICT = 4  # another version, another content under the ref, a forgotten ref, a run that cannot be undone
    DATABASE = 5  # missing, busy, full, read-only, damaged, of another schema or another embedding model
    INTERRUPTED = 130  # Ctrl-C


class UsageError(AgentMemError):
    """The command line itself is wrong: an option is missing, or cannot be read."""


class NotConfirmed(AgentMemError):
    """Something that cannot be undone was not confirmed."""


class NoDatabase(StoreError):
    """There is no file at the path; only commands that write memories create one."""


_CODES: tuple[tuple[tuple[type[AgentMemError], ...], ExitCode], ...] = (
    ((UsageError,), ExitCode.USAGE),
    ((NotFound,), ExitCode.NOT_FOUND),
    ((VersionConflict, RefConflict, ForgottenRef, CannotUndo), ExitCode.CONFLICT),
    ((StoreError, EmbedderMismatch, IndexFailure), ExitCode.DATABASE),
)


def exit_code(error: AgentMemError) -> ExitCode:
    """The exit code of an error."""
    return next((code for types, code in _CODES if isinstance(error, types)), ExitCode.REFUSED)


def report(kind: str, message: str, *, as_json: bool, hint: str | None = None) -> None:
    """Say on standard error what went wrong: one line, or one JSON document."""
    if as_json:
        document = {"error": {"type": kind, "message": message}}
        print(json.dumps(document, ensure_ascii=False), file=sys.stderr)  # noqa: T201 - this is the output
        return
    typer.echo(f"{typer.style('Error:', fg='red', bold=True)} {' '.join(message.split())}", err=True)
    if hint:
        typer.echo(hint, err=True)


@contextmanager
def reported(*, as_json: bool) -> Iterator[None]:
    """Turn the library's errors, and Ctrl-C, into a message and an exit code."""
    try:
        yield
    except AgentMemError as error:
        report(type(error).__name__, str(error), as_json=as_json)
        raise typer.Exit(exit_code(error)) from error
    except KeyboardInterrupt as error:
        raise typer.Exit(ExitCode.INTERRUPTED) from error
