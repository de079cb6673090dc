"""Update queues: which later entries may say something about an earlier one.

LightMem (arXiv 2510.18866, section 3.3): the queue of an entry holds the most similar of those that are later,
``Q(e_i) = top-k {(e_j, sim) | t_j >= t_i, j != i}``. Its code builds them the other way round, and so does this: each
entry looks for the most similar of those before it (it searches 20 and keeps 10, of which only the 10 matter), and an
entry's sources are those that found it with a score of at least 0.8.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

import numpy as np

from agentmem.protocols import FloatArray
from agentmem.types import Memory
from agentmem.updating.candidates import candidates
from agentmem.updating.decision import Pair
from agentmem.updating.intervals import overlap

THRESHOLD = 0.8
"""The least cosine, as in the paper's scripts."""
KEPT = 10
"""How many earlier entries each entry keeps, and how many later ones an entry is compared with."""
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Target:
    """An entry with the later ones that may update it.

    Attributes:
        entry: the earlier one.
        later: pairs of it and a later one, in order of time; at least one.
    """

    entry: Memory
    later: tuple[Pair, ...]


def targets(
    memories: Sequence[Memory],
    vectors: FloatArray | None,
    fresh: Set[str],
    *,
    threshold: float = THRESHOLD,
    kept: int = KEPT,
) -> list[Target]:
    """All entries that have sources, in order of time, with at least one that is fresh in every pair.

    An entry is later if it was said later; of those said at the same moment, the one that comes later in ``memories``.
    Pairs that are not true at any common time are left out.

    Args:
        memories: all entries, oldest first.
        vectors: theirs, unit length or zeros, shape ``(len(memories), dimension)``; ``None`` without an embedding
            model: then those are compared that share their words or a slot.
        fresh: the ids of those that were not looked at yet; two others were compared before.
        threshold: see :data:`THRESHOLD`.
        kept: see :data:`KEPT`.
    """
    order = sorted(range(len(memories)), key=lambda place: memories[place].at)
    ordered = [memories[place] for place in order]
    if vectors is None:
        found = _sharing(ordered, fresh, kept)
    else:
        found = _similar(ordered, vectors[np.array(order, dtype=np.int64)], fresh, threshold, kept)
    queues: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for earlier, later, score in found:
        if overlap(ordered[earlier], ordered[later]):
            queues[earlier].append((score, later))
    return [_target(ordered, earlier, sorted(queues[earlier], reverse=True)[:kept]) for earlier in sorted(queues)]


def _target(ordered: Sequence[Memory], earlier: int, best: Sequence[tuple[float, int]]) -> Target:
    entry = ordered[earlier]
    in_time = sorted(best, key=lambda one: one[1])
    return Target(entry, tuple(Pair(entry, ordered[later], score) for score, later in in_time))


def _similar(
    ordered: Sequence[Memory], vectors: FloatArray, fresh: Set[str], threshold: float, kept: int
) -> Iterator[tuple[int, int, float]]:
    """Earlier, later, cosine: for each entry from the first fresh one on, the best before it."""
    is_fresh = np.array([memory.id in fresh for memory in ordered], dtype=np.bool_)
    first = int(is_fresh.argmax()) if is_fresh.any() else len(ordered)
    for start in range(max(first, 1), len(ordered), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(ordered)))
        cosines = vectors[rows] @ vectors[: rows[-1]].T
        cosines[rows[:, None] <= np.arange(rows[-1])[None, :]] = -1.0
        wanted = min(kept, cosines.shape[1])
        best = np.argpartition(-cosines, wanted - 1, axis=1)[:, :wanted]
        for row, places in zip(rows.tolist(), best.tolist(), strict=True):
            for place in places:
                cosine = float(cosines[row - start, place])
                if cosine >= threshold and (is_fresh[row] or is_fresh[place]):
                    yield place, row, cosine


def _sharing(ordered: Sequence[Memory], fresh: Set[str], kept: int) -> Iterator[tuple[int, int, float]]:
    """The same by words: see :func:`agentmem.updating.candidates.candidates`."""
    places = {memory.id: place for place, memory in enumerate(ordered)}
    newer = [memory for memory in ordered if memory.id in fresh]
    for pair in candidates(newer, ordered, None, most=kept):
        earlier, later = sorted((places[pair.older.id], places[pair.newer.id]))
        yield earlier, later, 1.0
