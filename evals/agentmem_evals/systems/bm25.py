"""Baseline ``bm25``: stemmed Okapi BM25 over "speaker: text", and over whole sessions with their dates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentmem.types import Usage
from agentmem_evals.systems.okapi import K1, B, Okapi
from agentmem_evals.systems.words import STOP_WORDS, Stemming
from agentmem_evals.types import Conversation, Retrieved, Session, Turn


class Bm25System:
    """Ranks turns by their own words, and sessions by all words said in them and the session's date."""

    name = "bm25"

    def __init__(self) -> None:
        self._terms = Stemming()
        self._turn_ids: list[str] = []
        self._session_ids: list[str] = []
        self._turns = Okapi([])
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
            "session": "date and turns",
        }

    def ingest(self, conversation: Conversation) -> None:
        """Index one conversation in place of the last."""
        turns = list(conversation.turns)
        self._turn_ids = [turn.id for turn in turns]
        self._turns = Okapi([self._terms(_spoken(turn)) for turn in turns])
        self._session_ids = [session.id for session in conversation.sessions]
        self._sessions = Okapi([self._terms(_session_text(session)) for session in conversation.sessions])

    def retrieve(self, question: str, k: int) -> Retrieved:
        """Turns and sessions that share words with the question."""
        terms = self._terms(question)
        return Retrieved(
            turns=tuple(self._turn_ids[position] for position in self._turns.ranking(terms, k)),
            sessions=tuple(self._session_ids[position] for position in self._sessions.ranking(terms, k)),
        )

    def usage(self) -> Usage:
        """No model is asked."""
        return Usage()

    def stored_bytes(self) -> int:
        """The size of both indexes' arrays."""
        return self._turns.nbytes + self._sessions.nbytes

    def close(self) -> None:
        """Nothing to release."""


def _spoken(turn: Turn) -> str:
    return f"{turn.speaker}: {turn.text}"


def _session_text(session: Session) -> str:
    return "\n".join([session.date_text, *(_spoken(turn) for turn in session.turns)])
