"""What is handed in: a clock, a way to count tokens, an embedding model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from agentmem.protocols.arrays import FloatArray

Clock = Callable[[], datetime]
"""Returns the present as a timezone-aware datetime. Injected, so that tests need not sleep."""

TokenCounter = Callable[[str], int]
"""Counts (or estimates) the tokens of a text, for packing to a budget."""


@runtime_checkable
class Embedder(Protocol):
    """Turns texts into vectors of unit length.

    ``fingerprint`` names the model and everything that changes its vectors (weights, pooling, truncation); two
    embedders with one fingerprint must give the same vectors up to rounding. ``dimension`` is the vectors' length.
    Neither may need to load the model.
    """

    @property
    def fingerprint(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def embed_documents(self, texts: Sequence[str]) -> FloatArray:
        """Vectors of texts to be found, shape ``(len(texts), dimension)``, rows of unit length."""
        ...

    def embed_query(self, text: str) -> FloatArray:
        """The vector of a question, shape ``(dimension,)``, of unit length."""
        ...
