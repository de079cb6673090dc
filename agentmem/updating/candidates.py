"""Which memories are worth comparing: over the whole scope, not the ten nearest.

Duplicates that lie beyond a top-10 window never merge, so nothing here looks at a window: the same text and the same
slot are found by key, whatever else there is, and closeness is computed against everything, block by block.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from agentmem.protocols import FloatArray, IntArray
from agentmem.types import Memory, State
from agentmem.updating.decision import Pair
from agentmem.updating.intervals import overlap
from agentmem.updating.reading import read
from agentmem.updating.slots import slots_of
from agentmem.updating.subjects import subject_of
from agentmem.updating.vetoes import subject_known

THRESHOLD = 0.6
"""The cosine from which on two memories with one subject are compared."""
ALIKE = 0.85
"""The cosine from which on two memories are compared whatever their subjects: one may begin where the other ends."""
MOST = 8
"""The most candidates for one new memory."""
_BLOCK = 512
_NEIGHBOURS = 4
"""How many of one slot, or with one text, are looked at before and after a memory in time."""
_SAME_TEXT, _SAME_SLOT = 3.0, 2.0  # above any cosine


@dataclass(frozen=True, slots=True)
class _Index:
    """All memories in order of time, and by what they can be found."""

    memories: Sequence[Memory]
    rank: Sequence[int]  # each one's place in order of time
    in_order: Sequence[int]
    groups: Mapping[Hashable, Sequence[int]]  # ranks, ascending, of those with one text or one slot
    keys: Sequence[tuple[Hashable, ...]]
    subjects: IntArray
    kinds: IntArray


@dataclass(slots=True)
class _Found:
    """Candidates with scores, by (rank of the older, rank of the newer)."""

    scores: dict[tuple[int, int], float] = field(default_factory=dict)
    cosines: dict[tuple[int, int], float] = field(default_factory=dict)

    def add(self, one: int, other: int, score: float) -> None:
        key = (min(one, other), max(one, other))
        self.scores[key] = max(score, self.scores.get(key, 0.0))


def candidates(
    newer: Sequence[Memory],
    known: Sequence[Memory],
    vectors: FloatArray | None,
    *,
    threshold: float = THRESHOLD,
    most: int = MOST,
) -> list[Pair]:
    """Pairs of a new memory and any other that may have to do with each other; each pair once.

    Compared are active memories of one kind that are true at the same time at some moment, if they have the same text,
    or a slot in common, or a cosine of at least ``threshold`` with the same subject, or of :data:`ALIKE` with any. The
    older of a pair is the one that begins earlier; with equal beginnings, the one that was recorded first, and then
    that comes first in ``known``.

    Args:
        newer: the new memories; one that is not in ``known`` has no candidates.
        known: all current memories, the new ones among them, oldest first.
        vectors: theirs, unit length (zeros where there is none), shape ``(len(known), dimension)``; ``None`` without.
        threshold: see above.
        most: the most pairs that are kept for the sake of one new memory, the best first.

    Returns:
        Ordered by the newer memory and then by the older one, in order of time.
    """
    index = _indexed(known)
    place = {memory.id: number for number, memory in enumerate(known)}
    fresh = [place[memory.id] for memory in newer if memory.id in place]
    fresh = [number for number in dict.fromkeys(fresh) if known[number].state == State.ACTIVE]
    found = _Found()
    for number in fresh:
        _by_key(index, number, found)
    usable = vectors is not None and vectors.ndim == 2 and vectors.shape[1] > 0
    if usable and vectors is not None:
        for one, other, cosine in _close(index, fresh, vectors, threshold, most):
            found.add(index.rank[one], index.rank[other], cosine)
    kept = _bounded(index, fresh, found, most)
    return list(_pairs(index, kept, vectors if usable else None))


def subject_key(memory: Memory) -> str:
    """By what memories of one subject are known: the first word of whom they are about; empty where nobody knows."""
    subject = subject_known(memory) or subject_of(memory.text)
    return subject.split()[0] if subject else ""


def _indexed(known: Sequence[Memory]) -> _Index:
    def begins(number: int) -> tuple[datetime, datetime, int]:
        return known[number].valid_from, known[number].recorded_at, number

    in_order = sorted(range(len(known)), key=begins)
    rank = [0] * len(known)
    groups: dict[Hashable, list[int]] = defaultdict(list)
    keys: list[tuple[Hashable, ...]] = [()] * len(known)
    for position, number in enumerate(in_order):
        memory = known[number]
        rank[number] = position
        slots = tuple((memory.kind, filled.slot) for filled in slots_of(memory))
        keys[number] = ((memory.kind, read(memory.text).key), *dict.fromkeys(slots))
        for key in keys[number]:
            groups[key].append(position)
    subjects = _coded([subject_key(memory) for memory in known])
    kinds = _coded([memory.kind for memory in known])
    return _Index(known, rank, in_order, groups, keys, subjects, kinds)


def _coded(names: Sequence[str]) -> IntArray:
    """A number for each name, equal for equal ones."""
    codes: dict[str, int] = {}
    return np.array([codes.setdefault(name, len(codes)) for name in names], dtype=np.int64)


def _by_key(index: _Index, number: int, found: _Found) -> None:
    """Those with the same text or slot: the nearest in time on both sides; of the same text also the first."""
    mine = index.rank[number]
    for position, key in enumerate(index.keys[number]):
        group = index.groups[key]
        at = bisect_left(group, mine)
        near = [*group[max(0, at - _NEIGHBOURS) : at], *group[at + 1 : at + 1 + _NEIGHBOURS]]
        if position == 0:
            near.append(group[0])
        for other in near:
            if other != mine:
                found.add(mine, other, _SAME_TEXT if position == 0 else _SAME_SLOT)


def _close(
    index: _Index, fresh: Sequence[int], vectors: FloatArray, threshold: float, most: int
) -> Iterator[tuple[int, int, float]]:
    """For each new memory the closest with its subject, at most ``most``, from the threshold on."""
    if not len(index.memories):
        return
    wanted = min(most, len(index.memories) - 1)
    active = np.array([memory.state == State.ACTIVE for memory in index.memories], dtype=np.bool_)
    for start in range(0, len(fresh), _BLOCK):
        block = np.array(fresh[start : start + _BLOCK], dtype=np.int64)
        cosines = vectors[block] @ vectors.T
        strangers = index.subjects[block][:, None] != index.subjects[None, :]
        strangers &= cosines < ALIKE
        strangers |= index.kinds[block][:, None] != index.kinds[None, :]
        cosines[strangers | ~active[None, :]] = -1.0
        cosines[np.arange(len(block)), block] = -1.0
        rows = np.flatnonzero(cosines.max(axis=1, initial=-1.0) >= threshold)
        if not len(rows) or not wanted:
            continue
        best = np.argpartition(-cosines[rows], wanted - 1, axis=1)[:, :wanted]
        highest = np.take_along_axis(cosines[rows], best, axis=1)
        which, place = np.nonzero(highest >= threshold)
        alike = highest[which, place].tolist()
        yield from zip(block[rows[which]].tolist(), best[which, place].tolist(), alike, strict=True)


def _bounded(index: _Index, fresh: Sequence[int], found: _Found, most: int) -> list[tuple[int, int]]:
    """The best pairs of each new memory; a pair stays if one of its new memories keeps it."""
    of: dict[int, list[tuple[float, int, tuple[int, int]]]] = {index.rank[number]: [] for number in fresh}
    for key, score in found.scores.items():
        first, second = (index.memories[index.in_order[position]] for position in key)
        if second.state != State.ACTIVE or first.state != State.ACTIVE or not overlap(first, second):
            continue
        for mine, other in (key, key[::-1]):
            if mine in of:
                of[mine].append((-score, abs(mine - other), key))
    kept = {key for pairs in of.values() for _score, _distance, key in sorted(pairs)[:most]}
    return sorted(kept, key=lambda key: (key[1], key[0]))


def _pairs(index: _Index, kept: Sequence[tuple[int, int]], vectors: FloatArray | None) -> Iterator[Pair]:
    for older, newer in kept:
        first, second = index.in_order[older], index.in_order[newer]
        cosine = None
        if vectors is not None and vectors[first].any() and vectors[second].any():
            cosine = float(vectors[first] @ vectors[second])
        yield Pair(index.memories[first], index.memories[second], cosine)
