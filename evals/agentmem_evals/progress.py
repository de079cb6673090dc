"""How far a run is, what it has cost, and what is still to come, for people who watch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from agentmem.types import Usage
from agentmem_evals.runner.purse import Purse


@dataclass(frozen=True, slots=True)
class Pace:
    """What this start of a run has done so far: ``done`` of ``left`` questions in ``seconds``, for ``usd`` dollars."""

    done: int
    left: int
    seconds: float
    usd: float | None = None

    @property
    def seconds_to_come(self) -> float | None:
        """An estimate: the rest goes as fast as what was done; ``None`` before anything was."""
        return self.seconds / self.done * self.left if self.done else None

    @property
    def usd_to_come(self) -> float | None:
        """The same of money."""
        return self.usd / self.done * self.left if self.done and self.usd is not None else None


class Advance:
    """Moves a progress bar on, names the body that is being asked about, and tells time and cost.

    The first call says how many questions an earlier start has dealt with: they tell nothing about the pace.
    """

    def __init__(self, progress: Progress, total: int, purse: Purse | None, now: Callable[[], float]) -> None:
        self._progress = progress
        self._total = total
        self._purse = purse
        self._now = now
        self._earlier: int | None = None
        self._done = 0
        self._began = now()
        self._owed = 0.0
        self._task = progress.add_task("starting", total=total, told="")

    def __call__(self, body: str, questions: int) -> None:
        if self._earlier is None:
            self._earlier, self._began = questions, self._now()
            self._owed = (self._purse.usd if self._purse else None) or 0.0
        else:
            self._done += questions
        description = body or ("complete already" if questions == self._total else "starting")
        self._progress.update(self._task, advance=questions, description=description, told=self.told())

    def told(self) -> str:
        """What is to come, and the cost so far, in words."""
        usd = self._purse.usd if self._purse else None
        left = self._total - (self._earlier or 0) - self._done
        spent = None if usd is None else max(0.0, usd - self._owed)
        pace = Pace(self._done, left, self._now() - self._began, spent)
        usage = self._purse.spent if self._purse else Usage()
        return ", ".join([*_time(pace), *_cost(usage, usd, pace)])


@contextmanager
def progress(
    console: Console, total: int, purse: Purse | None = None, now: Callable[[], float] = time.monotonic
) -> Iterator[Advance]:
    """A progress bar on ``console`` while ``total`` questions, or pairs, are dealt with."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[told]}"),
    )
    with Progress(*columns, console=console) as bar:
        yield Advance(bar, total, purse, now)


def _time(pace: Pace) -> Iterator[str]:
    if pace.left and pace.seconds_to_come is not None:
        minutes, seconds = divmod(round(pace.seconds_to_come), 60)
        hours, minutes = divmod(minutes, 60)
        yield f"about {hours}:{minutes:02}:{seconds:02} left"


def _cost(usage: Usage, usd: float | None, pace: Pace) -> Iterator[str]:
    if usage.llm_calls:
        yield f"{usage.llm_calls:,} calls, {usage.prompt_tokens + usage.completion_tokens:,} tokens"
    if usd is not None:
        to_come = pace.usd_to_come
        yield f"${usd:,.2f}" + (f" of about ${usd + to_come:,.2f}" if to_come is not None else "")
