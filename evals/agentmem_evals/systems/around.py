"""A system around another one: what it does not do itself, the inner one does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agentmem.types import Usage
from agentmem_evals.systems.protocol import System
from agentmem_evals.types import Body, Retrieved


class Around:
    """Hands everything on. ``name`` is its own name, if it has one, and the inner system's: ``listing:bm25``."""

    def __init__(self, name: str | None, inner: System) -> None:
        self.inner = inner
        self.name = inner.name if name is None else f"{name}:{inner.name}"

    def describe(self) -> Mapping[str, Any]:
        """The inner system's, under this name."""
        return {**self.inner.describe(), "name": self.name}

    def ingest(self, body: Body) -> None:
        """See :class:`agentmem_evals.systems.protocol.System`."""
        self.inner.ingest(body)

    def retrieve(self, question: str, k: int, *, asked_at: datetime | None = None) -> Retrieved:
        """See :class:`agentmem_evals.systems.protocol.System`."""
        return self.inner.retrieve(question, k, asked_at=asked_at)

    def usage(self) -> Usage:
        """See :class:`agentmem_evals.systems.protocol.System`."""
        return self.inner.usage()

    def stored_bytes(self) -> int:
        """See :class:`agentmem_evals.systems.protocol.System`."""
        return self.inner.stored_bytes()

    def close(self) -> None:
        """See :class:`agentmem_evals.systems.protocol.System`."""
        self.inner.close()
