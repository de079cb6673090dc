"""LightMem asleep: every entry is held against those that came later, and updated, ended, or left.

Fang et al., "LightMem" (arXiv 2510.18866, section 3.3). It follows facts, whoever made them. Which are compared is in
:mod:`agentmem.structures.lightmem.queues`, what is asked in :mod:`agentmem.structures.lightmem.asking`, and what comes
of the answers in :mod:`agentmem.updating.consequences`: *delete* ends the earlier entry's truth, *update* makes a new
version of it, which is embedded anew (the paper's code keeps the vector of the old wording), and retires the later
entry behind it.

As in the paper, all is decided on the entries as they were at the start. But an entry that was changed in this run is
not touched again in it: its new version is looked at in the next. Without a language model rules decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import ClassVar

import numpy as np

from agentmem.errors import BudgetExhausted, InvalidInput
from agentmem.kinds import ABSORBS, FACT, SUPERSEDES
from agentmem.operations import Close, Operation, Retire, Revise
from agentmem.protocols import FloatArray
from agentmem.structures.lightmem.asking import Answered, ask, batches, spent_in
from agentmem.structures.lightmem.queues import KEPT, THRESHOLD, Target, targets
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.structures.trees.wording import named
from agentmem.types import Edge, Memory, Usage
from agentmem.updating.consequences import Ruling, consequences
from agentmem.updating.decision import Decision
from agentmem.updating.rules import RuleDecider

_AT_ONCE = 8
"""Prompts that are asked together; what was decided is written before the next are."""
_RULED_AT_ONCE = 512
"""Entries that rules decide about together."""


@dataclass(frozen=True, slots=True)
class LightMemSleep:
    """The structure. See the module's docstring.

    Attributes:
        threshold: the least cosine of two entries that are compared.
        queue: how many earlier entries each entry is held against, at most.

    Raises:
        InvalidInput: ``queue`` is less than 1.
    """

    reads: ClassVar[tuple[str, ...]] = (FACT,)
    kinds: ClassVar[tuple[str, ...]] = ()

    threshold: float = THRESHOLD
    queue: int = KEPT

    def __post_init__(self) -> None:
        if self.queue < 1:
            raise InvalidInput("Each entry is held against at least 1 earlier one.")

    @property
    def name(self) -> str:
        """See :class:`agentmem.structures.structure.Structure`."""
        usual = (self.threshold, self.queue) == (THRESHOLD, KEPT)
        return "lightmem-sleep" if usual else f"lightmem-sleep:{self.threshold:g},{self.queue}"

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """A proposal for some entries at a time, in order of time; a unit is done with the last entry it concerns.

        Raises:
            BudgetExhausted: the budget is spent; what was yielded before stands.
        """
        memories = list(view.memories(FACT))
        fresh = frozenset(memory.id for unit in units for memory in unit.chunks)
        vectors = _vectors(memories, view, models)
        found = targets(memories, vectors, fresh, threshold=self.threshold, kept=self.queue)
        night = _Night(units, found, [edge for kind in (ABSORBS, SUPERSEDES) for edge in view.edges(kind)])
        if idle := night.done(()):
            yield Proposal((), idle)
        for step in _steps(found, models):
            asked = [standing for batch in step if (standing := night.standing(batch))]
            answered = _ruled(asked) if models.llm is None else ask(asked, models.llm)
            yield from night.proposals(step, answered, _sourced(answered.rulings, view))
            if spent := spent_in(answered):
                raise spent


class _Night:
    """What was changed in this run, and which units wait for what.

    Attributes:
        changed: the ids of memories that were closed, retired or reworded.
    """

    def __init__(self, units: Sequence[Unit], found: Sequence[Target], edges: Sequence[Edge]) -> None:
        self.changed: set[str] = set()
        self._edges = edges
        self._units = {memory.id: unit for unit in units for memory in unit.chunks}
        self._targets = dict.fromkeys(self._units, 0)
        for target in found:
            for id in self._concerned(target):
                self._targets[id] += 1

    def standing(self, batch: Sequence[Target]) -> tuple[Target, ...]:
        """The entries of a batch that are as they were, with the later ones that are."""
        kept = []
        for target in batch:
            later = tuple(pair for pair in target.later if pair.newer.id not in self.changed)
            if later and target.entry.id not in self.changed:
                kept.append(Target(target.entry, later))
        return tuple(kept)

    def done(self, step: Sequence[Sequence[Target]]) -> tuple[Unit, ...]:
        """The units that wait for nothing more after these entries; each is named once."""
        for batch in step:
            for target in batch:
                for id in self._concerned(target):
                    self._targets[id] -= 1
        ready = [id for id in self._units if not self._targets[id]]
        return tuple(self._units.pop(id) for id in ready)

    def proposals(
        self, step: Sequence[Sequence[Target]], answered: Answered, rulings: Sequence[Ruling]
    ) -> Iterator[Proposal]:
        """What was decided in one proposal; what was not, to be tried again, in one for each failure."""
        operations = consequences(rulings, self._edges)
        self.changed.update(_changes(operations))
        undone = [(self._taken(batch), error) for batch, error in answered.failed]
        ready = self.done(step)
        if ready or operations or answered.usage != Usage():
            yield Proposal(operations, ready, named(answered.prompts), answered.usage)
        for units, error in undone:
            if units and not isinstance(error, BudgetExhausted):
                yield Proposal((), units, failure=error)

    def _taken(self, batch: Sequence[Target]) -> tuple[Unit, ...]:
        """The units that these concern, which are not done in this run any more."""
        ids = dict.fromkeys(id for target in batch for id in self._concerned(target))
        return tuple(self._units.pop(id) for id in ids)

    def _concerned(self, target: Target) -> list[str]:
        ids = (target.entry.id, *(pair.newer.id for pair in target.later))
        return [id for id in ids if id in self._units]


def _steps(found: Sequence[Target], models: Models) -> Iterator[list[tuple[Target, ...]]]:
    """Batches of entries, some at once."""
    if models.llm is None:
        yield from ([tuple(found[n : n + _RULED_AT_ONCE])] for n in range(0, len(found), _RULED_AT_ONCE))
        return
    waiting = batches(found, models.count_tokens)
    while step := list(islice(waiting, _AT_ONCE)):
        yield step


def _ruled(asked: Sequence[Sequence[Target]]) -> Answered:
    pairs = [pair for batch in asked for target in batch for pair in target.later]
    decisions = RuleDecider().decide(pairs).decisions
    return Answered([(pair, said) for pair, said in zip(pairs, decisions, strict=True) if isinstance(said, Decision)])


def _sourced(rulings: Sequence[Ruling], view: View) -> list[Ruling]:
    """The same; what is to be reworded has its sources, which a view does not give with everything."""
    reworded = [pair for pair, decision in rulings if decision.text is not None]
    bare = {memory.id: memory for pair in reworded for memory in (pair.older, pair.newer)}
    whole = {memory.id: memory for memory in view.with_sources(list(bare.values()))}

    def sourced(memory: Memory) -> Memory:
        return whole.get(memory.id, memory)

    return [
        (replace(pair, older=sourced(pair.older), newer=sourced(pair.newer)), decision) for pair, decision in rulings
    ]


def _changes(operations: Sequence[Operation]) -> Iterator[str]:
    for operation in operations:
        match operation:
            case Close(id) | Retire(id):
                yield id
            case Revise(memory):
                yield memory.id
            case _:
                pass


def _vectors(memories: Sequence[Memory], view: View, models: Models) -> FloatArray | None:
    """Theirs, shape ``(n, dimension)``; what is so new that it has none yet gets one here, as the index makes it."""
    if models.embed is None or not memories:
        return None
    found = view.vectors(memories)
    missing = [place for place, vector in enumerate(found) if not vector.any()]
    if missing:
        titled = [memories[place] for place in missing]
        found = np.array(found, copy=True)
        found[missing] = models.embed([f"{one.title}. {one.text}" if one.title else one.text for one in titled])
    return found
