"""An embedder that counts what is asked of the one it wraps."""

from __future__ import annotations

import time
from collections.abc import Sequence

from agentmem.protocols import Embedder, FloatArray
from agentmem.types import Usage


class MeteredEmbedder:
    """Passes everything on; :attr:`usage` sums up the texts and the wall time so far."""

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self.usage = Usage()

    @property
    def fingerprint(self) -> str:
        """The wrapped model's."""
        return self._inner.fingerprint

    @property
    def dimension(self) -> int:
        """The wrapped model's."""
        return self._inner.dimension

    def embed_documents(self, texts: Sequence[str]) -> FloatArray:
        """The wrapped model's vectors, counted."""
        started = time.perf_counter()
        vectors = self._inner.embed_documents(texts)
        self._count(len(texts), started)
        return vectors

    def embed_query(self, text: str) -> FloatArray:
        """The wrapped model's vector, counted."""
        started = time.perf_counter()
        vector = self._inner.embed_query(text)
        self._count(1, started)
        return vector

    def _count(self, texts: int, started: float) -> None:
        self.usage += Usage(embedded_texts=texts, embedding_seconds=time.perf_counter() - started)
