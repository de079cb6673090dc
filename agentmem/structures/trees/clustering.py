"""RAPTOR's clusters: overlapping groups of alike vectors, first over everything, then within each group.

Sarthi et al., "RAPTOR: Recursive Abstractive Processing for Tree-Organized Retrieval" (ICLR 2024), section 3. As
published: ten dimensions, global then local clusters, their number by BIC up to 50, a membership counts above 0.1, a
global cluster of eleven or fewer is one local cluster, and what is too long to summarise is clustered again.

What differs: principal components stand for UMAP, which needs a package of its own, is not reproducible across
machines, and is there to spread clusters out; and Gaussians have one variance for each dimension rather than a full
covariance, which ten dimensions and a hundred points do not support.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from agentmem.protocols import FloatArray, IntArray
from agentmem.structures.trees.mixtures import best_fit, principal

DIMENSIONS = 10
_MOST_CLUSTERS = 50
_MEMBERSHIP = 0.1


def soft_clusters(vectors: FloatArray, *, dimensions: int = DIMENSIONS) -> list[IntArray]:
    """Groups of rows, each ascending, ordered by their first rows; together they hold every row, some more than once.

    Args:
        vectors: unit vectors, shape ``(n, dimension)``.
        dimensions: in how many of the principal components to look; groups of one more, or fewer, stay whole.
    """
    found: dict[tuple[int, ...], None] = {}
    for group in _split(vectors, np.arange(len(vectors)), dimensions):
        for part in _split(vectors, group, dimensions):
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


def _split(vectors: FloatArray, rows: IntArray, dimensions: int) -> list[IntArray]:
    if len(rows) <= dimensions + 1:
        return [rows]
    points = principal(vectors[rows], dimensions)
    memberships = best_fit(points, min(_MOST_CLUSTERS, len(rows)) - 1).memberships
    belongs = memberships > _MEMBERSHIP
    belongs[np.arange(len(rows)), memberships.argmax(axis=1)] = True
    return [rows[column] for column in belongs.T if column.any()]
