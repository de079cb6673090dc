"""Entities that mean nearly the same: exact nearest neighbours among phrases' vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from agentmem.errors import InvalidInput
from agentmem.protocols import BoolArray, FloatArray, IntArray
from agentmem.text.phrases import is_too_short

_BLOCK = 4_000_000  # cosines at once: 16 MB
_MARGIN = 1e-4  # a matrix product is less exact than the sum that decides


def find_synonyms(
    new_vectors: FloatArray,
    new_names: Sequence[str],
    vectors: FloatArray,
    names: Sequence[str],
    threshold: float = 0.8,
    limit: int = 100,
) -> Mapping[str, Mapping[str, float]]:
    """For each new phrase, the phrases whose cosine is at least ``threshold``, nearest first.

    HippoRAG 2's synonymy edges, for new phrases only: what :meth:`~.MemoryGraph.set_synonyms` keeps is found from
    either side. A phrase is not its own synonym, and phrases of at most two letters or digits have none and are none.
    A pair's cosine is the same number whichever side asks and whatever else is compared with it. Where ``limit`` cuts
    neighbours off, a pair is found only by a side that has it among its nearest.

    Args:
        new_vectors: of unit length, shape ``(m, dimension)``.
        new_names: their phrases, normalised.
        vectors: of unit length, shape ``(n, dimension)``: those to choose from, the new ones among them.
        names: their phrases.
        threshold: the least cosine, above 0.
        limit: the most synonyms a phrase is given.

    Raises:
        InvalidInput: vectors and names do not match, or the threshold is not above 0.
    """
    _check(new_vectors, new_names, vectors, names, threshold)
    found: dict[str, dict[str, float]] = {name: {} for name in new_names}
    eligible: BoolArray = np.array([not is_too_short(name) for name in names], dtype=np.bool_)
    asking = [i for i, name in enumerate(new_names) if not is_too_short(name)]
    step = max(1, _BLOCK // max(1, len(names)))
    for start in range(0, len(asking), step):
        block = np.array(asking[start : start + step], dtype=np.int64)
        near = (new_vectors[block] @ vectors.T >= threshold - _MARGIN) & eligible
        rows, columns = np.nonzero(near)
        cosines = _cosines(new_vectors, block[rows], vectors, columns)
        for row, column, cosine in zip(block[rows].tolist(), columns.tolist(), cosines.tolist(), strict=True):
            if cosine >= threshold and names[column] != new_names[row]:
                found[new_names[row]][names[column]] = cosine
    return {name: _nearest(near, limit) for name, near in found.items()}


def _cosines(left: FloatArray, rows: IntArray, right: FloatArray, columns: IntArray) -> FloatArray:
    """The cosine of each pair, summed in double precision and rounded, so that it is the same for both sides."""
    products = left[rows].astype(np.float64) * right[columns]
    cosines: FloatArray = np.minimum(np.round(products.sum(axis=1), 6), 1.0)
    return cosines


def _nearest(near: Mapping[str, float], limit: int) -> Mapping[str, float]:
    return dict(sorted(near.items(), key=lambda item: (-item[1], item[0]))[:limit])


def _check(
    new_vectors: FloatArray, new_names: Sequence[str], vectors: FloatArray, names: Sequence[str], threshold: float
) -> None:
    for matrix, phrases in ((new_vectors, new_names), (vectors, names)):
        if len(phrases) and (matrix.ndim != 2 or len(matrix) != len(phrases)):
            raise InvalidInput(f"{len(phrases)} phrases need as many vectors as rows, not the shape {matrix.shape}.")
    if not threshold > 0:
        raise InvalidInput(f"The threshold of synonyms is a cosine above 0, not {threshold!r}.")
