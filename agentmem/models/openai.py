"""Embeddings from any server that speaks OpenAI's protocol: OpenAI, Ollama, vLLM, LM Studio, ..."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from agentmem.config import settings
from agentmem.errors import EmbedderError, MissingExtra
from agentmem.protocols import FloatArray

if TYPE_CHECKING:
    from openai import OpenAI

_KNOWN_DIMENSIONS = {
    "text-embedding-3-small": 1536,
    "text-embedding-3-large": 3072,
    "text-embedding-ada-002": 1536,
}
_BATCH = 256
_NOT_EMBEDDINGS = (
    "The embedding endpoint does not speak OpenAI's protocol: check OPENAI_BASE_URL (it mostly ends in /v1)."
)


class OpenAIEmbedder:
    """An embedding model behind an OpenAI-compatible endpoint.

    Args:
        model: the server's name for it.
        base_url: the endpoint; default ``OPENAI_BASE_URL``, else OpenAI's own.
        api_key: default ``OPENAI_API_KEY``; servers that need none take any.
        dimension: the vectors' length, where it is not one of OpenAI's models; asked from the server otherwise.
        timeout: seconds for one request. Failed requests are retried ``max_retries`` times, waiting ever longer.

    Raises:
        MissingExtra: the package ``openai`` is not installed.
    """

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        dimension: int | None = None,
        timeout: float = 60.0,
        max_retries: int = 3,
    ) -> None:
        if importlib.util.find_spec("openai") is None:
            raise MissingExtra("openai", "openai", "An OpenAI-compatible embedder")
        self._model = model
        self._base_url = base_url or settings().openai_base_url
        self._api_key = api_key or settings().openai_api_key
        self._dimension = dimension or _KNOWN_DIMENSIONS.get(model)
        self._timeout = timeout
        self._max_retries = max_retries
        self._client: OpenAI | None = None

    @property
    def fingerprint(self) -> str:
        """The model's name; which server answers does not matter to the vectors."""
        return f"openai:{self._model}"

    @property
    def dimension(self) -> int:
        """As given or known; otherwise one text is embedded to find out."""
        if self._dimension is None:
            self._dimension = len(self._request(["dimension"])[0])
        return self._dimension

    def embed_documents(self, texts: Sequence[str]) -> FloatArray:
        """See :class:`agentmem.protocols.Embedder`."""
        parts = [self._request(list(texts[i : i + _BATCH])) for i in range(0, len(texts), _BATCH)]
        return np.concatenate(parts) if parts else np.empty((0, self.dimension), dtype=np.float32)

    def embed_query(self, text: str) -> FloatArray:
        """See :class:`agentmem.protocols.Embedder`."""
        vector: FloatArray = self._request([text])[0]
        return vector

    def _request(self, texts: list[str]) -> FloatArray:
        from openai import OpenAI, OpenAIError

        if self._client is None:
            self._client = OpenAI(
                base_url=self._base_url,
                api_key=self._api_key or "none",
                timeout=self._timeout,
                max_retries=self._max_retries,
            )
        try:
            reply = self._client.embeddings.create(model=self._model, input=texts, encoding_format="float")
        except OpenAIError as error:
            raise EmbedderError(
                f"The embedding endpoint failed with {type(error).__name__}. Check OPENAI_BASE_URL, OPENAI_API_KEY and "
                f"the model's name {self._model!r}; the texts are kept and will be embedded when it answers."
            ) from error
        except ValueError as error:
            raise EmbedderError(f"{_NOT_EMBEDDINGS} The answer is not JSON.") from error
        try:
            ordered = [item.embedding for item in sorted(reply.data, key=lambda item: item.index)]
            lengths = {len(vector) for vector in ordered}
            vectors = np.array(ordered, dtype=np.float32) if len(lengths) == 1 else None
        except (AttributeError, TypeError, ValueError) as error:
            raise EmbedderError(f"{_NOT_EMBEDDINGS} The answer lacks the vectors.") from error
        if len(ordered) != len(texts):
            raise EmbedderError(f"{_NOT_EMBEDDINGS} It gave {len(ordered)} vectors for {len(texts)} texts.")
        if vectors is None:
            raise EmbedderError(f"{_NOT_EMBEDDINGS} It gave vectors of different lengths.")
        return vectors
