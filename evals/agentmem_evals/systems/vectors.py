"""The vectors of many texts, a batch at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agentmem.protocols import Embedder, FloatArray


def vectors_of(texts: Sequence[str], embedder: Embedder, batch: int) -> FloatArray:
    """One row a text, shape ``(n, dimension)``; at most ``batch`` texts are embedded at once."""
    if not texts:
        return np.zeros((0, embedder.dimension), dtype=np.float32)
    starts = range(0, len(texts), batch)
    return np.concatenate([embedder.embed_documents(texts[start : start + batch]) for start in starts])
