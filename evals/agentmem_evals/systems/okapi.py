"""Okapi BM25 over a fixed list of texts: the lexical baseline's ranking function, and nothing else.

Source: Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with the inverse
document frequency ``ln(1 + (N - df + 0.5) / (df + 0.5))``, which is never negative.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

K1 = 1.2
B = 0.75


class Okapi:
    """Scores texts, given as lists of terms, against a query's terms."""

    def __init__(self, texts: Sequence[Sequence[str]], k1: float = K1, b: float = B) -> None:
        self._count = len(texts)
        lengths = np.array([len(text) for text in texts], dtype=np.float64)
        mean_length = lengths.mean() if lengths.sum() else 1.0
        saturation = k1 * (1 - b + b * lengths / mean_length)
        occurrences: dict[str, list[tuple[int, int]]] = {}
        for position, text in enumerate(texts):
            for term, frequency in Counter(text).items():
                occurrences.setdefault(term, []).append((position, frequency))
        self._postings: dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]] = {}
        for term, pairs in occurrences.items():
            positions, frequencies = np.array(pairs, dtype=np.int64).T
            rarity = np.log1p((self._count - len(pairs) + 0.5) / (len(pairs) + 0.5))
            weights = rarity * frequencies * (k1 + 1) / (frequencies + saturation[positions])
            self._postings[term] = (positions, weights)

    def scores(self, query: Sequence[str]) -> NDArray[np.float64]:
        """The score of every text, shape ``(n,)``; a term that the query repeats counts as often as it stands there."""
        scores = np.zeros(self._count)
        for term in query:
            if term in self._postings:
                positions, weights = self._postings[term]
                scores[positions] += weights
        return scores

    def ranking(self, query: Sequence[str], k: int) -> list[tuple[int, float]]:
        """Positions and scores of the ``k`` best texts, best first, ties in their order; without a score none."""
        scores = self.scores(query)
        order = np.argsort(-scores, kind="stable")[:k]
        return [(int(position), float(scores[position])) for position in order if scores[position] > 0]

    @property
    def nbytes(self) -> int:
        """The size of the postings' arrays."""
        return sum(positions.nbytes + weights.nbytes for positions, weights in self._postings.values())
