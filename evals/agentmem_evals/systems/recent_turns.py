"""Baseline ``recent-turns``: the end of the conversation, newest turn first; what a plain chat window remembers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agentmem.types import Usage
from agentmem_evals.errors import EvalError
from agentmem_evals.metrics.retrieval import sessions_by_first_turn
from agentmem_evals.systems.item_text import bare
from agentmem_evals.types import Body, Level, Retrieved


class RecentTurnsSystem:
    """Gives the last turns whatever is asked, and the sessions newest first."""

    name = "recent-turns"

    def __init__(self) -> None:
        self._newest_first: tuple[str, ...] = ()
        self._sessions: tuple[str, ...] = ()
        self._bytes = 0

    def describe(self) -> Mapping[str, Any]:
        """What is given."""
        return {"name": self.name, "items": "the last k turns, newest first"}

    def ingest(self, body: Body) -> None:
        """Keep the order of one conversation in place of the last.

        Raises:
            EvalError: the body is a corpus, whose passages are in no order of time.
        """
        if body.level is not Level.TURN:
            raise EvalError("The passages of a corpus are in no order of time: 'recent-turns' is for conversations.")
        self._newest_first = tuple(item.id for item in body.items)[::-1]
        self._sessions = sessions_by_first_turn(self._newest_first, body.session_of())
        self._bytes = sum(len(bare(item).encode()) for item in body.items)

    def retrieve(self, question: str, k: int, *, asked_at: datetime | None = None) -> Retrieved:  # noqa: ARG002
        """The last ``k`` turns and sessions, newest first."""
        return Retrieved(self._newest_first[:k], self._sessions[:k])

    def usage(self) -> Usage:
        """No model is asked."""
        return Usage()

    def stored_bytes(self) -> int:
        """The size of the texts."""
        return self._bytes

    def close(self) -> None:
        """Nothing to release."""
