"""Adding while a worker is busy: one durable turn, without the model's time, and what the worker did meanwhile.

The worker consolidates by rules, in a process of its own, as it is meant to run, or in a thread of the process that
adds. The worst of many is shown too: a transaction that is open for long would be seen there.
"""

from __future__ import annotations

import itertools
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from agentmem_evals.embedding.meter import MeteredEmbedder

from agentmem import AgentMemory
from agentmem.testing import FakeEmbedder
from agentmem.types import Message
from evals.benchmarks.corpus import Corpus
from evals.benchmarks.measuring import seconds
from evals.benchmarks.output import Figure, Result, command
from evals.benchmarks.store import BATCH, DIMENSION

BACKLOG = 10_000
"""Turns that wait when the measurement begins: the worker is busy until its end."""
ADDS = 200
GOAL = 5
"""Milliseconds, median."""
_OPENINGS = ("I moved to", "My sister lives in", "I bought a house in", "We met Rita at")
_SCOPE = "bench"


def work(path: str, stop: threading.Event | None = None, told: threading.Event | None = None) -> int:
    """Be the worker, on a database; says when it begins to write. Returns how many units it has done."""
    say = (lambda: print("busy", flush=True)) if told is None else told.set
    with AgentMemory.open(path, embedder=FakeEmbedder(dimension=DIMENSION), recipe="default") as store:
        first = itertools.count()
        done = store.work(stop=stop, max_retired=1, progress=lambda _so_far: None if next(first) else say())
    return done.units


@contextmanager
def _process(path: str) -> Iterator[None]:
    code = "import sys; from evals.benchmarks.worker import work; work(sys.argv[1])"
    worker = subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE, text=True)
    try:
        assert worker.stdout is not None and worker.stdout.readline() == "busy\n"
        yield
        assert worker.poll() is None, "the worker was done before the measurement was: give it more to do"
    finally:
        worker.terminate()
        worker.communicate()


@contextmanager
def _thread(path: str) -> Iterator[None]:
    stop, busy = threading.Event(), threading.Event()
    worker = threading.Thread(target=work, args=(path, stop, busy))
    worker.start()
    try:
        assert busy.wait(120)
        yield
        assert worker.is_alive(), "the worker was done before the measurement was: give it more to do"
    finally:
        stop.set()
        worker.join()


def _messages() -> list[Message]:
    """Turns in sessions, each with something that rules find."""
    found = Corpus().messages(BACKLOG + ADDS)
    return [
        Message(f"{opening} {message.text.split()[0].title()}. {message.text}.", speaker=message.speaker,
                session=message.session, at=message.at)
        for message, opening in zip(found, itertools.cycle(_OPENINGS), strict=False)
    ]  # fmt: skip


def adding(what: str, worker: str | None) -> Figure:
    """Many turns, each in a call of its own, on a store that holds some already."""
    messages = _messages()
    embedder = MeteredEmbedder(FakeEmbedder(dimension=DIMENSION))
    with tempfile.TemporaryDirectory(prefix="agentmem-bench-") as folder:
        path = str(Path(folder) / "memory.db")
        with AgentMemory.open(path, embedder=embedder) as store:
            handle = store.scope(_SCOPE)
            handle.add(messages[:BACKLOG], batch_size=BATCH)
            busy = {"process": _process, "thread": _thread, None: lambda _path: nullcontext()}[worker]
            with busy(path):
                before = embedder.usage.embedding_seconds
                taken = [seconds(lambda message=message: handle.add(message)) for message in messages[BACKLOG:]]  # type: ignore[misc]
            model = (embedder.usage.embedding_seconds - before) / ADDS
            left = 0 if worker is None else store.scope(_SCOPE).waiting()[0].left
    milliseconds = [(one - model) * 1000 for one in taken]
    return {
        "what": what,
        "median (ms)": statistics.median(milliseconds),
        "goal": GOAL,
        "95% (ms)": statistics.quantiles(milliseconds, n=20)[-1],
        "worst (ms)": max(milliseconds),
        "left for the worker": left,
    }


def measure() -> Result:
    """Measure adding while a worker is busy."""
    rows = [
        adding("no worker", None),
        adding("a worker in another process", "process"),
        adding("a worker in a thread", "thread"),
    ]
    note = f"{ADDS} turns, one in each call; {BACKLOG:,} wait for the worker. The embedding model's time is subtracted."
    return Result("worker", "Adding one turn while a worker consolidates by rules", rows, note)


if __name__ == "__main__":
    command(measure)
