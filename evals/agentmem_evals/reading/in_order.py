"""Doing a few things at once and having the results in order, each as soon as it and those before it are there."""

from __future__ import annotations

import contextvars
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from agentmem_evals.errors import EvalError

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_AHEAD = 2
"""For each thing under way, how many are begun or done before the oldest result is taken."""


def in_order(
    work: Callable[[_Item], _Result], items: Iterable[_Item], concurrency: int, name: str = "agentmem-evals"
) -> Iterator[_Result]:
    """What ``work`` makes of each item, in the order of the items, at most ``concurrency`` at a time.

    Items are taken only as there is room for them. When ``work`` raises, nothing new is begun; what was under way is
    finished and given out, since it was paid for, and then the error is raised.

    Raises:
        EvalError: a concurrency below 1.
        Exception: whatever ``work`` raised first, in the order of the items.
    """
    if concurrency < 1:
        raise EvalError(f"A concurrency of {concurrency} does nothing. Give 1 or more.")
    if concurrency == 1:
        yield from map(work, items)
        return
    pool = ThreadPoolExecutor(concurrency, thread_name_prefix=name)
    waiting: deque[Future[_Result]] = deque()
    stopped: BaseException | None = None
    try:
        for item in items:
            waiting.append(pool.submit(contextvars.copy_context().run, work, item))
            if len(waiting) < _AHEAD * concurrency:
                continue
            oldest = waiting.popleft()
            if (stopped := oldest.exception()) is not None:
                break
            yield oldest.result()
        yield from _rest(waiting, stopped)
    finally:
        pool.shutdown(cancel_futures=True)


def _rest(waiting: deque[Future[_Result]], stopped: BaseException | None) -> Iterator[_Result]:
    """What is still to come; after an error only what had begun, and then the error."""
    while waiting:
        if stopped is not None:
            for future in waiting:
                future.cancel()
        oldest = waiting.popleft()
        if oldest.cancelled():
            continue
        error = oldest.exception()
        if error is None:
            yield oldest.result()
        else:
            stopped = stopped or error
    if stopped is not None:
        raise stopped
