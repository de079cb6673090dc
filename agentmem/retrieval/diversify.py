"""Maximal marginal relevance (Carbonell & Goldstein, 1998): good hits that do not repeat each other."""

from __future__ import annotations

import numpy as np

from agentmem.protocols import FloatArray, IntArray


def diversify(scores: FloatArray, vectors: FloatArray, k: int, diversity: float) -> IntArray:
    """Positions of ``k`` candidates, best first.

    Each step takes the candidate with the highest ``(1 - diversity) * score - diversity * similarity``, where
    similarity is its highest cosine with those taken before. Scores are stretched to [0, 1] first, so that the two
    compare. ``vectors`` are of unit length, shape ``(n, dimension)``; a zero row resembles nothing.
    """
    n = len(scores)
    if not n:
        return np.empty(0, dtype=np.int64)
    spread = float(scores.max() - scores.min())
    relevance = (scores - scores.min()) / spread if spread > 0 else np.ones(n, dtype=np.float32)
    nearest = np.zeros(n, dtype=np.float32)
    left = np.ones(n, dtype=np.bool_)
    taken: list[int] = []
    for _ in range(min(k, n)):
        gains = np.where(left, (1.0 - diversity) * relevance - diversity * nearest, -np.inf)
        best = int(np.argmax(gains))
        taken.append(best)
        left[best] = False
        nearest = np.maximum(nearest, vectors @ vectors[best])
    return np.array(taken, dtype=np.int64)
