"""An embedder that is watched: how much it is asked, and how long it takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from agentmem.models.labels import model_labels
from agentmem.protocols import Embedder, FloatArray, Observer


class ObservedEmbedder:
    """Wraps an :class:`~agentmem.protocols.Embedder`; every batch that it is asked is a span.

    Its attributes are those of OpenTelemetry's operation ``embeddings``, and ``agentmem.texts``: how many there are.
    """

    def __init__(self, inner: Embedder, observer: Observer) -> None:
        self._inner = inner
        self._observer = observer

    @property
    def fingerprint(self) -> str:
        """The wrapped model's fingerprint."""
        return self._inner.fingerprint

    @property
    def dimension(self) -> int:
        """The wrapped model's dimension."""
        return self._inner.dimension

    def embed_documents(self, texts: Sequence[str]) -> FloatArray:
        """See :class:`agentmem.protocols.Embedder`."""
        with self._batch(len(texts)):
            return self._inner.embed_documents(texts)

    def embed_query(self, text: str) -> FloatArray:
        """See :class:`agentmem.protocols.Embedder`."""
        with self._batch(1):
            return self._inner.embed_query(text)

    @contextmanager
    def _batch(self, texts: int) -> Iterator[None]:
        labels = model_labels("embeddings", self._inner.fingerprint)
        name = f"embeddings {labels['gen_ai.request.model']}"
        with self._observer.span(name, labels, duration="gen_ai.client.operation.duration") as span:
            span.set("agentmem.texts", texts)
            yield
        self._observer.count("agentmem.embedded.texts", texts, labels)
