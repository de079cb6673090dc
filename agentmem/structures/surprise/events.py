"""EM-LLM's events as memories: consecutive units, told by the few that stand for them.

An event's text is its most central units, in their order: the text by which it is found, as EM-LLM finds an event by
its representative tokens (Fountas et al., ICLR 2025, section 3.4). Its sources are all its units. No model is asked but
the embedder; without one, everything up to ``most`` units is one event.

An event begins at the latest where a consolidation began: turns that come later are cut apart from those before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np

from agentmem.errors import InvalidInput
from agentmem.kinds import SURPRISE_EVENT
from agentmem.operations import Add
from agentmem.protocols import FloatArray
from agentmem.structures.derived import derived
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.structures.surprise.boundaries import GAMMA, WINDOW, boundaries, surprises
from agentmem.structures.surprise.refinement import Measure, modularity, refined
from agentmem.structures.trees.nodes import told
from agentmem.structures.trees.vectors import chunk_vectors
from agentmem.types import Memory

REPRESENTATIVE = 4
"""How many units stand for an event (the authors' ``repr_topk``)."""

Surprisal = Callable[[Sequence[str]], Sequence[float]]
"""The surprise of each unit of a text given those before it, by a language model that tells: mean ``-log p`` of its
tokens. Higher is more surprising."""


@dataclass(frozen=True, slots=True)
class SurpriseEvents:
    """The structure.

    Attributes:
        window: see :mod:`agentmem.structures.surprise.boundaries`.
        gamma: see there.
        fewest: units of an event.
        most: units of an event.
        measure: by which beginnings are moved; ``None``: they stay where they surprised.
        surprisal: ``None``: surprise is how unlike a unit is to those before it.

    Raises:
        InvalidInput: a window below 1, or ``fewest`` not from 1 to ``most``.
    """

    reads: ClassVar[tuple[str, ...]] = ()

    window: int = WINDOW
    gamma: float = GAMMA
    fewest: int = 2
    most: int = 24
    measure: Measure | None = modularity
    surprisal: Surprisal | None = None

    def __post_init__(self) -> None:
        if self.window < 1 or not 1 <= self.fewest <= self.most:
            raise InvalidInput("Events need a window of 1 or more, and from 1 to `most` units at the fewest.")

    @property
    def name(self) -> str:
        """See :class:`agentmem.structures.structure.Structure`."""
        return "surprise-events"

    @property
    def kinds(self) -> tuple[str, ...]:
        """See :class:`agentmem.structures.structure.Structure`."""
        return (SURPRISE_EVENT,)

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """See :class:`agentmem.structures.structure.Structure`. A session or document at a time."""
        for unit in units:
            vectors = chunk_vectors(unit.chunks, view, models)
            begins = self.begins([chunk.text for chunk in unit.chunks], vectors)
            stretches = pairwise([*begins, len(unit.chunks)])
            yield Proposal(tuple(Add(_event(unit, vectors, *stretch)) for stretch in stretches), (unit,))

    def begins(self, texts: Sequence[str], vectors: FloatArray) -> list[int]:
        """Where events begin, ascending.

        Args:
            texts: the units, in order.
            vectors: theirs, unit rows, shape ``(n, dimension)``.
        """
        told_by = surprises(vectors, self.window) if self.surprisal is None else self.surprisal(texts)
        found = boundaries(list(told_by), window=self.window, gamma=self.gamma, fewest=self.fewest, most=self.most)
        return found if self.measure is None else refined(found, vectors, self.measure)


def central(vectors: FloatArray, count: int = REPRESENTATIVE) -> list[int]:
    """The units that stand for an event: those most like all of it, in their order. ``vectors`` are unit rows."""
    likeness = vectors @ vectors.sum(axis=0)
    return sorted(np.argsort(-likeness, kind="stable")[:count].tolist())


def _event(unit: Unit, vectors: FloatArray, begin: int, end: int) -> Memory:
    places = [begin + place for place in central(vectors[begin:end])]
    text = "\n".join(told(unit.chunks[place]) for place in places)
    return derived(SURPRISE_EVENT, text, unit, range(begin, end))
