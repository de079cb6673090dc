"""Indexes: caches that find memories fast. Each can be thrown away and rebuilt from the database at any time."""

from __future__ import annotations

from pathlib import Path

from agentmem.errors import InvalidInput
from agentmem.protocols import VectorIndex


def open_index(index: VectorIndex | str, database: Path) -> VectorIndex:
    """From a name to a vector index.

    Raises:
        InvalidInput: an unknown name.
        MissingExtra: the index's package is not installed.
    """
    if not isinstance(index, str):
        return index
    if index == "exact":
        from agentmem.index.exact import ExactIndex

        return ExactIndex()
    if index == "chroma":
        from agentmem.index.chroma import ChromaIndex

        return ChromaIndex(path=leftover(database))
    raise InvalidInput(f"Unknown index {index!r}. There are: exact, chroma; or pass a VectorIndex.")


def leftover(database: Path) -> Path | None:
    """The folder of the index ``"chroma"`` beside a database; ``None`` for one in memory."""
    return None if str(database) == ":memory:" else database.with_name(database.name + ".chroma")
