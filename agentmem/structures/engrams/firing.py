"""Memoria read as text: which memories fire together while a conversation is read (arXiv 2310.03052, section 3).

The paper's model reads a text in segments. A segment's memories are its working memory; they remind of earlier ones
(:mod:`agentmem.retrieval.reminding`), and all that are on the mind then fire together. Here a segment is some texts of
one session or document, read when it is consolidated. So co-firing is counted by whoever holds the structure's lease,
once for every text, whatever the number of processes, in edges that ``undo``, ``export`` and ``forget`` know; a
question writes nothing. The paper's lifespans are :mod:`agentmem.forgetting.lifespan`, where a use counts as what being
reminded is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from agentmem.errors import InvalidInput
from agentmem.forgetting.lifespan import PUBLISHED
from agentmem.kinds import CHUNK, CO_FIRED
from agentmem.protocols import FloatArray
from agentmem.retrieval.reminding import Reach, closeness, walks
from agentmem.structures.engrams.counts import Counts
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.structures.trees.texts import conversation_of
from agentmem.structures.trees.vectors import chunk_vectors
from agentmem.types import Memory

SEGMENT = 8
"""Texts in one segment. The paper makes 50 memories of a segment; a text is one here."""
READING = Reach(short=4, long=4)
"""What a segment reminds of; less than the paper's 50 and 50, as its segment has less than 50 memories."""
MOST = 12
"""The most companions of an engram that are kept for its own sake."""
_AT_ONCE = 16  # segments in one proposal


@dataclass(frozen=True, slots=True)
class Engrams:
    """The structure. It makes no memories: texts are the engrams. Without an embedding model nothing reminds.

    Attributes:
        segment: see :data:`SEGMENT`.
        reach: see :data:`READING`.
        short_term: how many engrams the short term holds.
        most: see :data:`MOST`.

    Raises:
        InvalidInput: ``segment`` or ``most`` is below 1, or ``short_term`` negative.
    """

    reads: ClassVar[tuple[str, ...]] = (CHUNK,)
    name: ClassVar[str] = "engrams"
    kinds: ClassVar[tuple[str, ...]] = ()

    segment: int = SEGMENT
    reach: Reach = READING
    short_term: int = PUBLISHED.short_term
    most: int = MOST

    def __post_init__(self) -> None:
        if self.segment < 1 or self.most < 1 or self.short_term < 0:
            raise InvalidInput("Engrams need a segment and companions of at least 1, and a short term of 0 or more.")

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """See :class:`agentmem.structures.structure.Structure`."""
        there = view.memories(CHUNK)
        fresh = {unit.chunks[0].id for unit in units if unit.chunks}
        mind = _Mind(self, view, models, [chunk for chunk in there if chunk.id not in fresh])
        segments = list(_segments(units, self.segment, {chunk.id for chunk in there}))
        for start in range(0, len(segments), _AT_ONCE):
            some = segments[start : start + _AT_ONCE]
            for segment in some:
                if segment.chunks:
                    mind.read(segment.chunks)
            mind.counts.prune(self.most)
            yield Proposal(mind.counts.operations(), tuple(unit for segment in some for unit in segment.units))


@dataclass(frozen=True, slots=True)
class _Segment:
    """Consecutive texts of one session or document, and all units that are done with them."""

    units: tuple[Unit, ...]
    chunks: tuple[Memory, ...]


def _segments(units: Sequence[Unit], length: int, there: set[str]) -> Iterator[_Segment]:
    """In the order in which their first texts came; what is there no more completes its unit and does nothing."""
    texts: dict[str, list[Unit]] = {}
    for unit in units:
        for chunk in unit.chunks:
            name = conversation_of(chunk) or f"document:{chunk.sources[0].episode if chunk.sources else chunk.id}"
            texts.setdefault(name, []).append(unit)
    if empty := tuple(unit for unit in units if not unit.chunks):
        yield _Segment(empty, ())
    for same in texts.values():
        for start in range(0, len(same), length):
            some = same[start : start + length]
            yield _Segment(tuple(some), tuple(unit.chunks[0] for unit in some if unit.chunks[0].id in there))


@dataclass(slots=True)
class _Mind:
    """What was read so far, the oldest first, and what fired together."""

    settings: Engrams
    view: View
    models: Models
    arrived: list[Memory]
    counts: Counts = field(init=False)
    _places: dict[str, int] = field(init=False)
    _vectors: dict[str, FloatArray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.counts = Counts.read(self.view.edges(CO_FIRED))
        self._places = {memory.id: place for place, memory in enumerate(self.arrived)}

    def read(self, working: Sequence[Memory]) -> None:
        """One step: be reminded, let all fire together, and move what was read to the short term."""
        reminded = self._reminded(working) if self.models.embed is not None and self.arrived else []
        self.counts.fire([memory.id for memory in (*working, *reminded)])
        for memory in working:
            self._places[memory.id] = len(self.arrived)
            self.arrived.append(memory)

    def _reminded(self, working: Sequence[Memory]) -> list[Memory]:
        reach, on_mind = self.settings.reach, self._of(working)
        first = max(0, len(self.arrived) - self.settings.short_term)
        short_term = range(first, len(self.arrived))
        starts = self._nearest(short_term[::-1], on_mind, reach.short)
        long_term = np.arange(len(self.arrived)) < first
        found = walks(starts, self._beside, long_term, reach.depth) if first else {}
        return [self.arrived[place] for place in (*starts, *self._nearest(list(found), on_mind, reach.long))]

    def _nearest(self, places: Sequence[int], on_mind: FloatArray, count: int) -> list[int]:
        if not places or not count:
            return []
        near = closeness(on_mind, self._of([self.arrived[place] for place in places]))
        return [places[best] for best in np.argsort(-near, kind="stable")[:count].tolist()]

    def _beside(self, place: int) -> list[tuple[int, float]]:
        given = self.arrived[place].id
        others = [other for other in self.counts.companions(given) if other in self._places]
        ranked = [(self._places[other], self.counts.chance(other, given)) for other in others]
        return sorted(ranked, key=lambda one: (-one[1], -one[0]))

    def _of(self, memories: Sequence[Memory]) -> FloatArray:
        """Vectors, shape ``(n, dimension)``; read once each."""
        missing = [memory for memory in memories if memory.id not in self._vectors]
        if missing:
            rows = chunk_vectors(missing, self.view, self.models)
            self._vectors.update((memory.id, row) for memory, row in zip(missing, rows, strict=True))
        return np.stack([self._vectors[memory.id] for memory in memories])
