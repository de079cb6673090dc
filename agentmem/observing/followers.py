"""One span for each time a follower of the journal catches up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from agentmem.observing.instruments import (
    FAILURES,
    FOLLOWER_DURATION,
    FOLLOWER_LAG,
    FOLLOWER_ROWS,
    FOLLOWER_WAITING,
)
from agentmem.observing.silent import OFF
from agentmem.protocols import Observer
from agentmem.types import Built, Scope

FOLLOWER = "agentmem.follower"
"""The label that names a follower. Structures go by their names, as in ``agentmem status``; the others are these."""
EMBEDDER = "vectors"
INDEX = "index"
MIRROR = "mirror"
GRAPH = "graph"
SUBSTRINGS = "substrings"


@contextmanager
def catching_up(
    observer: Observer, follower: str, lag: int, scope: Scope | None = None
) -> Iterator[Callable[[int], None]]:
    """Watch a follower that is ``lag`` journal rows behind; what is given tells how many rows it took in."""
    if observer is OFF:
        yield lambda _rows: None
        return
    labels, lag = {FOLLOWER: follower}, max(0, lag)  # below 0 after an older copy of the file was put in its place
    observer.record(FOLLOWER_LAG, lag, labels)
    with observer.span(f"agentmem.follow {follower}", labels, duration=FOLLOWER_DURATION, scope=scope) as span:
        span.set(FOLLOWER_LAG, lag)

        def tell(rows: int) -> None:
            span.set(FOLLOWER_ROWS, rows)
            observer.count(FOLLOWER_ROWS, rows, labels)

        yield tell


def at_work(
    observer: Observer, follower: str, scope: Scope, work: Callable[[], Built], lag: Callable[[], int] | None = None
) -> Built:
    """Watch a structure's turn: what it built, what failed, by type, and what still waits.

    ``lag`` is asked before it begins, of a structure that follows the journal.
    """
    if observer is OFF:
        return work()
    labels, behind = {FOLLOWER: follower}, None if lag is None else lag()
    with observer.span(f"agentmem.follow {follower}", labels, duration=FOLLOWER_DURATION, scope=scope) as span:
        if behind is not None:
            span.set(FOLLOWER_LAG, behind)
            observer.record(FOLLOWER_LAG, behind, labels)
        built = work()
        span.set(FOLLOWER_ROWS, built.units)
        span.set(FOLLOWER_WAITING, built.waiting)
        span.set("agentmem.added", sum(built.added.values()))
        span.set("agentmem.changed", sum(built.changed.values()))
        span.set("agentmem.failed", len(built.failed))
        span.set("agentmem.stopped", built.stopped is not None)
        span.set("agentmem.llm.calls", built.usage.llm_calls)
    observer.count(FOLLOWER_ROWS, built.units, labels)
    observer.record(FOLLOWER_WAITING, built.waiting, labels)
    for failure in built.failed:
        failed(observer, follower, failure.partition(":")[0])
    return built


def failed(observer: Observer, follower: str, kind: str) -> None:
    """Count something that a follower could not do, by the type of the error."""
    observer.count(FAILURES, 1, {FOLLOWER: follower, "error.type": kind})
