"""Embeddings from any server that speaks OpenAI's protocol: OpenAI, Ollama, vLLM, LM Studio, ..."""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from agentmem.config import settings
from agentmem.errors import EmbedderError, MissingExtra
from agentmem.models.endpoint import address_errors
from agentmem.protocols import FloatArray

if TYPE_CHECKING:
    from openai import APIStatusError, OpenAI

logger = logging.getLogger(__name__)

_KNOWN_DIMENSIONS = {
    "text-embedding-3-small": 1536,
    "text-embedding-3-large": 3072,
    "text-embedding-ada-002": 1536,
}
_BATCH = 256
_TOO_MUCH = frozenset({400, 413, 422})
"""With these, servers refuse a text that is longer than the model reads, and more texts than they take at once."""
_SHORTEST = 128
"""Characters that every model reads: a text of so many that is refused is refused for another reason."""
_EXCERPT = 200
"""Characters of a server's reason that a message repeats."""
_NOT_EMBEDDINGS = (
    "The embedding endpoint does not speak OpenAI's protocol: check OPENAI_BASE_URL (it mostly ends in /v1)."
)


class OpenAIEmbedder:
    """An embedding model behind an OpenAI-compatible endpoint.

    A request that the server refuses (HTTP 400, 413, 422) is divided until the text that it will not take is alone, and
    that text is embedded by its beginning: half of it, half of that, as much as the server takes.

    Args:
        model: the server's name for it.
        base_url: the endpoint; default ``OPENAI_BASE_URL``, else OpenAI's own.
        api_key: default ``OPENAI_API_KEY``; servers that need none take any.
        dimension: the vectors' length, where it is not one of OpenAI's models; asked from the server otherwise.
        timeout: seconds to wait for the connection, and for the next part of an answer; a server that keeps sending may
            take longer in all. Failed requests are retried ``max_retries`` times, waiting ever longer.

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
            self._dimension = len(self._embedded(["dimension"])[0])
        return self._dimension

    def embed_documents(self, texts: Sequence[str]) -> FloatArray:
        """See :class:`agentmem.protocols.Embedder`."""
        parts = [self._embedded(list(texts[i : i + _BATCH])) for i in range(0, len(texts), _BATCH)]
        return np.concatenate(parts) if parts else np.empty((0, self.dimension), dtype=np.float32)

    def embed_query(self, text: str) -> FloatArray:
        """See :class:`agentmem.protocols.Embedder`."""
        vector: FloatArray = self._embedded([text])[0]
        return vector

    def _embedded(self, texts: list[str]) -> FloatArray:
        """The vectors of texts of which one may be too long, or which may be too many."""
        try:
            return self._request(texts)
        except _RequestRefused as error:
            half = len(texts) // 2
            if half:
                return np.concatenate([self._embedded(texts[:half]), self._embedded(texts[half:])])
            (text,) = texts
            if len(text) <= _SHORTEST:
                raise EmbedderError(str(error)) from error
            kept = text[: max(len(text) // 2, _SHORTEST)]
            logger.info("the server refuses a text of %d characters; its first %d are tried", len(text), len(kept))
            return self._embedded([kept])

    def _request(self, texts: list[str]) -> FloatArray:
        from openai import APIStatusError, OpenAIError

        client = self._connected()
        try:
            reply = client.embeddings.create(model=self._model, input=texts, encoding_format="float")
        except APIStatusError as error:
            raise self._failure(error, texts) from error
        except OpenAIError as error:
            raise EmbedderError(
                f"The embedding endpoint failed with {type(error).__name__}. {self._check()}; the texts are kept and "
                "will be embedded when it answers."
            ) from error
        except UnicodeEncodeError as error:
            raise EmbedderError(
                f"The embedding endpoint cannot be asked: no request can carry {error.object[error.start]!r}. "
                f"{self._check()}."
            ) from error
        except (ValueError, RecursionError) as error:
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

    def _connected(self) -> OpenAI:
        from openai import OpenAI

        if self._client is None:
            try:
                self._client = OpenAI(
                    base_url=self._base_url,
                    api_key=self._api_key or "none",
                    timeout=self._timeout,
                    max_retries=self._max_retries,
                )
            except address_errors() as error:
                raise EmbedderError(
                    f"The embedding endpoint's address {self._base_url!r} is none ({error}). {self._check()}."
                ) from error
        return self._client

    def _failure(self, error: APIStatusError, texts: list[str]) -> EmbedderError:
        status = error.status_code
        if status >= 500 or status in (408, 409, 429):
            return EmbedderError(
                f"The embedding endpoint cannot answer now (HTTP {status}). {self._check()}; the texts are kept and "
                "will be embedded when it answers."
            )
        reason = _reason(error.body)
        if any(text[:_SHORTEST] in reason for text in texts):
            reason = ""  # it repeats what it was sent, and this message is logged and stored
        kind = _RequestRefused if status in _TOO_MUCH else EmbedderError
        return kind(
            f"The embedding endpoint refuses the request (HTTP {status}{reason and f': {reason}'}). {self._check()}; "
            "the texts are kept, without vectors until it takes them."
        )

    def _check(self) -> str:
        return f"Check OPENAI_BASE_URL, OPENAI_API_KEY and the model's name {self._model!r}"


class _RequestRefused(EmbedderError):
    """The server answers, and does not take what it was sent."""


def _reason(body: object) -> str:
    """What a server says to its refusal, in one line; nothing where it says it in a form of its own."""
    told = next((body[key] for key in ("message", "detail") if key in body), "") if isinstance(body, dict) else body
    line = " ".join(told.split()) if isinstance(told, str) else ""
    return line if len(line) <= _EXCERPT else f"{line[:_EXCERPT]}…"
