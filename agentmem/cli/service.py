"""What a command needs that goes on until it is told to stop: signals, and log lines."""

from __future__ import annotations

import json
import logging
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TypeVar

import typer

from agentmem.cli.output import jsonable
from agentmem.cli.printing import printable

_R = TypeVar("_R")

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_USUAL = set(vars(logging.makeLogRecord({})))
_POLL_SECONDS = 0.2


def until_told(work: Callable[[threading.Event], _R]) -> _R:
    """Run ``work`` with an event that SIGINT and SIGTERM set; a second signal ends the process at once.

    The work has a thread of its own, so that a signal's handler never interrupts one who holds the event's lock.
    """
    stop = threading.Event()
    with _handled(stop), ThreadPoolExecutor(1) as pool:
        try:
            future = pool.submit(work, stop)
            while not future.done():
                wait([future], timeout=_POLL_SECONDS)
            return future.result()
        finally:
            stop.set()


@contextmanager
def _handled(stop: threading.Event) -> Iterator[None]:
    def tell(_number: int, _frame: object) -> None:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        stop.set()

    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may handle signals
        return
    before = {number: signal.signal(number, tell) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Lines(logging.Handler):
    """A line for each record: for people on standard error, or JSON on standard output."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__(logging.INFO)
        self._as_json = as_json

    def emit(self, record: logging.LogRecord) -> None:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        if self._as_json:
            fields = {name: value for name, value in vars(record).items() if name not in _USUAL}
            line = {"time": moment, "level": record.levelname.lower(), "message": record.getMessage(), **fields}
            typer.echo(json.dumps(jsonable(line), ensure_ascii=False))
            return
        level = "" if record.levelno <= logging.INFO else f"{record.levelname} "
        typer.echo(f"{moment} {level}{printable(record.getMessage())}", err=True)
        if record.exc_info:
            typer.echo(logging.Formatter().formatException(record.exc_info), err=True)


@contextmanager
def logged(*, as_json: bool) -> Iterator[None]:
    """Show what the library logs, while the block runs."""
    library, handler = logging.getLogger("agentmem"), _Lines(as_json=as_json)
    level, propagates = library.level, library.propagate
    library.addHandler(handler)
    library.setLevel(logging.INFO)
    library.propagate = False
    try:
        yield
    finally:
        library.removeHandler(handler)
        library.setLevel(level)
        library.propagate = propagates
