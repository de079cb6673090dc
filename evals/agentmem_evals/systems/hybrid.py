"""Baseline ``hybrid``: the sum of what ``dense`` and ``bm25`` say, each in standard deviations from its own mean.

Sources: CombSUM (Fox & Shaw, "Combination of Multiple Searches", TREC-2, 1994) over scores of zero mean and unit
variance (Montague & Aslam, "Relevance Score Normalization for Metasearch", CIKM 2001). There is nothing to tune.

``hybrid:spoken`` embeds "speaker: text" as BM25 reads it, not the bare text.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentmem.protocols import FloatArray
from agentmem.types import Usage
from agentmem_evals.embedding.meter import MeteredEmbedder
from agentmem_evals.systems.dense import COSINE
from agentmem_evals.systems.item_text import attributed, bare, dated
from agentmem_evals.systems.okapi import K1, B, Okapi
from agentmem_evals.systems.vectors import vectors_of
from agentmem_evals.systems.words import STOP_WORDS, Stemming
from agentmem_evals.types import Body, Retrieved

BM25 = "bm25"
"""What the score of the words is called among the signals of what was found; both are told before they are joined."""
_FLAT = 1e-9
"""A spread below which scores are all the same, but for rounding."""

Scores = NDArray[np.float64]


def zscores(scores: Scores) -> Scores:
    """``(x - mean) / standard deviation``, shape kept; zeros where all scores are the same, or there are none."""
    if scores.size == 0:
        return scores
    spread = scores.std()
    return (scores - scores.mean()) / spread if spread > _FLAT else np.zeros_like(scores)


class HybridSystem:
    """Ranks items by z-scored cosine plus z-scored BM25, over all items of the body; sessions likewise.

    A session's cosine is that of its best turn; its words are all that is said in it, and its date. Every item has a
    place in the ranking, also one that shares no word with the question.
    """

    name = "hybrid"

    def __init__(self, embedder: MeteredEmbedder, batch: int, *, spoken: bool = False) -> None:
        self._text = attributed if spoken else bare
        self._embedder = embedder
        self._batch = batch
        self._terms = Stemming()
        self._ids: list[str] = []
        self._session_ids: list[str] = []
        self._session_numbers: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._items = Okapi([])
        self._sessions = Okapi([])
        self._vectors: FloatArray = np.zeros((0, 0), dtype=np.float32)

    def describe(self) -> Mapping[str, Any]:
        """The model, the parameters of BM25, and how the two are joined."""
        return {
            "name": self.name,
            "embedder": self._embedder.fingerprint,
            "k1": K1,
            "b": B,
            "stemmer": "snowball english",
            "stop_words": len(STOP_WORDS),
            "fusion": "sum of z-scores over all items",
            "turn": f"dense: {'speaker: text' if self._text is attributed else 'text'}; bm25: speaker: text",
            "passage": "title, text",
            "session": "dense: best turn; bm25: date and turns",
        }

    def ingest(self, body: Body) -> None:
        """Embed and index one body in place of the last."""
        items = list(body.items)
        sessions = [session for session in body.sessions if session.turns]
        self._ids = [item.id for item in items]
        self._items = Okapi([self._terms(attributed(item)) for item in items])
        self._vectors = vectors_of([self._text(item) for item in items], self._embedder, self._batch)
        self._session_ids = [session.id for session in sessions]
        self._sessions = Okapi([self._terms(dated(session)) for session in sessions])
        numbers = [number for number, session in enumerate(sessions) for _ in session.turns]
        self._session_numbers = np.array(numbers, dtype=np.int64)

    def retrieve(self, question: str, k: int, *, asked_at: datetime | None = None) -> Retrieved:  # noqa: ARG002
        """The ``k`` items and sessions with the largest sums; ties in the order of the body."""
        terms = self._terms(question)
        cosines, scores = self._cosines(question), self._items.scores(terms)
        order = _best(zscores(cosines) + zscores(scores), k)
        sessions = _best(self._session_sums(cosines, terms), k)
        return Retrieved(
            items=tuple(self._ids[position] for position in order),
            sessions=tuple(self._session_ids[position] for position in sessions),
            why=tuple({COSINE: float(cosines[one]), BM25: float(scores[one])} for one in order),
        )

    def usage(self) -> Usage:
        """Texts embedded so far, questions included."""
        return self._embedder.usage

    def stored_bytes(self) -> int:
        """The size of the vectors and of both indexes' arrays."""
        return self._vectors.nbytes + self._items.nbytes + self._sessions.nbytes

    def close(self) -> None:
        """Nothing to release."""

    def _cosines(self, question: str) -> Scores:
        if not self._ids:
            return np.zeros(0)
        return (self._vectors @ self._embedder.embed_query(question)).astype(np.float64)

    def _session_sums(self, cosines: Scores, terms: list[str]) -> Scores:
        if not self._session_ids:
            return np.zeros(0)
        best = np.full(len(self._session_ids), -np.inf)
        np.maximum.at(best, self._session_numbers, cosines)
        return zscores(best) + zscores(self._sessions.scores(terms))


def _best(scores: Scores, k: int) -> NDArray[np.int64]:
    """Positions of the ``k`` largest, shape ``(k,)`` or shorter; ties in order."""
    return np.argsort(-scores, kind="stable")[:k]
