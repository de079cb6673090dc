"""What finds the nearest vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from agentmem.protocols.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Space:
    """One set of comparable vectors: those of one scope under one view (see :mod:`agentmem.structures.views`)."""

    scope: int
    view: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """Search results, best first: ``rows`` (int64, shape ``(n,)``), ``scores`` (float32, the same shape, in [0, 1])."""

    rows: IntArray
    scores: FloatArray


@runtime_checkable
class VectorIndex(Protocol):
    """Finds the nearest vectors. An index is a cache: the vectors themselves are kept in the database.

    Scores are ``(1 + cosine) / 2``: in [0, 1], higher is better, in every backend. An index remembers, next to its
    content, up to which journal number it has followed each scope; so an index that was lost, or dropped a scope to
    save memory, says 0 and is filled again.
    """

    name: str

    def attach(self, identity: str) -> None:
        """Belong to one database and embedding model from now on; what was kept for another must not be mixed in."""
        ...

    def position(self, scope: int) -> int:
        """The last journal number followed in a scope; 0 when nothing is held."""
        ...

    def commit(self, scope: int, position: int) -> None:
        """Remember that everything up to this journal number is in."""
        ...

    def upsert(self, space: Space, rows: IntArray, vectors: FloatArray) -> None:
        """Insert or replace; afterwards every row can be found."""
        ...

    def remove(self, scope: int, rows: IntArray) -> None:
        """Drop these rows from every view of a scope. Unknown rows are ignored."""
        ...

    def search(self, space: Space, query: FloatArray, k: int, allowed: IntArray | None = None) -> Ranked:
        """The ``k`` nearest, among ``allowed`` rows only (sorted ascending) when given."""
        ...

    def scores(self, space: Space, query: FloatArray, rows: IntArray) -> FloatArray | None:
        """The scores of these rows (NaN where absent), or ``None`` if the backend cannot tell cheaply."""
        ...

    def count(self, space: Space) -> int:
        """How many vectors the space holds."""
        ...

    def clear(self, scope: int | None = None) -> None:
        """Drop one scope, or everything, with the positions."""
        ...

    def compact(self) -> bool:
        """Physically erase what was removed, so that nothing of it is left in files or memory.

        False when something may be left that this process cannot reach (it then logs what to do).
        """
        ...

    def close(self) -> None: ...
