"""A model that failed is left alone for a while: meanwhile verbs answer by words at once, however slowly it fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from agentmem.errors import EmbedderError
from agentmem.protocols import Clock

FIRST_RETRY = timedelta(seconds=1)
LAST_RETRY = timedelta(minutes=5)
_MOST = 30


class Outage:
    """What this process knows of the failures of one embedding model, whichever scope they came up in.

    The rest grows with every failure in a row, from 1 second, doubling, to 5 minutes; the first success ends it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._retry_at: datetime | None = None

    def lasts(self, now: datetime) -> bool:
        """Whether the model should not be asked now."""
        retry_at = self._retry_at
        return retry_at is not None and now < retry_at

    def end(self) -> None:
        """Ask it again at once."""
        with self._lock:
            self._failures, self._retry_at = 0, None

    @contextmanager
    def watched(self, clock: Clock) -> Iterator[None]:
        """Ask the model inside. Of threads that were asking it at the same time, one failure counts."""
        before = self._failures
        try:
            yield
        except EmbedderError:
            with self._lock:
                if self._failures == before:
                    self._retry_at = clock() + min(FIRST_RETRY * 2 ** min(before, _MOST), LAST_RETRY)
                    self._failures += 1
            raise
        self.end()
