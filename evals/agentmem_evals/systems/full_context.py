"""Baseline ``full-context``: no memory at all. Everything is given, in order, and read whole unless a budget is set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agentmem.types import Usage
from agentmem_evals.systems.item_text import bare
from agentmem_evals.types import Body, Retrieved

FULL_CONTEXT = "full-context"
"""The system's name."""


class FullContextSystem:
    """Gives the whole body whatever is asked: every item, first to last.

    More than ``k`` items are given, on purpose: a reader has no limit here unless one is asked for, and packs as many
    as that holds. As a ranking it is what it is, the first ``k`` items of the body, and measures of retrieval say so.
    """

    name = FULL_CONTEXT

    def __init__(self) -> None:
        self._items: tuple[str, ...] = ()
        self._sessions: tuple[str, ...] = ()
        self._bytes = 0

    def describe(self) -> Mapping[str, Any]:
        """What is given."""
        return {"name": self.name, "items": "all, in order"}

    def ingest(self, body: Body) -> None:
        """Keep the order of one body in place of the last."""
        self._items = tuple(item.id for item in body.items)
        self._sessions = tuple(session.id for session in body.sessions)
        self._bytes = sum(len(bare(item).encode()) for item in body.items)

    def retrieve(self, question: str, k: int, *, asked_at: datetime | None = None) -> Retrieved:  # noqa: ARG002
        """All items and sessions in order."""
        return Retrieved(self._items, self._sessions)

    def usage(self) -> Usage:
        """No model is asked."""
        return Usage()

    def stored_bytes(self) -> int:
        """The size of the texts."""
        return self._bytes

    def close(self) -> None:
        """Nothing to release."""
