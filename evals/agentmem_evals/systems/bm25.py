"""Baseline ``bm25``: stemmed Okapi BM25 over "speaker: text" or title and text, and over whole dated sessions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agentmem.types import Usage
from agentmem_evals.systems.item_text import attributed, dated
from agentmem_evals.systems.okapi import K1, B, Okapi
from agentmem_evals.systems.words import STOP_WORDS, Stemming
from agentmem_evals.types import Body, Retrieved


class Bm25System:
    """Ranks items by their own words, and sessions by all words said in them and the session's date."""

    name = "bm25"

    def __init__(self) -> None:
        self._terms = Stemming()
        self._ids: list[str] = []
        self._session_ids: list[str] = []
        self._items = Okapi([])
        self._sessions = Okapi([])

    def describe(self) -> Mapping[str, Any]:
        """The parameters of the ranking."""
        return {
            "name": self.name,
            "k1": K1,
            "b": B,
            "stemmer": "snowball english",
            "stop_words": len(STOP_WORDS),
            "turn": "speaker: text",
            "passage": "title, text",
            "session": "date and turns",
        }

    def ingest(self, body: Body) -> None:
        """Index one body in place of the last."""
        items = list(body.items)
        self._ids = [item.id for item in items]
        self._items = Okapi([self._terms(attributed(item)) for item in items])
        self._session_ids = [session.id for session in body.sessions]
        self._sessions = Okapi([self._terms(dated(session)) for session in body.sessions])

    def retrieve(self, question: str, k: int, *, asked_at: datetime | None = None) -> Retrieved:  # noqa: ARG002
        """Items and sessions that share words with the question."""
        terms = self._terms(question)
        found = self._items.ranking(terms, k)
        return Retrieved(
            items=tuple(self._ids[position] for position, _ in found),
            sessions=tuple(self._session_ids[position] for position, _ in self._sessions.ranking(terms, k)),
            why=tuple({self.name: score} for _, score in found),
        )

    def usage(self) -> Usage:
        """No model is asked."""
        return Usage()

    def stored_bytes(self) -> int:
        """The size of both indexes' arrays."""
        return self._items.nbytes + self._sessions.nbytes

    def close(self) -> None:
        """Nothing to release."""
