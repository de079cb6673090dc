"""A lease kept while its holder waits for a slow model: renewed from a thread of its own until the work is over."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from agentmem.engine.parts import Parts
from agentmem.engine.units import LEASE, renew
from agentmem.errors import StoreError
from agentmem.types import Scope

logger = logging.getLogger(__name__)

INTERVAL = LEASE.total_seconds() / 4
"""Seconds between two beats: three may fail before another process takes over."""


@contextmanager
def heartbeat(parts: Parts, scope: Scope, follower: str, interval: float = INTERVAL) -> Iterator[None]:
    """Keep a follower's lease while the block runs. A lease that was lost is left alone."""
    over = Event()
    thread = Thread(target=_beat, args=(parts, scope, follower, interval, over), name=f"lease {follower}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _beat(parts: Parts, scope: Scope, follower: str, interval: float, over: Event) -> None:
    while not over.wait(interval):
        try:
            with parts.store.write(scope) as writer:
                if not renew(parts, writer, follower):
                    return
        except StoreError as error:  # busy, full: the next beat may succeed, and the lease says when it is too late
            logger.warning("the lease of %s in %s was not renewed: %s", follower, scope.path, error)
