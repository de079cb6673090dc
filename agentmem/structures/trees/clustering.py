"""RAPTOR's clusters: overlapping groups of alike vectors, first over everything, then within each group.

Sarthi et al., "RAPTOR: Recursive Abstractive Processing for Tree-Organized Retrieval" (ICLR 2024), section 3. As
published: global clusters (of a layout by the square root of n neighbours), then local ones (by ten), their number by
BIC up to 50; a membership counts above 0.1; a global cluster of eleven or fewer is one local cluster; and what is too
long to summarise is clustered again.

What differs: the layout is the one UMAP starts from (:mod:`agentmem.structures.trees.layout`), not UMAP, which needs
packages of its own; it has one dimension for every eight points, at least two and at most the published ten, as so few
points do not support more; and Gaussians have one variance for each dimension rather than a full covariance.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from agentmem.protocols import FloatArray, IntArray
from agentmem.structures.trees.layout import spectral_layout
from agentmem.structures.trees.mixtures import best_fit

DIMENSIONS = 10
_MOST_CLUSTERS = 50
_MEMBERSHIP = 0.1
_LOCAL_NEIGHBOURS = 10
_POINTS_A_DIMENSION = 8


def soft_clusters(vectors: FloatArray, *, dimensions: int = DIMENSIONS) -> list[IntArray]:
    """Groups of rows, each ascending, ordered by their first rows; together they hold every row, some more than once.

    Args:
        vectors: unit vectors, shape ``(n, dimension)``.
        dimensions: of the layout at most; groups of one more, or fewer, stay whole.
    """
    found: dict[tuple[int, ...], None] = {}
    everything = np.arange(len(vectors))
    for group in _split(vectors, everything, math.isqrt(max(len(vectors) - 1, 1)), dimensions):
        for part in _split(vectors, group, _LOCAL_NEIGHBOURS, dimensions):
            found[tuple(part.tolist())] = None
    return [np.array(rows, dtype=np.int64) for rows in sorted(found)]


def bounded_clusters(vectors: FloatArray, costs: Sequence[int], budget: int) -> list[IntArray]:
    """:func:`soft_clusters`, of which those that cost more than the budget are clustered again.

    One that does not fall apart is cut into two halves, in the order of its rows. A single row may cost more.
    """
    price = np.asarray(costs, dtype=np.int64)
    found: dict[tuple[int, ...], None] = {}
    waiting = [*reversed(soft_clusters(vectors))]
    while waiting:
        group = waiting.pop()
        if len(group) == 1 or price[group].sum() <= budget:
            found[tuple(group.tolist())] = None
            continue
        waiting += reversed(list(_smaller(vectors, group)))
    return [np.array(rows, dtype=np.int64) for rows in sorted(found)]


def _smaller(vectors: FloatArray, group: IntArray) -> Iterator[IntArray]:
    """At least two groups of fewer rows each."""
    parts = [group[part] for part in soft_clusters(vectors[group])]
    if len(parts) < 2 or max(map(len, parts)) > 0.9 * len(group):  # it would not end soon
        middle = len(group) // 2
        parts = [group[:middle], group[middle:]]
    yield from parts


def _split(vectors: FloatArray, rows: IntArray, neighbours: int, dimensions: int) -> list[IntArray]:
    if len(rows) <= max(dimensions + 1, 3):
        return [rows]
    fitting = min(dimensions, max(2, len(rows) // _POINTS_A_DIMENSION))
    points = spectral_layout(vectors[rows], neighbours, fitting)
    memberships = best_fit(points, min(_MOST_CLUSTERS, len(rows)) - 1).memberships
    belongs = memberships > _MEMBERSHIP
    belongs[np.arange(len(rows)), memberships.argmax(axis=1)] = True
    return [rows[column] for column in belongs.T if column.any()]
