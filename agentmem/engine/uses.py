"""Which memories were used, counted in this process and written now and then: a retrieval does not wait for a write.

Counted only where a policy of forgetting asks for it. What a process has not written when it dies is not counted.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING

from agentmem.errors import StoreError
from agentmem.types import Scope

if TYPE_CHECKING:
    from agentmem.protocols import Store

logger = logging.getLogger(__name__)

MOST_WAITING = 1_000
"""So many memories wait to be written; then the retrieval that adds to them writes them."""


class Uses:
    """Uses that are not written yet. Safe to use from several threads."""

    def __init__(self) -> None:
        self._waiting: dict[Scope, Counter[str]] = {}
        self._last: dict[Scope, datetime] = {}
        self._lock = Lock()

    def count(self, store: Store, used: Iterable[tuple[Scope | None, str]], at: datetime) -> None:
        """Count these as used once more, and write what waits when it is much."""
        full = set()
        with self._lock:
            for scope, id in used:
                if scope is not None:
                    waiting = self._waiting.setdefault(scope, Counter())
                    waiting[id] += 1
                    self._last[scope] = at
                    if len(waiting) >= MOST_WAITING:
                        full.add(scope)
        for scope in full:
            self.write(store, scope)

    def write(self, store: Store, scope: Scope) -> None:
        """Write what waits for a scope."""
        with self._lock:
            waiting, at = self._waiting.pop(scope, None), self._last.pop(scope, None)
        if not waiting or at is None:
            return
        try:
            with store.write(scope) as writer:
                writer.use(waiting, at)
        except StoreError as error:  # busy, full, read-only: a retrieval must not fail for it, and they may count later
            logger.info("uses of memories in %s were not written: %s", scope.path, error)
            with self._lock:
                self._waiting.setdefault(scope, Counter()).update(waiting)
                self._last.setdefault(scope, at)

    def write_all(self, store: Store) -> None:
        """Write what waits for any scope."""
        for scope in list(self._waiting):
            self.write(store, scope)
