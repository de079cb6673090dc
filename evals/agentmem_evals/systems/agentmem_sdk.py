"""System ``agentmem``: the library itself, used only through its public SDK."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from agentmem import AgentMemory
from agentmem.types import Hit, Message, Usage
from agentmem_evals.embedding.meter import MeteredEmbedder
from agentmem_evals.systems.session_ranking import POWER, rank_sessions
from agentmem_evals.systems.variant import Variant
from agentmem_evals.types import Conversation, Retrieved, Turn

SCOPE = "locomo"
NO_EMBEDDER = "none"
SESSION_DEPTH = 200
"""How many hits a session ranking is made from, at least: sessions need more turns than a reader does."""


class AgentMemorySystem:
    """A store in a temporary folder with one scope for each conversation."""

    name = "agentmem"

    def __init__(self, embedder: MeteredEmbedder | None, batch: int, variant: Variant) -> None:
        self._variant = variant
        self._embedder = embedder
        self._batch = batch
        self._folder = tempfile.TemporaryDirectory(prefix="agentmem-evals-")
        self._store = AgentMemory.open(
            Path(self._folder.name) / "memory.db",
            embedder=embedder or NO_EMBEDDER,
            views=variant.views,
            retrieval=variant.retrieval,
        )
        self._handle = self._store.scope(SCOPE)
        self._bytes = 0

    def describe(self) -> Mapping[str, Any]:
        """The model, and how sessions are ranked."""
        return {
            "name": self.name,
            "variant": self._variant.name,
            "embedder": NO_EMBEDDER if self._embedder is None else self._embedder.fingerprint,
            "session_depth": SESSION_DEPTH,
            "session_power": POWER,
        }

    def ingest(self, conversation: Conversation) -> None:
        """Add every turn to a scope of the conversation's own."""
        self._handle = self._store.scope(SCOPE, conversation.id)
        before = self._folder_bytes()
        self._handle.add([_message(turn) for turn in conversation.turns if turn.text], batch_size=self._batch)
        self._bytes = self._folder_bytes() - before

    def retrieve(self, question: str, k: int) -> Retrieved:
        """Hybrid retrieval with the library's defaults; sessions are ranked from more hits than ``k``."""
        hits = self._handle.retrieve(question, k=max(SESSION_DEPTH, k))
        return Retrieved(turn_refs(hits)[:k], rank_sessions(hits)[:k])

    def usage(self) -> Usage:
        """Texts that the library had embedded so far, questions included."""
        return Usage() if self._embedder is None else self._embedder.usage

    def stored_bytes(self) -> int:
        """By how much the conversation made the store's files grow."""
        return self._bytes

    def close(self) -> None:
        """Close the store and delete its folder."""
        self._store.close()
        self._folder.cleanup()

    def _folder_bytes(self) -> int:
        return sum(path.stat().st_size for path in Path(self._folder.name).rglob("*") if path.is_file())


def turn_refs(hits: Iterable[Hit]) -> tuple[str, ...]:
    """The turns that hits come from, each once, in the order of the hits and of each hit's sources."""
    refs = (source.ref for hit in hits for source in hit.sources)
    return tuple(dict.fromkeys(ref for ref in refs if ref is not None))


def _message(turn: Turn) -> Message:
    return Message(text=turn.text, speaker=turn.speaker, session=turn.session, at=turn.at, ref=turn.id)
