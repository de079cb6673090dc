"""Moving the beginnings of events so that each event hangs together, and hangs little with the next.

Fountas et al. (ICLR 2025), section 3.3 and algorithm 1: units are the nodes of a graph, weighted by how alike they are;
between two beginnings the second is moved to where the two communities it parts have the highest modularity, or the
lowest conductance. Order and number of events stay.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from agentmem.protocols import FloatArray

Measure = Callable[[FloatArray, int], float]
"""How good it is to part a weighted graph before a place; higher is better."""


def adjacency(vectors: FloatArray) -> FloatArray:
    """How alike units are: their cosines, none below 0; shape ``(n, n)``. ``vectors`` are unit rows."""
    return np.asarray(np.maximum(vectors @ vectors.T, 0.0), dtype=np.float64)


def modularity(weights: FloatArray, place: int) -> float:
    """The modularity of the two communities before and from a place (equation 3, with two communities).

    ``Q = (1/4m) * sum_ij [A_ij - k_i k_j / 2m] * delta(c_i, c_j)`` with ``m = sum(A) / 2`` and ``k_i = sum_j A_ij``.
    0 for a graph without weights.
    """
    total = float(weights.sum())
    if total <= 0.0:
        return 0.0
    degrees = weights.sum(axis=1)
    found = 0.0
    for part in (slice(0, place), slice(place, None)):
        found += float(weights[part, part].sum()) - float(degrees[part].sum()) ** 2 / total
    return found / (2.0 * total)


def conductance(weights: FloatArray, place: int) -> float:
    """The conductance of the cut before a place, with a minus: what is cut, over the lesser volume (equation 4).

    ``cut(S, S') / min(vol(S), vol(S'))``, where a volume is the sum of a community's degrees. 0 is best; a community of
    no volume is cut off for nothing.
    """
    cut = float(weights[:place, place:].sum())
    volumes = float(weights[:place].sum()), float(weights[place:].sum())
    return 0.0 if min(volumes) <= 0.0 else -cut / min(volumes)


def refined(found: Sequence[int], vectors: FloatArray, measure: Measure = modularity) -> list[int]:
    """The beginnings, each but the first moved back to the best place between the one before it and its own.

    For each event the graph reaches half an event beyond both sides. Of places that are equally good the later stays
    nearer to the surprise, and is taken.

    Args:
        found: ascending, the first 0.
        vectors: unit rows of the units, shape ``(n, dimension)``.
        measure: :func:`modularity` or :func:`conductance`.
    """
    moved = list(found[:1])
    for end in found[1:]:
        begin = moved[-1]  # the event may begin earlier than it did
        half = max(1, (end - begin) // 2)
        first, last = max(0, begin - half), min(len(vectors), end + half)
        weights = adjacency(vectors[first:last])
        places = range(begin + 1, end + 1)
        moved.append(max(places, key=lambda place: (measure(weights, place - first), place)))
    return moved
