"""How results leave the command: as one JSON document, or through rich, and how work is shown while it lasts."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from agentmem.types import Progress


def jsonable(value: Any) -> Any:
    """A value of the library as what JSON can hold: fields become keys, moments ISO 8601, a scope its path."""
    from agentmem.types import Scope

    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, Scope):
        return value.path
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: jsonable(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    return str(value) if isinstance(value, str) else value


def print_json(value: Any) -> None:
    """One document on standard output."""
    typer.echo(json.dumps(jsonable(value), ensure_ascii=False, indent=2))


def print_json_line(value: Any) -> None:
    """One document in one line of many, on standard output."""
    typer.echo(json.dumps(jsonable(value), ensure_ascii=False))


def print_rich(renderable: Any) -> None:
    """Something for people, on standard output; a plain string is printed as it is."""
    if isinstance(renderable, str):
        typer.echo(renderable)
        return
    from rich.console import Console

    Console(highlight=False).print(renderable)


def counted(count: int, one: str, many: str | None = None) -> str:
    """A number with its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def is_interactive() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


@contextmanager
def progress_bar(label: str, total: int | None = None) -> Iterator[Callable[[Progress], None]]:
    """A bar on standard error while the block runs, if that is a terminal; yields what to call with progress."""
    if not sys.stderr.isatty():
        yield lambda _progress: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = [SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}")]
    with Bar(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total, count="")

        def advance(progress: Progress) -> None:
            count = f"{progress.done:,}" if total is None else f"{progress.done:,} of {total:,}"
            bar.update(task, completed=progress.done, count=count)

        yield advance
