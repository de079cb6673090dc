"""Links between facts that are alike and name the same thing, as between the notes of a slip box. No model is asked.

A-MEM (Xu et al. 2025, arXiv 2502.12110, sections 3.1 and 3.2) has a model decide which of the nearest notes to link,
and lets it rewrite them. Here a new fact is linked to those whose cosine reaches a threshold and that share a key or an
entity with it, other than whom both speak of; nothing is rewritten. Edges (``related``) lead from the newer fact to the
older and weigh their cosine; no fact has more than a few. When a fact is reworded its links are drawn anew; when one
end is retired they are removed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from agentmem.errors import InvalidInput
from agentmem.ids import EDGE, new_id
from agentmem.kinds import FACT, RELATED
from agentmem.operations import Link, Operation, Unlink
from agentmem.protocols import FloatArray
from agentmem.structures.evidence import subject_name
from agentmem.structures.reflection import vectors_of
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.text.entities import entities
from agentmem.text.words import terms
from agentmem.types import Edge, Memory

THRESHOLD = 0.6
"""The cosine from which on facts are linked. Not fitted."""
MOST = 5
"""The most links of one fact."""
_BATCH = 512  # new facts in one proposal; bounds the matrix of cosines


@dataclass(frozen=True, slots=True)
class Associations:
    """The structure. It makes no memories. Without an embedding model it makes nothing.

    Attributes:
        threshold: see :data:`THRESHOLD`.
        most: see :data:`MOST`.

    Raises:
        InvalidInput: ``threshold`` is no cosine above 0, or ``most`` less than 1.
    """

    reads: ClassVar[tuple[str, ...]] = (FACT,)
    name: ClassVar[str] = "associations"
    kinds: ClassVar[tuple[str, ...]] = ()

    threshold: float = THRESHOLD
    most: int = MOST

    def __post_init__(self) -> None:
        if not 0 < self.threshold <= 1 or self.most < 1:
            raise InvalidInput("Associations need a threshold above 0 and up to 1, and at least 1 link for a fact.")

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """See :class:`agentmem.structures.structure.Structure`."""
        facts = list(view.memories(FACT))
        there = {memory.id for memory in facts}
        fresh = {memory.id for unit in units for memory in unit.chunks}
        links = _Links(self.most)
        loose: list[Operation] = []
        former: dict[tuple[str, str], Edge] = {}
        for edge in view.edges(RELATED):
            if edge.source not in there or edge.target not in there:
                loose.append(Unlink(edge))
            elif edge.source in fresh or edge.target in fresh:
                former[edge.source, edge.target] = edge  # of a fact that was reworded
            else:
                links.take(edge.source, edge.target)
        if loose:
            yield Proposal(tuple(loose), ())
        if models.embed is None or not facts:
            if units:
                yield Proposal(tuple(map(Unlink, former.values())), tuple(units))
            return
        yield from self._linked(units, facts, links, former, vectors_of(facts, view, models.embed))

    def _linked(
        self,
        units: Sequence[Unit],
        facts: Sequence[Memory],
        links: _Links,
        former: dict[tuple[str, str], Edge],
        vectors: FloatArray,
    ) -> Iterator[Proposal]:
        places = {fact.id: place for place, fact in enumerate(facts)}
        named = [_named(fact) for fact in facts]
        order = sorted(
            (unit for unit in units), key=lambda unit: places.get(unit.chunks[0].id, -1) if unit.chunks else -1
        )
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            new = [places[memory.id] for unit in batch for memory in unit.chunks if memory.id in places]
            pairs = _alike(new, vectors, self.threshold)
            wanted: dict[tuple[str, str], float] = {}
            for cosine, one, other in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
                newer, older = facts[max(one, other)].id, facts[min(one, other)].id
                if named[one] & named[other] and links.free(newer, older):
                    links.take(newer, older)
                    wanted[newer, older] = round(cosine, 6)
            ids = {facts[place].id for place in new}
            dropped = [key for key in former if (key[0] in ids or key[1] in ids) and key not in wanted]
            operations: list[Operation] = [Unlink(former.pop(key)) for key in dropped if not links.has(*key)]
            for key, weight in wanted.items():
                edge = former.pop(key, None)
                if edge is None or edge.weight != weight:
                    operations.append(Link(Edge(new_id(EDGE), RELATED, *key, weight)))
            yield Proposal(tuple(operations), tuple(batch))


@dataclass(slots=True)
class _Links:
    """Which facts are linked, and how many links each has."""

    most: int
    _drawn: set[tuple[str, str]] = field(default_factory=set)
    _counts: Counter[str] = field(default_factory=Counter)

    def has(self, newer: str, older: str) -> bool:
        return (newer, older) in self._drawn

    def free(self, newer: str, older: str) -> bool:
        """Whether both may have one link more."""
        return not self.has(newer, older) and max(self._counts[newer], self._counts[older]) < self.most

    def take(self, newer: str, older: str) -> None:
        self._drawn.add((newer, older))
        self._counts.update((newer, older))


def _alike(new: Sequence[int], vectors: FloatArray, threshold: float) -> list[tuple[float, int, int]]:
    """Pairs of a new fact and any other with a cosine from the threshold on, each pair once."""
    if not new:
        return []
    rows = np.array(new, dtype=np.int64)
    cosines = vectors[rows] @ vectors.T
    cosines[np.arange(len(rows)), rows] = -1.0
    found = {}
    for row, other in zip(*np.nonzero(cosines >= threshold), strict=True):
        one = int(rows[row])
        found[min(one, int(other)), max(one, int(other))] = min(1.0, float(cosines[row, other]))
    return [(cosine, one, other) for (one, other), cosine in found.items()]


def _named(fact: Memory) -> frozenset[str]:
    """The words of a fact's keys and entities, by their stems, without those of whom it speaks of and who speaks."""
    keys = fact.metadata.get("keys")
    told = [str(key) for key in keys] if isinstance(keys, list | tuple) else []
    told += [entity.name for entity in entities(fact.text)]
    own = {term for name in (subject_name(fact), fact.speaker) if name for term in terms(name)}
    return frozenset(term for phrase in told for term in terms(phrase)) - own
