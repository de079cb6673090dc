"""Writes what was said while nobody waits: a bounded queue, threads, and for each scope one thing after the other.

Nothing is dropped. When the queue is full, whoever brings more waits; what fails is logged, kept, and raised by
:meth:`CaptureWorker.flush`. Threads that are at work when the interpreter ends are waited for.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Condition

from agentmem import Message, Scope
from agentmem.errors import InvalidInput, StoreClosed
from langchain_agentmem.errors import CaptureFailed, CaptureUnfinished, FailedCapture

logger = logging.getLogger(__name__)

KEPT_FAILURES = 1_000
"""How many failures are kept for ``flush``; the log has all."""


@dataclass(frozen=True, slots=True)
class Capture:
    """What is to be stored where."""

    scope: Scope
    messages: tuple[Message, ...]


class CaptureWorker:
    """Threads that store captures, those of one scope in the order in which they came.

    Args:
        write: stores one capture, or raises; called from the threads. It may return what of it is not stored.
        threads: how many scopes are written at once.
        waiting: how many captures may wait or be written at once.

    Raises:
        InvalidInput: a number is below 1.
    """

    def __init__(
        self, write: Callable[[Capture], Sequence[FailedCapture] | None], *, threads: int, waiting: int
    ) -> None:
        if threads < 1 or waiting < 1:
            raise InvalidInput(f"threads and waiting must be at least 1, not {threads} and {waiting}.")
        self._write = write
        self._limit = waiting
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="agentmem-capture")
        self._lanes: dict[Scope, deque[tuple[int, Capture]]] = {}
        self._unfinished: set[int] = set()
        self._submitted = 0
        self._failures: deque[FailedCapture] = deque(maxlen=KEPT_FAILURES)
        self._closed = False
        self._changed = Condition()

    def submit(self, capture: Capture, *, wait: bool = True) -> bool:
        """Take a capture on; returns at once unless the queue is full.

        Args:
            capture: what to store. What comes after :meth:`close` fails at once.
            wait: if the queue is full, wait for room; otherwise return ``False``.
        """
        with self._changed:
            while len(self._unfinished) >= self._limit and not self._closed:
                if not wait:
                    return False
                self._changed.wait()
            if self._closed:
                closed = StoreClosed("The memory of this agent was closed before the agent was done. Close it last.")
                self._failed(FailedCapture(capture.scope, capture.messages, closed))
                return True
            self._submitted += 1
            self._unfinished.add(self._submitted)
            lane = self._lanes.get(capture.scope)
            if lane is not None:  # a thread is at it
                lane.append((self._submitted, capture))
                return True
            self._lanes[capture.scope] = deque([(self._submitted, capture)])
            self._executor.submit(self._drain, capture.scope)
        return True

    def _drain(self, scope: Scope) -> None:
        while True:
            with self._changed:
                lane = self._lanes[scope]
                if not lane:
                    del self._lanes[scope]
                    return
                number, capture = lane.popleft()
            failures = self._written(capture)
            with self._changed:
                for failure in failures:
                    self._failed(failure)
                self._unfinished.discard(number)
                self._changed.notify_all()

    def _written(self, capture: Capture) -> Sequence[FailedCapture]:
        """What of it could not be stored."""
        try:
            return self._write(capture) or ()
        except Exception as error:  # noqa: BLE001 - the boundary between one capture and the next; flush raises it
            return (FailedCapture(capture.scope, capture.messages, error),)

    def _failed(self, failure: FailedCapture) -> None:
        self._failures.append(failure)
        logger.error(
            "%d messages were not stored in scope %s", len(failure.messages), failure.scope.path, exc_info=failure.error
        )

    def flush(self, timeout: float | None = None) -> None:
        """Wait until all that was taken on so far is stored.

        Args:
            timeout: in seconds; for ever when not said.

        Raises:
            CaptureFailed: some of it, or of what came before, is not stored. Each failure is raised once.
            CaptureUnfinished: the time is over.
        """
        with self._changed:
            last = self._submitted
            done = self._changed.wait_for(lambda: all(number > last for number in self._unfinished), timeout)
            failures = tuple(self._failures)
            if not done:
                raise CaptureUnfinished(
                    f"{len(self._unfinished)} captures are not stored after {timeout} seconds. They go on; flush again."
                )
            self._failures.clear()
        if failures:
            raise CaptureFailed(failures)

    def close(self) -> None:
        """Store what waits, then end the threads. Raises CaptureFailed. Closing twice does no harm."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._executor.shutdown()
        self.flush()
