"""Baseline ``dense``: the cosine between the question and each turn's bare text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from agentmem.protocols import FloatArray
from agentmem.types import Usage
from agentmem_evals.embedding.meter import MeteredEmbedder
from agentmem_evals.metrics.retrieval import sessions_by_first_turn
from agentmem_evals.types import Conversation, Retrieved


class DenseSystem:
    """Ranks turns by cosine, and a session by its best turn. Texts are embedded ``batch`` at a time."""

    name = "dense"

    def __init__(self, embedder: MeteredEmbedder, batch: int) -> None:
        self._embedder = embedder
        self._batch = batch
        self._turn_ids: list[str] = []
        self._session_of: dict[str, str] = {}
        self._vectors: FloatArray = np.zeros((0, 0), dtype=np.float32)

    def describe(self) -> Mapping[str, Any]:
        """The model, and what of a turn it sees."""
        return {"name": self.name, "embedder": self._embedder.fingerprint, "turn": "text", "session": "best turn"}

    def ingest(self, conversation: Conversation) -> None:
        """Embed one conversation in place of the last."""
        turns = list(conversation.turns)
        texts = [turn.text for turn in turns]
        batches = [texts[start : start + self._batch] for start in range(0, len(texts), self._batch)]
        self._turn_ids = [turn.id for turn in turns]
        self._session_of = conversation.session_of()
        self._vectors = np.concatenate([self._embedder.embed_documents(batch) for batch in batches])

    def retrieve(self, question: str, k: int) -> Retrieved:
        """The nearest turns, and all sessions in the order of their nearest turns."""
        scores = self._vectors @ self._embedder.embed_query(question)
        ranking = [self._turn_ids[position] for position in np.argsort(-scores, kind="stable")]
        return Retrieved(tuple(ranking[:k]), sessions_by_first_turn(ranking, self._session_of)[:k])

    def usage(self) -> Usage:
        """Texts embedded so far, questions included."""
        return self._embedder.usage

    def stored_bytes(self) -> int:
        """The size of the vectors."""
        return self._vectors.nbytes

    def close(self) -> None:
        """Nothing to release."""
