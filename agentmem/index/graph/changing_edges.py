"""The weights of a graph that changes all the time, ready to be multiplied at any moment.

Three layers, from slow and large to fast and small: a *base* matrix; a *patch* of pairs that changed since it was
built; a *log* of the changes since somebody last looked. Writing appends to the log. Looking folds the log into the
patch, and builds a new base once the patch is a noticeable share of it.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from agentmem.index.graph.adjacency import Adjacency, Matrix, Patch

_LEAST_PATCH = 256  # pairs; below it a new base would cost more than it saves
_PATCH_SHARE = 0.01
_LOW = (1 << 32) - 1

Keys = NDArray[np.int64]
Weights = NDArray[np.float32]
Ends = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Undirected pairs of nodes as numbers, ascending, with their weights."""

    keys: Keys
    weights: Weights

    def __len__(self) -> int:
        return len(self.keys)

    def weights_of(self, keys: Keys) -> Weights:
        """The weights of pairs; 0 for those that are absent."""
        if not len(self):
            return np.zeros(len(keys), np.float32)
        found = np.minimum(np.searchsorted(self.keys, keys), len(self) - 1)
        return np.where(self.keys[found] == keys, self.weights[found], np.float32(0.0))

    def updated(self, newer: _Pairs) -> _Pairs:
        """These pairs with newer weights written over and added."""
        if not len(self):
            return newer
        found = np.minimum(np.searchsorted(self.keys, newer.keys), len(self) - 1)
        replaced = found[self.keys[found] == newer.keys]
        keys = np.concatenate([np.delete(self.keys, replaced), newer.keys])
        weights = np.concatenate([np.delete(self.weights, replaced), newer.weights])
        order = np.argsort(keys, kind="stable")  # which merges two ascending runs
        return _Pairs(keys[order], weights[order])

    def positive(self) -> _Pairs:
        return _Pairs(self.keys[self.weights > 0], self.weights[self.weights > 0])

    def ends(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return self.keys >> 32, self.keys & _LOW


_NONE = _Pairs(np.empty(0, np.int64), np.empty(0, np.float32))


@dataclass(frozen=True, slots=True)
class _Base:
    """Pairs, and the matrix made of them, whose rows are ordered by how many neighbours they have."""

    pairs: _Pairs
    matrix: Matrix
    degrees: NDArray[np.float64]  # by place
    node_at: NDArray[np.int64]
    place_of: NDArray[np.int64]


class ChangingEdges:
    """Weights of undirected pairs of numbered nodes. A pair that was never put weighs 0 and is no edge.

    Not locked: whoever drives it serialises the calls. What :meth:`adjacency` returned stays as it is.
    """

    def __init__(self) -> None:
        self._log_keys = array("q")
        self._log_weights = array("f")
        self._patch = _NONE
        self._base = _build(_NONE, 0)
        self._latest: Adjacency | None = None

    def put(self, one: int, other: int, weight: float) -> None:
        """Let a pair of two different nodes have this weight; 0 takes the edge away."""
        self._log_keys.append(one << 32 | other if one < other else other << 32 | one)
        self._log_weights.append(weight)

    def adjacency(self, size: int) -> Adjacency:
        """The graph over the nodes from 0 to ``size - 1`` as it is now.

        Costs nothing when nothing was put since the last call, little after few changes, and a rebuild of the matrix
        after many.
        """
        if self._latest is not None and not self._log_keys and len(self._latest) == size:
            return self._latest
        if self._log_keys:
            self._patch = self._patch.updated(_last_of_each(self._log_keys, self._log_weights))
            self._log_keys, self._log_weights = array("q"), array("f")
        if len(self._patch) > max(_LEAST_PATCH, _PATCH_SHARE * len(self._base.pairs)):
            self._base = _build(self._base.pairs.updated(self._patch).positive(), size)
            self._patch = _NONE
        self._latest = _patched(self._base, self._patch, size)
        return self._latest


def _last_of_each(keys: array[int], weights: array[float]) -> _Pairs:
    """The last weight that was put for each pair."""
    backwards = np.array(keys, dtype=np.int64)[::-1]
    unique, first = np.unique(backwards, return_index=True)
    return _Pairs(unique, np.array(weights, dtype=np.float32)[::-1][first])


def _build(pairs: _Pairs, size: int) -> _Base:
    one, other = pairs.ends()
    counts = np.bincount(one, minlength=size) + np.bincount(other, minlength=size)
    node_at = np.argsort(-counts, kind="stable")
    place_of = np.empty_like(node_at)
    place_of[node_at] = np.arange(size)
    rows, columns = place_of[one].astype(np.int32), place_of[other].astype(np.int32)
    matrix = _symmetric(rows, columns, pairs.weights, size)
    return _Base(pairs, matrix, _sums(rows, columns, pairs.weights, size), node_at, place_of)


def _patched(base: _Base, patch: _Pairs, size: int) -> Adjacency:
    added = np.arange(len(base.node_at), size)  # nodes that are younger than the base stand at their own numbers
    node_at = np.concatenate([base.node_at, added]) if len(added) else base.node_at
    place_of = np.concatenate([base.place_of, added]) if len(added) else base.place_of
    degrees = np.concatenate([base.degrees, np.zeros(len(added))])
    if not len(patch):
        return Adjacency(base.matrix, degrees, node_at, place_of)
    difference = _Pairs(patch.keys, patch.weights - base.pairs.weights_of(patch.keys))
    one, other = difference.ends()
    places, ends = np.unique(np.concatenate([place_of[one], place_of[other]]), return_inverse=True)
    rows, columns = ends[: len(one)].astype(np.int32), ends[len(one) :].astype(np.int32)
    changed = degrees[places] + _sums(rows, columns, difference.weights, len(places))
    # Weights are float32 and their sums float64, so a node that lost all edges is left with nothing but rounding.
    degrees[places] = np.where(changed < 1e-9, 0.0, changed)
    block = _symmetric(rows, columns, difference.weights, len(places))
    return Adjacency(base.matrix, degrees, node_at, place_of, Patch(places, block))


def _sums(rows: Ends, columns: Ends, weights: Weights, size: int) -> NDArray[np.float64]:
    """The sum of each row of the matrix that :func:`_symmetric` makes, exact."""
    total = np.bincount(rows, weights, size) + np.bincount(columns, weights, size)
    return np.asarray(total, dtype=np.float64)


def _symmetric(rows: Ends, columns: Ends, weights: Weights, size: int) -> Matrix:
    """The matrix with each weight on both sides of the diagonal, columns ascending within each row."""
    both = coo_array(
        (
            np.concatenate([weights, weights]),
            (np.concatenate([rows, columns]), np.concatenate([columns, rows])),
        ),
        shape=(size, size),
    )
    both.has_canonical_format = True  # no pair stands there twice; without this, SciPy would sort to make sure
    # Read by columns, a matrix read by rows comes out sorted, and this one is its own transpose: cheaper than a sort.
    sorted_columns = both.tocsr().tocsc()
    parts = (sorted_columns.data, sorted_columns.indices, sorted_columns.indptr)
    return csr_array(parts, shape=(size, size))
