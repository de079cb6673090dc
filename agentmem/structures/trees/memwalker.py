"""MemWalker's tree: a long text in segments, each summarised, and summaries of neighbours summarised up to one root.

Chen et al., "Walking Down the Memory Maze: Beyond Context Limit through Interactive Reading" (2023, arXiv 2310.05029),
section 3.1. The paper builds one tree for one text. Here each session and each document gets its own, and above those
stand summaries of up to eight at a time, in order of time, up to one root of the scope; a new session changes only the
last of them on each level.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from agentmem.errors import InvalidInput
from agentmem.kinds import CHUNK, MEMWALKER
from agentmem.protocols import TokenCounter
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.structures.trees.bottom_up import Building, consecutive, filled
from agentmem.structures.trees.memwalker_state import TEXT, Standing
from agentmem.structures.trees.nodes import Nodes, told
from agentmem.structures.trees.texts import text_of
from agentmem.structures.trees.wording import NotWritten
from agentmem.types import Memory

_WHOLE = "whole"  # kept: nothing was missing, so that without new units there is nothing to read


@dataclass(frozen=True, slots=True)
class MemWalkerTree:
    """The structure. One proposal for each unit, and one for what stands above them.

    Attributes:
        segment_tokens: how much text a lowest summary is made of.
        most: how many consecutive summaries stand under one.

    Raises:
        InvalidInput: no tokens, or fewer than two to a node.
    """

    reads: ClassVar[tuple[str, ...]] = ()

    segment_tokens: int = 1_000
    most: int = 8

    def __post_init__(self) -> None:
        if self.segment_tokens < 1 or self.most < 2:
            raise InvalidInput("A segment has at least 1 token, and a node at least 2 below it.")

    @property
    def name(self) -> str:
        """See :class:`agentmem.structures.structure.Structure`."""
        return "memwalker"

    @property
    def kinds(self) -> tuple[str, ...]:
        """See :class:`agentmem.structures.structure.Structure`."""
        return (MEMWALKER,)

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """See :class:`agentmem.structures.structure.Structure`.

        What was lost since (somebody forgot a chunk, and with it every node above) is built again too. That, and the
        summaries above several texts, come in proposals that complete no unit; where they fail, the next call tries
        again, with or without units. A text of one chunk is its own tree, and costs no summary.
        """
        if view.kept.pop(_WHOLE, False) and not any(unit.chunks for unit in units):
            view.kept[_WHOLE] = True
            yield from (Proposal((), (unit,)) for unit in units)
            return
        nodes = Nodes.read(view, MEMWALKER)
        chunks = {chunk.id: chunk for chunk in view.memories(CHUNK)}
        chunks |= {chunk.id: chunk for unit in units for chunk in unit.chunks if chunk.id not in chunks}
        building = Building.over(MEMWALKER, models, chunks.values(), nodes)
        of_units = {chunk.id: text_of(chunk, unit) for unit in units for chunk in unit.chunks}
        standing = Standing.of(chunks.values(), nodes, of_units, building)
        whole = True
        for unit, texts in _work(units, standing):
            proposal = self._unit(building, standing, unit, texts, models.count_tokens)
            whole = whole and proposal.failure is None
            if unit is not None or proposal.operations or proposal.failure is not None:
                yield proposal
        above = self._above(building, standing)
        if above.operations or above.failure is not None:
            yield above
        view.kept[_WHOLE] = whole and above.failure is None

    def _unit(
        self, building: Building, standing: Standing, unit: Unit | None, texts: Sequence[str], count: TokenCounter
    ) -> Proposal:
        completed = (unit,) if unit is not None else ()
        try:
            roots = {text: self._tree(building, text, standing.texts[text], count) for text in texts}
        except NotWritten as failed:
            return building.failed(failed, completed)
        standing.tops |= {text: (root,) for text, root in roots.items()}
        return building.finished([id for text in texts for id in standing.inner.get(text, ())], completed)

    def _above(self, building: Building, standing: Standing) -> Proposal:
        try:
            if layer := standing.in_order():
                self._root(building, layer)
        except NotWritten as failed:
            return building.failed(failed, ())
        return building.finished(standing.above, ())

    def _tree(self, building: Building, text: str, chunks: Sequence[Memory], count_tokens: TokenCounter) -> str:
        """The root over a text: the chunk itself if there is but one."""
        metadata = {TEXT: text}
        layer = [chunk.id for chunk in chunks]
        if len(layer) > 1:
            tokens = {chunk.id: count_tokens(told(chunk)) for chunk in chunks}
            layer = building.layer(list(filled(layer, tokens.__getitem__, self.segment_tokens)), metadata)
        return self._root(building, layer, metadata)

    def _root(self, building: Building, layer: list[str], metadata: Mapping[str, Any] | None = None) -> str:
        while len(layer) > 1:
            layer = building.layer(list(consecutive(layer, self.most)), metadata)
        return layer[0]


def _work(units: Sequence[Unit], standing: Standing) -> Iterator[tuple[Unit | None, Sequence[str]]]:
    """The texts to be built: first what was lost of others, then the units'."""
    ids = {chunk.id: text for text, chunks in standing.texts.items() for chunk in chunks}
    of_units = [tuple(dict.fromkeys(ids[chunk.id] for chunk in unit.chunks)) for unit in units]
    asked = {text for texts in of_units for text in texts}
    for text in standing.texts:
        if text not in asked and text not in standing.whole:
            yield None, (text,)
    yield from zip(units, of_units, strict=True)
