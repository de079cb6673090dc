"""The structure that keeps memories true: every new one is compared with those it may repeat, refine or end.

It follows memories, not episodes, and makes none itself. Candidates are found over the whole scope
(:mod:`agentmem.updating.candidates`), decided about by rules or by a language model, and carried out without loss
(:mod:`agentmem.updating.consequences`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from agentmem.errors import BudgetExhausted, LLMError
from agentmem.kinds import ABSORBS, FACT, SUPERSEDES
from agentmem.operations import Close, Link, Operation, Retire, Revise
from agentmem.protocols import FloatArray
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.types import Edge, Memory, State, Usage
from agentmem.updating import rules
from agentmem.updating.asking import AskingDecider
from agentmem.updating.candidates import MOST, THRESHOLD, candidates
from agentmem.updating.consequences import Ruling, consequences
from agentmem.updating.decision import Decider, Decision, Pair, Relation
from agentmem.updating.rules import RuleDecider

BATCH = 2_048
"""New memories that are compared at once when rules decide."""
ASKED_BATCH = 32
"""New memories whose pairs are put to a model at once; what was decided is written before the next are asked about."""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The structure. New memories are taken in order of time, each compared with all that came before it in that order.

    Attributes:
        compares: the kinds of memory that are followed; only memories of one kind are compared.
        decider: who decides; ``None``: the language model where there is one, else rules. Pairs with the same text are
            settled by the rules alone.
        threshold: the cosine from which on two memories with one subject are compared.
        most: the most candidates for one new memory.
    """

    compares: tuple[str, ...] = (FACT,)
    decider: Decider | None = None
    threshold: float = THRESHOLD
    most: int = MOST

    @property
    def name(self) -> str:
        """See :class:`agentmem.structures.structure.Structure`."""
        return f"reconcile:{','.join(self.compares)}"

    @property
    def kinds(self) -> tuple[str, ...]:
        """None: see :class:`agentmem.structures.structure.Structure`."""
        return ()

    @property
    def reads(self) -> tuple[str, ...]:
        """See :class:`agentmem.structures.structure.Structure`."""
        return self.compares

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """Proposals for some units each, in order of time; what fails is named with the units it concerns.

        Raises:
            BudgetExhausted: the budget is spent; what was yielded before stands.
        """
        scene = _Scene.of(self.compares, units, view, models.embed)
        decider = self.decider or (AskingDecider(models.llm) if models.llm is not None else RuleDecider())
        size = BATCH if isinstance(decider, RuleDecider) else ASKED_BATCH
        ordered = sorted(units, key=scene.place)
        for start in range(0, len(ordered), size):
            batch = ordered[start : start + size]
            known, vectors = scene.seen([memory.id for unit in batch for memory in unit.chunks])
            fresh = [memory for unit in batch for memory in unit.chunks]
            pairs = candidates(fresh, known, vectors, threshold=self.threshold, most=self.most)
            outcome = _with_sources(_decided(pairs, decider), view)
            yield from _proposals(batch, outcome, scene)


