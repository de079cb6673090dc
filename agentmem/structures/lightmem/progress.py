"""Units that are read in parts, several in one question: which of them are done, and what came of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from agentmem.errors import LLMError
from agentmem.llm import Prompt
from agentmem.operations import Add
from agentmem.structures.lightmem.short_term import Segment
from agentmem.structures.structure import Proposal, Unit
from agentmem.structures.trees.wording import named
from agentmem.text.phrases import normalise
from agentmem.types import Memory, Usage


@dataclass(slots=True)
class _Progress:
    """What came of a unit so far."""

    left: int
    memories: list[Memory] = field(default_factory=list)
    prompts: list[Prompt] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    failure: LLMError | None = None


class Work:
    """Which units are done: those of which no segment is missing."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self.units = units
        self._open: dict[int, _Progress] = {}

    def of(self, found: Iterable[Sequence[Segment]]) -> Iterator[Segment]:
        """The segments of all units, which are cut when they are needed."""
        for place, of_unit in enumerate(found):
            self._open[place] = _Progress(len(of_unit))
            yield from of_unit

    def take(self, read: Sequence[Segment], memories: Sequence[Memory]) -> None:
        """These segments, of one unit, were read, and this is what they tell."""
        progress = self._open[read[0].unit]
        progress.left -= len(read)
        progress.memories += memories

    def pay(self, place: int, prompt: Prompt, usage: Usage) -> None:
        """What a call cost that concerned a unit."""
        self._open[place].prompts.append(prompt)
        self._open[place].usage += usage

    def fail(self, read: Sequence[Segment], error: LLMError) -> None:
        """These segments could not be read."""
        for segment in read:
            progress = self._open[segment.unit]
            progress.left -= 1
            progress.failure = progress.failure or error

    def finished(self, known: set[Hashable]) -> Iterator[Proposal]:
        """Proposals for the units that are done, once; facts that are there already are left out."""
        for place in [place for place, progress in self._open.items() if progress.left == 0]:
            done, unit = self._open.pop(place), (self.units[place],)
            if done.failure is not None:
                yield Proposal((), unit, usage=done.usage, failure=done.failure)
                continue
            fresh: list[Memory] = []
            for memory in done.memories:
                if mark(memory) not in known:
                    known.add(mark(memory))
                    fresh.append(memory)
            yield Proposal(tuple(Add(memory) for memory in fresh), unit, named(done.prompts), done.usage)


def mark(memory: Memory) -> Hashable:
    """By what a fact is the same as one that is there, perhaps through another recipe."""
    return normalise(memory.text), memory.speaker, memory.session, memory.at
