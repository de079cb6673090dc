"""A wrapper every embedder runs behind: batches, a memory of what was embedded lately, and checks.

Models fail, return NaN, or change their dimension; what passes here can be stored.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from agentmem.errors import EmbedderError
from agentmem.protocols import Embedder, FloatArray

BATCH = 256
CACHED_VECTORS = 4_096


class CheckedEmbedder:
    """Wraps an :class:`~agentmem.protocols.Embedder` and satisfies the same protocol.

    ``texts`` and ``seconds`` count what the wrapped model was really asked. The cache is keyed by a hash of the text,
    kept in memory only, and emptied by :meth:`forget`.
    """

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self._cache: OrderedDict[bytes, FloatArray] = OrderedDict()
        self.texts = 0
        self.seconds = 0.0

    @property
    def fingerprint(self) -> str:
        """The wrapped model's fingerprint."""
        return self._inner.fingerprint

    @property
    def dimension(self) -> int:
        """The wrapped model's dimension."""
        return self._inner.dimension

    def embed_documents(self, texts: Sequence[str]) -> FloatArray:
        """Unit vectors, shape ``(len(texts), dimension)``.

        Raises:
            EmbedderError: the model returned the wrong shape, NaN, infinity or a zero vector. What the model itself
                raises passes through.
        """
        keys = [_key(text) for text in texts]
        # Taken out at once: another thread may push them out of the cache, or empty it.
        known = {key: vector for key in keys if (vector := self._cache.get(key)) is not None}
        wanted = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        fresh: dict[bytes, FloatArray] = {}
        missing = list(wanted)
        try:
            for start in range(0, len(missing), BATCH):
                part = missing[start : start + BATCH]
                fresh.update(zip(part, self._embed([wanted[key] for key in part]), strict=True))
        finally:  # a model that fails at a later part is not asked again for those that it has embedded
            self._remember(fresh)
        found = [fresh[key] if key in fresh else known[key] for key in keys]
        vectors: FloatArray = np.stack(found) if found else np.empty((0, self.dimension), dtype=np.float32)
        return vectors

    def embed_query(self, text: str) -> FloatArray:
        """The unit vector of a question, shape ``(dimension,)``; raises as :meth:`embed_documents` does."""
        started = time.perf_counter()
        try:
            vector = self._inner.embed_query(text)
        finally:
            self.texts += 1
            self.seconds += time.perf_counter() - started
        checked: FloatArray = self._check(np.asarray(vector)[None], 1)[0]
        return checked

    def forget(self) -> None:
        """Empty the cache, so that no trace of a forgotten text stays in memory."""
        self._cache.clear()

    def _embed(self, texts: list[str]) -> FloatArray:
        started = time.perf_counter()
        try:
            vectors = self._inner.embed_documents(texts)
        finally:
            self.texts += len(texts)
            self.seconds += time.perf_counter() - started
        return self._check(np.asarray(vectors), len(texts))

    def _check(self, vectors: FloatArray, count: int) -> FloatArray:
        expected = (count, self.dimension)
        if vectors.shape != expected:
            raise EmbedderError(
                f"The embedder {self.fingerprint} returned vectors of shape {vectors.shape}, not {expected}. "
                "Nothing was stored of them. Check the model's name and its 'dimension'."
            )
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or (lengths < 1e-12).any():
            raise EmbedderError(
                f"The embedder {self.fingerprint} returned NaN, infinity or a zero vector. Nothing was stored of it. "
                "Check the model; the texts are kept and will be embedded when it works."
            )
        unit: FloatArray = (vectors / lengths).astype(np.float32, copy=False)
        return unit

    def _remember(self, fresh: dict[bytes, FloatArray]) -> None:
        self._cache.update(fresh)
        while len(self._cache) > CACHED_VECTORS:
            self._cache.popitem(last=False)


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
