"""Baseline ``dense``: the cosine between the question and each turn's bare text, or each passage.

``dense:spoken`` embeds "speaker: text" instead, as systems do that are told who speaks in the text itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np

from agentmem.protocols import FloatArray
from agentmem.types import Usage
from agentmem_evals.embedding.meter import MeteredEmbedder
from agentmem_evals.metrics.retrieval import sessions_by_first_turn
from agentmem_evals.systems.item_text import attributed, bare
from agentmem_evals.systems.vectors import vectors_of
from agentmem_evals.types import Body, Retrieved

COSINE = "cosine"
"""What a vector's closeness to the question's is called among the signals of what was found."""


class DenseSystem:
    """Ranks items by cosine, and a session by its best turn. Texts are embedded ``batch`` at a time."""

    name = "dense"

    def __init__(self, embedder: MeteredEmbedder, batch: int, *, spoken: bool = False) -> None:
        self._text = attributed if spoken else bare
        self._embedder = embedder
        self._batch = batch
        self._ids: list[str] = []
        self._session_of: dict[str, str] = {}
        self._vectors: FloatArray = np.zeros((0, 0), dtype=np.float32)

    def describe(self) -> Mapping[str, Any]:
        """The model, and what of an item it sees."""
        return {
            "name": self.name,
            "embedder": self._embedder.fingerprint,
            "turn": "speaker: text" if self._text is attributed else "text",
            "passage": "title, text",
            "session": "best turn",
        }

    def ingest(self, body: Body) -> None:
        """Embed one body in place of the last."""
        items = list(body.items)
        texts = [self._text(item) for item in items]
        self._ids = [item.id for item in items]
        self._session_of = body.session_of()
        self._vectors = vectors_of(texts, self._embedder, self._batch)

    def retrieve(self, question: str, k: int, *, asked_at: datetime | None = None) -> Retrieved:  # noqa: ARG002
        """The nearest items, and all sessions in the order of their nearest turns."""
        scores = self._vectors @ self._embedder.embed_query(question)
        order = np.argsort(-scores, kind="stable")
        ranking = [self._ids[position] for position in order]
        sessions = sessions_by_first_turn(ranking, self._session_of)[:k]
        return Retrieved(tuple(ranking[:k]), sessions, tuple({COSINE: float(scores[one])} for one in order[:k]))

    def usage(self) -> Usage:
        """Texts embedded so far, questions included."""
        return self._embedder.usage

    def stored_bytes(self) -> int:
        """The size of the vectors."""
        return self._vectors.nbytes

    def close(self) -> None:
        """Nothing to release."""
