"""A weighted undirected graph as PageRank reads it: a sparse matrix, and a small correction for what changed since."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from agentmem.errors import InvalidInput

Numbers: TypeAlias = NDArray[np.floating[Any]]
Places: TypeAlias = NDArray[np.integer[Any]]
Matrix: TypeAlias = "csr_array[Any, tuple[int, int]]"


@dataclass(frozen=True, slots=True)
class Patch:
    """What is to be added to a base matrix: ``block[i, j]`` at row ``places[i]``, column ``places[j]``."""

    places: NDArray[np.int64]  # ascending
    block: Matrix  # symmetric; entries below 0 take weight away


@dataclass(frozen=True, slots=True)
class Rows:
    """The stored entries of some rows, end to end: entry ``k`` lies in row ``owners[k]`` *of those asked for*."""

    owners: NDArray[np.int64]
    columns: NDArray[np.int64]
    weights: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Adjacency:
    """The graph at one moment. Never changes; cheap to make when only the patch is new.

    Nodes stand at *places*, in an order that makes the product fast: the nodes with the most neighbours first, so that
    what every row reads lies together in the processor's cache. All methods speak of places; ``node_at`` and
    ``place_of`` translate.

    Attributes:
        base: symmetric, non-negative, shape ``(m, m)`` with ``m <= n``; float32 makes the product fastest.
        degrees: the sum of each node's weights, exact, shape ``(n,)``; 0 for a node without neighbours.
        node_at: the node at each place, shape ``(n,)``; ``None`` when every node stands at its own number.
        place_of: the place of each node, shape ``(n,)``, or ``None`` likewise.
        patch: what changed since the base was built.
        linked: which nodes have neighbours, shape ``(n,)``.
        steps: the degrees in the base's dtype.
        inverse: one over each degree in the base's dtype; 0 for a node without neighbours.
        volume: the sum of all degrees.
    """

    base: Matrix
    degrees: NDArray[np.float64]
    node_at: NDArray[np.int64] | None = None
    place_of: NDArray[np.int64] | None = None
    patch: Patch | None = None
    linked: NDArray[np.bool_] = field(init=False)
    steps: Numbers = field(init=False)
    inverse: Numbers = field(init=False)
    volume: float = field(init=False)

    def __post_init__(self) -> None:
        linked = self.degrees > 0
        inverse = np.zeros(len(self.degrees), self.base.dtype)
        np.divide(1.0, self.degrees, out=inverse, where=linked, casting="same_kind")
        object.__setattr__(self, "linked", linked)
        object.__setattr__(self, "steps", self.degrees.astype(self.base.dtype))
        object.__setattr__(self, "inverse", inverse)
        object.__setattr__(self, "volume", float(self.degrees.sum()))

    @classmethod
    def of(cls, matrix: Any) -> Adjacency:
        """From a symmetric sparse matrix (any SciPy format) of weights.

        A link of a node to itself, on the diagonal, counts once, as in ``networkx``.

        Raises:
            InvalidInput: not square, not symmetric, or a weight that is negative or not finite.
        """
        shape = matrix.shape
        if len(shape) != 2 or shape[0] != shape[1]:
            raise InvalidInput(f"A graph's matrix is square, this one has the shape {shape}.")
        base: Matrix = csr_array(matrix)
        if base.dtype not in (np.dtype(np.float32), np.dtype(np.float64)):
            base = base.astype(np.float64)
        if base.nnz and not (np.isfinite(base.data).all() and base.data.min() >= 0):
            raise InvalidInput("A graph's weights are finite and not negative; leave out the edges that should not be.")
        if base.nnz and abs(base - base.T).max() > 0:
            raise InvalidInput("The matrix is not symmetric: pass matrix + matrix.T to let edges count both ways.")
        degrees = np.asarray(base.astype(np.float64).sum(axis=1), dtype=np.float64)
        return cls(_small_numbers(base), degrees)

    def __len__(self) -> int:
        return len(self.degrees)

    @property
    def entries(self) -> int:
        """Stored entries of the base: two for each edge."""
        return int(self.base.nnz)

    def multiply(self, values: Numbers) -> Numbers:
        """The product with a vector of the base's dtype, shape ``(n,)``."""
        covered = self.base.shape[0]
        product: Numbers = self.base @ values[:covered]
        if covered < len(self):
            product = np.concatenate([product, np.zeros(len(self) - covered, product.dtype)])
        if self.patch is not None:
            product[self.patch.places] += self.patch.block @ values[self.patch.places]
        return product

    def rows(self, places: NDArray[np.int64]) -> Rows:
        """The entries of these rows: those of the base, then those of the patch that correct them."""
        found = _rows(self.base, places)
        if self.patch is None:
            return found
        within = np.searchsorted(self.patch.places, places)
        within[within == len(self.patch.places)] = 0
        patched = np.flatnonzero(self.patch.places[within] == places)
        if not len(patched):
            return found
        added = _rows(self.patch.block, within[patched])
        return Rows(
            np.concatenate([found.owners, patched[added.owners]]),
            np.concatenate([found.columns, self.patch.places[added.columns]]),
            np.concatenate([found.weights, added.weights]),
        )

    def at_places(self, by_node: Numbers) -> Numbers:
        """A vector by node as one by place."""
        return by_node if self.node_at is None else by_node[self.node_at]

    def at_nodes(self, by_place: Numbers) -> Numbers:
        """A vector by place as one by node."""
        return by_place if self.place_of is None else by_place[self.place_of]

    def places(self, nodes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where nodes stand."""
        return nodes if self.place_of is None else self.place_of[nodes]

    def nodes(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Which nodes stand there."""
        return places if self.node_at is None else self.node_at[places]


def _rows(matrix: Matrix, places: NDArray[np.int64]) -> Rows:
    inside = np.flatnonzero(places < matrix.shape[0])
    starts = matrix.indptr[places[inside]].astype(np.int64)
    lengths = matrix.indptr[places[inside] + 1] - starts
    ends = np.cumsum(lengths)
    positions = np.repeat(starts - ends + lengths, lengths) + np.arange(ends[-1] if len(ends) else 0)
    return Rows(
        np.repeat(inside, lengths),
        matrix.indices[positions].astype(np.int64),
        matrix.data[positions].astype(np.float64),
    )


def _small_numbers(matrix: Matrix) -> Matrix:
    """The same matrix with 32-bit indices, which halve what the product reads of them."""
    if matrix.indices.dtype == np.int32 or max(matrix.nnz, matrix.shape[0]) > np.iinfo(np.int32).max:
        return matrix
    parts = (matrix.data, matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32))
    return csr_array(parts, shape=matrix.shape)
