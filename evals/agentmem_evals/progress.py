"""How far a run is, for people who watch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class Advance:
    """Moves the progress bar on and names the body that is being asked about."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._task = progress.add_task("starting", total=total)

    def __call__(self, body: str, questions: int) -> None:
        self._progress.update(self._task, advance=questions, description=body or "complete already")


@contextmanager
def progress(console: Console, total: int) -> Iterator[Advance]:
    """A progress bar on ``console`` while ``total`` questions, or pairs, are dealt with."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        yield Advance(bar, total)
