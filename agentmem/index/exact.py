"""Exact nearest neighbours with NumPy: one matrix for each space, compared whole.

Vectors are of unit length, so one matrix-vector product gives every cosine. Matrices of scopes that were not used for
longest are dropped when a bound on memory is passed; whoever drives the index then fills them again from the database.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

import numpy as np

from agentmem.index.growing import Growing
from agentmem.index.one_thread import product
from agentmem.protocols import FloatArray, IntArray, Ranked, Space

DEFAULT_MAX_BYTES = 4 * 1024**3
_EMPTY = Ranked(np.empty(0, np.int64), np.empty(0, np.float32))


class _Matrix:
    """The vectors of one space: ``rows`` ascending, the column ``vectors[:, i]`` belongs to ``rows[i]``."""

    def __init__(self, dimension: int) -> None:
        self.rows = Growing(np.int64)
        self.vectors = Growing(np.float32, dimension)

    def put(self, rows: IntArray, vectors: FloatArray) -> None:
        order = np.argsort(rows, kind="stable")
        rows, vectors = rows[order], vectors[order]
        places = _places(self.rows.view(), rows)
        known = places >= 0
        self.vectors.view()[:, places[known]] = vectors[known].T
        rows, vectors = rows[~known], vectors[~known]
        last = self.rows.view()[-1] if len(self.rows) else -1
        self.rows.extend(rows)
        self.vectors.extend(vectors)
        if len(rows) and rows[0] < last:  # late vectors of an older memory: put them in their place
            order = np.argsort(self.rows.view(), kind="stable")
            self._keep(order)

    def drop(self, rows: IntArray) -> None:
        keep = ~np.isin(self.rows.view(), rows)
        if not keep.all():
            self._keep(np.flatnonzero(keep))

    def _keep(self, positions: IntArray) -> None:
        rows, vectors = self.rows.view()[positions], self.vectors.view()[:, positions]
        self.__init__(len(vectors))  # type: ignore[misc]
        self.rows.extend(rows)
        self.vectors.extend(vectors.T)

    @property
    def nbytes(self) -> int:
        return self.rows.nbytes + self.vectors.nbytes


class ExactIndex:
    """See :class:`agentmem.protocols.VectorIndex`. In memory only, bounded by ``max_bytes``.

    Threads share it: changes are made under a lock, and a change leaves the arrays that a search reads as they are.
    """

    name = "exact"

    def __init__(self, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._matrices: OrderedDict[Space, _Matrix] = OrderedDict()
        self._positions: dict[int, int] = {}
        self._identity = ""
        self._lock = threading.RLock()

    def attach(self, identity: str) -> None:
        """See :class:`agentmem.protocols.VectorIndex`."""
        with self._lock:
            if identity != self._identity:
                self._identity = identity
                self.clear()

    def position(self, scope: int) -> int:
        """See :class:`agentmem.protocols.VectorIndex`."""
        return self._positions.get(scope, 0)

    def commit(self, scope: int, position: int) -> None:
        """See :class:`agentmem.protocols.VectorIndex`."""
        with self._lock:
            self._positions[scope] = position
            self._evict(keep=scope)

    def upsert(self, space: Space, rows: IntArray, vectors: FloatArray) -> None:
        """See :class:`agentmem.protocols.VectorIndex`."""
        if not len(rows):
            return
        with self._lock:
            matrix = self._matrices.get(space)
            if matrix is None:
                matrix = self._matrices[space] = _Matrix(vectors.shape[1])
            matrix.put(rows, vectors)
            self._matrices.move_to_end(space)

    def remove(self, scope: int, rows: IntArray) -> None:
        """See :class:`agentmem.protocols.VectorIndex`."""
        with self._lock:
            for space, matrix in self._matrices.items():
                if space.scope == scope:
                    matrix.drop(rows)

    def search(self, space: Space, query: FloatArray, k: int, allowed: IntArray | None = None) -> Ranked:
        """See :class:`agentmem.protocols.VectorIndex`."""
        rows, vectors = self._held(space)
        if not len(rows) or k <= 0:
            return _EMPTY
        if allowed is not None:
            places = _places(rows, allowed)
            places = places[places >= 0]
            rows = rows[places]
            cosines = _products(vectors, query, places)
        else:
            cosines = product(query, vectors)
        best = top(cosines, k)
        return Ranked(rows[best].copy(), to_score(cosines[best]))

    def scores(self, space: Space, query: FloatArray, rows: IntArray) -> FloatArray | None:
        """See :class:`agentmem.protocols.VectorIndex`."""
        found = np.full(len(rows), np.nan, dtype=np.float32)
        held, vectors = self._held(space)
        if len(held) and np.array_equal(held, rows):  # the usual question: all of a scope
            return to_score(product(query, vectors))
        places = _places(held, rows)
        known = places >= 0
        if known.any():
            found[known] = to_score(_products(vectors, query, places[known]))
        return found

    def count(self, space: Space) -> int:
        """See :class:`agentmem.protocols.VectorIndex`."""
        return len(self._held(space)[0])

    def _held(self, space: Space) -> tuple[IntArray, FloatArray]:
        """The rows and vectors (columns) of a space as they are now; using it puts it last in the order of eviction."""
        with self._lock:
            matrix = self._matrices.get(space)
            if matrix is None:
                return _EMPTY.rows, np.empty((0, 0), np.float32)
            self._matrices.move_to_end(space)
            return matrix.rows.view(), matrix.vectors.view()

    def _evict(self, keep: int) -> None:
        """Drop the scopes used longest ago, except ``keep``, until the bound on memory holds."""
        total = sum(matrix.nbytes for matrix in self._matrices.values())
        for space in list(self._matrices):
            if total <= self._max_bytes:
                return
            if space.scope != keep and space in self._matrices:
                total -= sum(matrix.nbytes for other, matrix in self._matrices.items() if other.scope == space.scope)
                self.clear(space.scope)

    def clear(self, scope: int | None = None) -> None:
        """See :class:`agentmem.protocols.VectorIndex`."""
        with self._lock:
            for space in [s for s in self._matrices if scope is None or s.scope == scope]:
                del self._matrices[space]
            if scope is None:
                self._positions.clear()
            else:
                self._positions.pop(scope, None)

    def compact(self) -> bool:
        """Nothing to do: ``remove`` rebuilt the matrices without the rows."""
        return True

    def close(self) -> None:
        """Free the memory."""
        self.clear()


def _places(held: IntArray, rows: IntArray) -> IntArray:
    """Where each row stands among those held (ascending); -1 where it is absent."""
    if not len(held):
        return np.full(len(rows), -1, dtype=np.int64)
    inside = np.minimum(np.searchsorted(held, rows), len(held) - 1)
    return np.where(held[inside] == rows, inside, -1)


def _products(vectors: FloatArray, query: FloatArray, places: IntArray) -> FloatArray:
    """The cosines at these places. Few: gather them first. Many: the whole product is cheaper than the copy."""
    few = len(places) * 4 < vectors.shape[1]
    return product(query, vectors[:, places]) if few else product(query, vectors)[places]


def top(scores: FloatArray, k: int) -> IntArray:
    """Positions of the ``k`` highest scores, best first; ties by position, so that results are reproducible."""
    if k >= len(scores):
        return np.argsort(-scores, kind="stable")
    # Everything that ties with the k-th is kept until the stable sort, so that ties are cut by position.
    threshold = np.partition(scores, len(scores) - k)[len(scores) - k]
    best = np.flatnonzero(scores >= threshold)
    return np.asarray(best[np.argsort(-scores[best], kind="stable")][:k], dtype=np.int64)


def to_score(cosines: FloatArray) -> FloatArray:
    """Cosine in [-1, 1] to a score in [0, 1]."""
    return np.asarray(np.clip((cosines + 1.0) / 2.0, 0.0, 1.0), dtype=np.float32)
