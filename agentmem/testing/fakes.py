"""Deterministic stand-ins for a model and a clock."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np

from agentmem.protocols import FloatArray
from agentmem.text.words import terms

_START = datetime(2026, 1, 1, tzinfo=UTC)


class FakeEmbedder:
    """Texts that share words get similar vectors: the sum of a fixed random vector for each term.

    The same text gives the same vector in every process. A text without words gets a vector of its own.
    """

    def __init__(self, dimension: int = 64) -> None:
        self._dimension = dimension

    @property
    def fingerprint(self) -> str:
        """Differs by dimension only."""
        return f"fake:{self._dimension}"

    @property
    def dimension(self) -> int:
        """As given."""
        return self._dimension

    def embed_documents(self, texts: Sequence[str]) -> FloatArray:
        """See :class:`agentmem.protocols.Embedder`."""
        if not texts:
            return np.empty((0, self._dimension), dtype=np.float32)
        return np.stack([self.embed_query(text) for text in texts])

    def embed_query(self, text: str) -> FloatArray:
        """See :class:`agentmem.protocols.Embedder`."""
        total = np.sum([_direction(term, self._dimension) for term in terms(text) or [f"\x00{text}"]], axis=0)
        unit: FloatArray = (total / np.linalg.norm(total)).astype(np.float32)
        return unit


class BrokenEmbedder(FakeEmbedder):
    """A :class:`FakeEmbedder` that can be told to misbehave: set ``mode`` to a function of the good vectors.

    ``mode=None`` works; ``raise_timeout``, ``give_nan`` and ``give_wrong_size`` are the usual ways to fail.
    """

    def __init__(self, mode: Callable[[FloatArray], FloatArray] | None, dimension: int = 64) -> None:
        super().__init__(dimension)
        self.mode = mode

    def embed_documents(self, texts: Sequence[str]) -> FloatArray:
        """See :class:`agentmem.protocols.Embedder`."""
        vectors = super().embed_documents(texts)
        return vectors if self.mode is None else self.mode(vectors)

    def embed_query(self, text: str) -> FloatArray:
        """See :class:`agentmem.protocols.Embedder`."""
        vector = super().embed_query(text)
        changed: FloatArray = vector if self.mode is None else self.mode(vector[None, :])[0]
        return changed

    @staticmethod
    def raise_timeout(_vectors: FloatArray) -> FloatArray:
        """As a remote model that does not answer."""
        raise TimeoutError("the model did not answer")

    @staticmethod
    def give_nan(vectors: FloatArray) -> FloatArray:
        """As a model whose weights overflowed."""
        return np.full_like(vectors, np.nan)

    @staticmethod
    def give_wrong_size(vectors: FloatArray) -> FloatArray:
        """As another model behind the same name."""
        return vectors[:, :-1]


class FakeClock:
    """A clock that stands still until it is moved. Call it to read it."""

    def __init__(self, start: datetime = _START) -> None:
        self._now = start

    def __call__(self) -> datetime:
        return self._now

    def advance(self, step: timedelta | None = None, **units: float) -> datetime:
        """Move forward, by a timedelta or by its units (``advance(days=2)``)."""
        self._now += step if step is not None else timedelta(**units)
        return self._now


@lru_cache(maxsize=100_000)
def _direction(term: str, dimension: int) -> FloatArray:
    seed = int.from_bytes(hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
    return np.random.default_rng(seed).standard_normal(dimension).astype(np.float32)
