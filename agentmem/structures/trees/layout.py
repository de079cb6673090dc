"""Where vectors lie to each other when only their near neighbours count: a spectral layout in a few dimensions.

Belkin & Niyogi (2003), "Laplacian Eigenmaps": the leading eigenvectors of the normalised graph of nearest neighbours.
The graph is that of UMAP (McInnes et al. 2018, section 3.1): a neighbour's weight falls off with its distance beyond
the nearest one, relative to what is usual at that point; and UMAP itself starts from this layout.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import ArpackNoConvergence, eigsh

from agentmem.protocols import FloatArray

_SEED = 224
_ROWS_AT_ONCE = 1_024
_DENSE = 1_000  # points up to which all eigenvectors are computed


def spectral_layout(vectors: FloatArray, neighbours: int, dimensions: int) -> NDArray[np.float64]:
    """Coordinates of unit vectors, shape ``(n, dimensions)`` or narrower; deterministic. ``n`` is at least 3.

    Args:
        vectors: shape ``(n, dimension)``.
        neighbours: how many of the nearest count as near.
        dimensions: how many coordinates are wanted.
    """
    graph = neighbour_graph(vectors, min(neighbours, len(vectors) - 1))
    degrees = np.asarray(graph.sum(axis=1), dtype=np.float64).ravel()
    scale = 1.0 / np.sqrt(degrees)
    diagonal = sp.csr_matrix(sp.diags(scale))
    normalised = sp.csr_matrix(diagonal @ graph @ diagonal)
    values, axes = _leading(normalised, min(dimensions + 1, len(vectors) - 1))
    found: NDArray[np.float64] = (axes * scale[:, None])[:, 1:] * values[1:] * np.sqrt(degrees.sum())
    return found


def neighbour_graph(vectors: FloatArray, neighbours: int) -> sp.csr_matrix:
    """Symmetric weights in (0, 1] between each point and its nearest neighbours by cosine, shape ``(n, n)``."""
    count = len(vectors)
    nearest = np.empty((count, neighbours), dtype=np.int64)
    weights = np.empty((count, neighbours), dtype=np.float64)
    for start in range(0, count, _ROWS_AT_ONCE):
        cosines = vectors[start : start + _ROWS_AT_ONCE] @ vectors.T
        rows = np.arange(len(cosines))
        cosines[rows, start + rows] = -np.inf
        found = np.argpartition(-cosines, neighbours - 1, axis=1)[:, :neighbours]
        beyond = 1.0 - np.take_along_axis(cosines, found, axis=1).astype(np.float64)
        beyond -= beyond.min(axis=1, keepdims=True)
        usual = np.maximum(beyond.mean(axis=1, keepdims=True), 1e-9)
        nearest[start : start + len(rows)] = found
        weights[start : start + len(rows)] = np.exp(-beyond / usual)
    sources = np.repeat(np.arange(count), neighbours)
    directed = sp.csr_matrix((weights.ravel(), (sources, nearest.ravel())), shape=(count, count))
    backwards = directed.T.tocsr()
    return sp.csr_matrix(directed + backwards - directed.multiply(backwards))


def _leading(matrix: sp.csr_matrix, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The largest eigenvalues, from the largest on, and their eigenvectors as columns."""
    if matrix.shape[0] <= _DENSE:
        values, axes = np.linalg.eigh(matrix.toarray())
    else:
        start = np.random.default_rng(_SEED).standard_normal(matrix.shape[0])
        try:
            values, axes = eigsh(matrix, k=count, which="LA", v0=start, tol=1e-6)
        except ArpackNoConvergence as error:  # some are there, and a layout with fewer axes is one, too
            values, axes = error.eigenvalues, error.eigenvectors
        order = np.argsort(values)
        values, axes = values[order], axes[:, order]
    return values[::-1][:count], axes[:, ::-1][:, :count]
