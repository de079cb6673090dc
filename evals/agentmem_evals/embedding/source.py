"""Makes a run's embedder when a system first asks for it, and closes what it opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from agentmem.protocols import Embedder
from agentmem_evals.embedding.cache import CachedEmbedder
from agentmem_evals.embedding.meter import MeteredEmbedder

LoadEmbedder = Callable[[str], Embedder | None]


def load_library_embedder(name: str) -> Embedder | None:
    """The library's model of that name (``None``: by words only). Imported late: not every system has a model."""
    from agentmem.models import load_embedder

    return load_embedder(name)


class EmbedderSource:
    """Called, it gives the run's embedder: made once, counting, behind the cache in ``cache`` if that is given."""

    def __init__(self, name: str, cache: Path | None = None, load: LoadEmbedder = load_library_embedder) -> None:
        self._name = name
        self._cache = cache
        self._load = load
        self._made: MeteredEmbedder | None = None
        self._asked = False
        self._opened: CachedEmbedder | None = None

    def __call__(self) -> MeteredEmbedder | None:
        """The embedder, made now if it was not asked for before; ``None`` if the run goes by words only."""
        if not self._asked:
            self._made, self._asked = self._make(), True
        return self._made

    def close(self) -> None:
        """Close the cache's file, if one was opened."""
        if self._opened is not None:
            self._opened.close()

    def _make(self) -> MeteredEmbedder | None:
        embedder = self._load(self._name)
        if embedder is None:
            return None
        if self._cache is not None:
            embedder = self._opened = CachedEmbedder(embedder, self._cache)
        return MeteredEmbedder(embedder)
