"""MemTree: a tree of summaries that grows with each chunk.

Rezazadeh et al., "From Isolated Conversations to Hierarchical Schemas: Dynamic Tree Memory Representation for LLMs"
(ICLR 2025, arXiv 2410.14052). A chunk goes down from the root to where it fits
(:mod:`agentmem.structures.trees.online`), and every summary on its way takes it in.

What differs from the paper: a text that matches a leaf gets a new node above both, which is summarised like any other;
a summary grows with what it stands for, to 120 words at most; and without a language model, summaries are picked
sentences, picked anew whenever a node has grown by an eighth, and their vectors the mean of the leaves', so that
nothing need be embedded on the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from agentmem.kinds import MEMTREE
from agentmem.protocols import FloatArray
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.structures.trees.memtree_growth import Growth
from agentmem.structures.trees.memtree_state import MemTreeState
from agentmem.structures.trees.threshold import PUBLISHED, Threshold
from agentmem.structures.trees.vectors import chunk_vectors

_KEPT = "memtree"


@dataclass(frozen=True, slots=True)
class MemTree:
    """The structure. One proposal for each unit, its chunks placed in order.

    Attributes:
        threshold: how alike texts must be to share a branch.
        per_unit: write each summary anew once for a unit, with all that came below it, rather than once for each chunk
            as published. It costs a model as many calls as a unit touches nodes, instead of chunks times depth.
            Without a language model it is always so: placement does not depend on the texts then.
    """

    reads: ClassVar[tuple[str, ...]] = ()

    threshold: Threshold = PUBLISHED
    per_unit: bool = False

    @property
    def name(self) -> str:
        """See :class:`agentmem.structures.structure.Structure`."""
        return "memtree"

    @property
    def kinds(self) -> tuple[str, ...]:
        """See :class:`agentmem.structures.structure.Structure`."""
        return (MEMTREE,)

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """See :class:`agentmem.structures.structure.Structure`.

        A unit whose chunks are in the tree already changes nothing. After a loss (somebody forgot a chunk, and with it
        every node above), the first proposal puts what hung there back into the tree; it completes no unit.
        """
        chunks = [chunk for unit in units for chunk in unit.chunks]
        dimension = (chunk_vectors(chunks[:1], view, models) if chunks else view.vectors(())).shape[1]
        state = _borrow(view.kept.get(_KEPT))
        if state is None or not self._can_go_on(state, dimension):
            waiting = {chunk.id for chunk in chunks}
            state = MemTreeState.load(view, self.threshold, dimension, waiting, means=models.llm is None)
            growth = Growth(state, models, per_unit=True)
            repair = growth.repair(waiting)
            if repair.operations or repair.failure is not None:
                yield repair
            state = growth.state
        for unit in units:
            growth = Growth(state, models, per_unit=self.per_unit)
            yield growth.unit(unit, chunk_vectors(unit.chunks, view, models) if unit.chunks else _nothing(dimension))
            state = growth.state
        view.kept[_KEPT] = _Kept(state)

    def _can_go_on(self, state: MemTreeState, dimension: int) -> bool:
        return state.tree.dimension == dimension and state.tree.threshold == self.threshold


@dataclass(slots=True)
class _Kept:
    """A state to go on from.

    It is taken out while it is changed, so that nobody goes on from one whose changes were not all applied.
    """

    state: MemTreeState | None


def _borrow(kept: object) -> MemTreeState | None:
    if not isinstance(kept, _Kept):
        return None
    state, kept.state = kept.state, None
    return state


def _nothing(dimension: int) -> FloatArray:
    return np.empty((0, dimension), dtype=np.float32)