@dataclass(slots=True)
class _Scene:
    """The memories as they are after what was proposed, and which of them were not looked at yet."""

    memories: list[Memory]
    vectors: FloatArray
    edges: list[Edge]
    places: Mapping[str, int]
    waiting: set[str]
    embed: Callable[[Sequence[str]], FloatArray] | None

    @classmethod
    def of(
        cls,
        kinds: Sequence[str],
        units: Sequence[Unit],
        view: View,
        embed: Callable[[Sequence[str]], FloatArray] | None,
    ) -> _Scene:
        mine = {memory.id: memory for unit in units for memory in unit.chunks}
        found = [mine.get(memory.id, memory) for kind in kinds for memory in view.memories(kind)]
        edges = [edge for kind in (ABSORBS, SUPERSEDES) for edge in view.edges(kind)]
        places = {memory.id: place for place, memory in enumerate(found)}
        return cls(found, np.array(view.vectors(found)), edges, places, set(mine), embed)

    def place(self, unit: Unit) -> tuple[Any, ...]:
        memory = unit.chunks[0] if unit.chunks else None
        if memory is None:
            return (0,)
        return 1, memory.valid_from, memory.recorded_at, self.places.get(memory.id, len(self.places))

    def seen(self, fresh: Sequence[str]) -> tuple[list[Memory], FloatArray]:
        """Those looked at before, and those looked at now, with their vectors."""
        self.waiting.difference_update(fresh)
        self._embed(fresh)
        kept = [
            place
            for place, memory in enumerate(self.memories)
            if memory.id not in self.waiting and memory.state == State.ACTIVE
        ]
        vectors = self.vectors if len(kept) == len(self.memories) else self.vectors[np.array(kept, dtype=np.int64)]
        return [self.memories[place] for place in kept], vectors

    def _embed(self, fresh: Sequence[str]) -> None:
        """Make the vectors of those that were written so recently that they have none yet."""
        places = [self.places[id] for id in fresh if id in self.places]
        missing = [place for place in places if not self.vectors[place].any()]
        if self.embed is not None and missing and self.vectors.shape[1]:
            self.vectors[missing] = self.embed([self.memories[place].text for place in missing])

    def take_in(self, operations: Sequence[Operation]) -> None:
        """What was proposed is what the next batch stands on."""
        for operation in operations:
            match operation:
                case Close(id, ends, _):
                    self._change(id, valid_to=ends)
                case Retire(id, _):
                    self._change(id, state=State.RETIRED)
                case Revise(memory, _, _):
                    place = self.places[memory.id]
                    self.memories[place] = memory
                    self.vectors[place] = 0.0  # of the old wording; the new one's is made later
                case Link(edge):
                    self.edges.append(edge)
                case _:
                    pass

    def _change(self, id: str, **values: Any) -> None:
        place = self.places[id]
        self.memories[place] = replace(self.memories[place], **values)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What was decided, what could not be, and what it cost."""

    rulings: tuple[Ruling, ...] = ()
    failed: tuple[tuple[Pair, LLMError], ...] = ()
    prompts: tuple[Mapping[str, Any], ...] = ()
    usage: Usage = field(default_factory=Usage)


def _decided(pairs: Sequence[Pair], decider: Decider) -> _Outcome:
    """Exact repetitions by the rules, everything else by the decider."""
    settled: list[Ruling] = []
    asked = list(pairs)
    if not isinstance(decider, RuleDecider):
        settled = [(pair, Decision(Relation.REPEATS, "the same text")) for pair in pairs if rules.is_exact(pair)]
        repeated = {pair.newer.id for pair, _decision in settled}
        asked = [pair for pair in pairs if pair.newer.id not in repeated and pair.older.id not in repeated]
    answer = decider.decide(asked)
    rulings, failed = list(settled), []
    for pair, decision in zip(asked, answer.decisions, strict=True):
        if isinstance(decision, LLMError):
            failed.append((pair, decision))
        else:
            rulings.append((pair, decision))
    return _Outcome(tuple(rulings), tuple(failed), answer.prompts, answer.usage)


def _with_sources(outcome: _Outcome, view: View) -> _Outcome:
    """The same, with the sources of what is to be reworded: the new wording stands on those of both."""
    reworded = [pair for pair, decision in outcome.rulings if _is_reworded(decision)]
    if not reworded:
        return outcome
    bare = {memory.id: memory for pair in reworded for memory in (pair.older, pair.newer)}
    whole = {memory.id: memory for memory in view.with_sources(list(bare.values()))}

    def sourced(pair: Pair) -> Pair:
        return replace(pair, older=whole[pair.older.id], newer=whole[pair.newer.id])

    rulings = ((sourced(pair) if _is_reworded(decision) else pair, decision) for pair, decision in outcome.rulings)
    return replace(outcome, rulings=tuple(rulings))


def _is_reworded(decision: Decision) -> bool:
    return decision.relation is Relation.REFINES and decision.text is not None


def _proposals(batch: Sequence[Unit], outcome: _Outcome, scene: _Scene) -> Iterator[Proposal]:
    """What was decided about in one proposal; what was not, one for each unit, to be tried again as a whole.

    Raises:
        BudgetExhausted: the budget was spent before some units were decided about; they wait.
    """
    fresh = {memory.id for unit in batch for memory in unit.chunks}
    errors: dict[str, LLMError] = {}
    for pair, error in outcome.failed:
        errors.setdefault(pair.newer.id if pair.newer.id in fresh else pair.older.id, error)
    rulings = [ruling for ruling in outcome.rulings if not {ruling[0].newer.id, ruling[0].older.id} & errors.keys()]
    operations = consequences(rulings, scene.edges)
    scene.take_in(operations)
    done = tuple(unit for unit in batch if not any(memory.id in errors for memory in unit.chunks))
    if done or outcome.usage != Usage():
        yield Proposal(operations, done, outcome.prompts, outcome.usage)
    for unit in batch:
        for memory in unit.chunks:
            failure = errors.get(memory.id)
            if failure is not None and not isinstance(failure, BudgetExhausted):
                yield Proposal((), (unit,), failure=failure)
    if spent := next((error for error in errors.values() if isinstance(error, BudgetExhausted)), None):
        raise spent
