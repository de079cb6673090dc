"""A store to measure: in a temporary folder, with a fake model whose time is known."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from agentmem_evals.embedding.meter import MeteredEmbedder

from agentmem import AgentMemory
from agentmem.recipes import DEFAULT_RECIPE
from agentmem.testing import FakeEmbedder

DIMENSION = 384
BATCH = 1000


@contextmanager
def open_store(
    durability: Literal["normal", "full"] = "normal", recipe: str = DEFAULT_RECIPE
) -> Iterator[tuple[AgentMemory, MeteredEmbedder]]:
    """The store and its model; both are gone afterwards."""
    embedder = MeteredEmbedder(FakeEmbedder(dimension=DIMENSION))
    with tempfile.TemporaryDirectory(prefix="agentmem-bench-") as folder:
        store = AgentMemory.open(Path(folder) / "memory.db", embedder=embedder, durability=durability, recipe=recipe)
        try:
            yield store, embedder
        finally:
            store.close()
