"""What is handed in: a clock, a way to count tokens, an embedding model, hooks for text on its way in or out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from agentmem.protocols.arrays import FloatArray
from agentmem.types import Episode

Clock = Callable[[], datetime]
"""Returns the present as a timezone-aware datetime. Injected, so that tests need not sleep."""

TokenCounter = Callable[[str], int]
"""Counts (or estimates) the tokens of a text, for packing to a budget."""


BeforeWrite = Callable[[Episode], Episode | None]
"""Sees every episode before it is stored, and what ``update`` gives a memory, as an episode of kind ``correction``.

It returns the episode as it shall be stored (:func:`dataclasses.replace`; text, title, speaker, metadata, ref and
``indexed`` may differ), or ``None`` to keep it out. What it raises, the verb raises; nothing of the batch is stored.
"""

BeforePrompt = Callable[[str], str]
"""Sees every text of memory on its way into a prompt, and returns what is shown in its stead.

That is each text, speaker and title in a block of ``context``, and the whole data of each prompt by which the library
itself asks a language model.
"""


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
