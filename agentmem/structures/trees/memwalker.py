"""MemWalker's tree: a long text in segments, each summarised, and summaries of neighbours summarised up to one root.

Chen et al., "Walking Down the Memory Maze: Beyond Context Limit through Interactive Reading" (2023, arXiv 2310.05029),
section 3.1. The paper builds one tree for one text. Here each session and each document gets its own, and above those
stand summaries of up to eight at a time, in order of time, up to one root of the scope; a new session changes only the
last of them on each level.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

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


@dataclass(frozen=True, slots=True)
class MemWalkerTree:
    """The structure. One proposal for each unit; the last one that succeeds also holds the summaries above the units.

    Attributes:
        segment_tokens: how much text a lowest summary is made of.
        most: how many consecutive summaries stand under one.

    Raises:
        InvalidInput: no tokens, or fewer than two to a node.
    """

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

        What was lost since (somebody forgot a chunk, and with it every node above) is built again too, in proposals
        that complete no unit. A text of one chunk is its own tree, and costs no summary.
        """
        nodes = Nodes.read(view, MEMWALKER)
        chunks = {chunk.id: chunk for chunk in view.memories(CHUNK)}
        chunks |= {chunk.id: chunk for unit in units for chunk in unit.chunks if chunk.id not in chunks}
        building = Building.over(MEMWALKER, models.llm, chunks.values(), nodes)
        of_units = {chunk.id: text_of(chunk, unit) for unit in units for chunk in unit.chunks}
        standing = Standing.of(chunks.values(), nodes, of_units, building)

        held: Proposal | None = None
        for unit, texts in _work(units, standing):
            completed = (unit,) if unit is not None else ()
            try:
                roots = {text: self._tree(building, text, standing.texts[text], models.count_tokens) for text in texts}
            except NotWritten as failed:
                yield building.failed(failed, completed)
                continue
            proposal = building.finished([id for text in texts for id in standing.inner.get(text, ())], completed)
            standing.tops |= {text: (root,) for text, root in roots.items()}
            if held is not None:
                yield held
            held = proposal
        yield from self._above(building, standing, held)

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

    def _above(self, building: Building, standing: Standing, held: Proposal | None) -> Iterator[Proposal]:
        """The summaries over the units; they go with the last unit, so that a failure has it done again."""
        units = held.units if held is not None else ()
        try:
            if layer := standing.in_order():
                self._root(building, layer)
        except NotWritten as failed:
            proposal = building.failed(failed, units)
            yield replace(proposal, usage=proposal.usage + held.usage) if held is not None else proposal
            return
        above = building.finished(standing.above, units)
        if held is not None:
            yield Proposal(
                (*held.operations, *above.operations),
                units,
                tuple({str(prompt): prompt for prompt in (*held.prompts, *above.prompts)}.values()),
                held.usage + above.usage,
            )
        elif above.operations:
            yield above


def _work(units: Sequence[Unit], standing: Standing) -> Iterator[tuple[Unit | None, Sequence[str]]]:
    """The texts to be built: first what was lost of others, then the units'."""
    ids = {chunk.id: text for text, chunks in standing.texts.items() for chunk in chunks}
    of_units = [tuple(dict.fromkeys(ids[chunk.id] for chunk in unit.chunks)) for unit in units]
    asked = {text for texts in of_units for text in texts}
    for text in standing.texts:
        if text not in asked and text not in standing.whole:
            yield None, (text,)
    yield from zip(units, of_units, strict=True)
