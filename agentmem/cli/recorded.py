"""The name of the model that a database's vectors were made with, as an embedder that cannot embed."""

from __future__ import annotations

from collections.abc import Sequence

from agentmem.errors import EmbedderError
from agentmem.protocols import FloatArray


class RecordedModel:
    """Lets a command that only looks open a database of any model, without loading or even having it."""

    dimension = 0

    def __init__(self, fingerprint: str) -> None:
        self.fingerprint = fingerprint

    def embed_documents(self, texts: Sequence[str]) -> FloatArray:
        """See :class:`agentmem.protocols.Embedder`."""
        raise EmbedderError(f"This command does not embed texts ({len(texts)} were given).")

    def embed_query(self, text: str) -> FloatArray:
        """See :class:`agentmem.protocols.Embedder`."""
        return self.embed_documents([text])
