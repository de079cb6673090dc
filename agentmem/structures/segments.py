"""Topical segments as the units of memory, found by a compressed text that is never shown.

SeCom (Pan et al., "On Memory Construction and Retrieval for Personalized Conversational Agents", ICLR 2025), section 3:
a language model cuts a session into segments on one topic each (3.1), and each is compressed, at a rate of 0.9, for the
retrieval key only: what is returned are turns as they were said (3.2). Here one call segments a session, in exchanges
numbered from 0. A reply that is no partition is put right where that is possible (gaps go to the segment before them);
without a language model topics end where :mod:`agentmem.structures.lightmem.topics` finds it. Compression is that of
:mod:`agentmem.structures.lightmem.compression`, where the paper has LLMLingua-2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from agentmem.errors import BudgetExhausted, InvalidInput, LLMError
from agentmem.kinds import SEGMENT
from agentmem.operations import Add
from agentmem.prompts.library import render
from agentmem.prompts.replies.extraction import Segmentation
from agentmem.structures.derived import derived
from agentmem.structures.lightmem.compression import Rarity, compressed
from agentmem.structures.lightmem.topics import segments
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.structures.trees.nodes import told
from agentmem.structures.trees.texts import is_document
from agentmem.structures.trees.vectors import chunk_vectors
from agentmem.structures.trees.wording import named
from agentmem.types import Memory

RATE = 0.9
"""The share of words that the key keeps."""
PROMPT = "segment"


@dataclass(frozen=True, slots=True)
class TopicalSegments:
    """The structure. A session at a time; a document is one segment for each of its chunks.

    Attributes:
        rate: see :data:`RATE`.

    Raises:
        InvalidInput: a rate that is no share.
    """

    reads: ClassVar[tuple[str, ...]] = ()

    rate: float = RATE

    def __post_init__(self) -> None:
        if not 0.0 < self.rate <= 1.0:
            raise InvalidInput(f"The rate is the share of words that is kept, above 0 and at most 1, not {self.rate}.")

    @property
    def name(self) -> str:
        """See :class:`agentmem.structures.structure.Structure`."""
        return "segments"

    @property
    def kinds(self) -> tuple[str, ...]:
        """See :class:`agentmem.structures.structure.Structure`."""
        return (SEGMENT,)

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """See :class:`agentmem.structures.structure.Structure`."""
        for unit in units:
            if models.llm is None or is_document(unit):
                yield Proposal(self._kept(unit, self._by_rules(unit, view, models), models), (unit,))
                continue
            turns = exchanges(unit.chunks)
            prompt = render(PROMPT, text=_numbered(unit, turns))
            try:
                answer = models.llm.complete(prompt, Segmentation)
            except BudgetExhausted:
                raise
            except LLMError as error:
                yield Proposal((), (unit,), failure=error)
                continue
            begins = partition([segment.first for segment in answer.value.segments], len(turns))
            stretches = [range(turns[first].start, turns[last - 1].stop) for first, last in pairwise(begins)]
            yield Proposal(self._kept(unit, stretches, models), (unit,), named([prompt]), answer.usage)

    def _by_rules(self, unit: Unit, view: View, models: Models) -> list[range]:
        if is_document(unit):
            return [range(place, place + 1) for place in range(len(unit.chunks))]
        costs = [models.count_tokens(told(chunk)) for chunk in unit.chunks]
        return segments(costs, chunk_vectors(unit.chunks, view, models))

    def _kept(self, unit: Unit, stretches: Sequence[range], models: Models) -> tuple[Add, ...]:
        rarity = Rarity.of(chunk.text for chunk in unit.chunks)
        return tuple(Add(self._segment(unit, stretch, rarity, models)) for stretch in stretches)

    def _segment(self, unit: Unit, stretch: range, rarity: Rarity, models: Models) -> Memory:
        lines = []
        for place in stretch:
            chunk = unit.chunks[place]
            key = compressed(chunk.text, rarity, chunk.at, models.count_tokens, rate=self.rate)
            lines.append(f"{chunk.speaker}: {key}" if chunk.speaker else key)
        return derived(SEGMENT, "\n".join(lines), unit, stretch)


def exchanges(chunks: Sequence[Memory]) -> list[range]:
    """Turns as exchanges: each begins where whoever spoke first speaks again, after somebody else."""
    found: list[range] = []
    begin = 0
    for place in range(1, len(chunks)):
        if _who(chunks[place]) == _who(chunks[0]) != _who(chunks[place - 1]):
            found.append(range(begin, place))
            begin = place
    return [*found, range(begin, len(chunks))] if chunks else []


def partition(first: Sequence[int], count: int) -> list[int]:
    """Where segments of so many exchanges begin, and where the last ends, from what a model said they begin at.

    Numbers that do not exist are left out, and 0 is always one; so no exchange is lost, and none is in two segments.
    """
    return [*sorted({0, *(number for number in first if 0 < number < count)}), count]


def _who(chunk: Memory) -> str | None:
    return chunk.speaker or chunk.role


def _numbered(unit: Unit, turns: Sequence[range]) -> str:
    """The session as a model reads it: numbered exchanges, each turn on one line."""
    lines = []
    for number, stretch in enumerate(turns):
        said = (" ".join(told(unit.chunks[place]).split()) for place in stretch)
        lines.append("\n".join([f"[{number}]", *said]))
    return "\n".join(lines)
