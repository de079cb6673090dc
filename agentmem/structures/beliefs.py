"""The facts of a scope as they are after what was proposed, and what a structure does with new ones.

Mem0 and Keep-Me-Updated differ in what they ask; what becomes of the answers is the same, and stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from agentmem.kinds import ABSORBS, FACT, SUPERSEDES
from agentmem.llm import LLM
from agentmem.operations import Add, Close, Link, Operation, Retire
from agentmem.protocols import FloatArray
from agentmem.structures.findings import Fact
from agentmem.structures.questions import Questions
from agentmem.structures.structure import Proposal, Unit, View
from agentmem.structures.told_facts import memories_of
from agentmem.structures.trees.wording import NotWritten
from agentmem.text.phrases import normalise
from agentmem.types import Edge, Memory, State
from agentmem.updating.candidates import candidates
from agentmem.updating.consequences import Ruling, consequences
from agentmem.updating.decision import Decision, Pair
from agentmem.updating.intervals import overlap
from agentmem.updating.rules import RuleDecider

Embed = Callable[[Sequence[str]], FloatArray]
RULED_AT_ONCE = 32
"""Units that are taken in together when rules decide."""


@dataclass(slots=True)
class Beliefs:
    """Facts by id, oldest first, with their vectors as far as they are known, and the edges of earlier decisions."""

    embed: Embed | None
    memories: dict[str, Memory] = field(default_factory=dict)
    vectors: dict[str, FloatArray] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)

    @classmethod
    def read(cls, view: View, embed: Embed | None) -> Beliefs:
        """From the store."""
        found = view.memories(FACT)
        edges = [edge for kind in (ABSORBS, SUPERSEDES) for edge in view.edges(kind)]
        stored = view.vectors(found)
        known = {memory.id: vector for memory, vector in zip(found, stored, strict=True) if vector.any()}
        return cls(embed, {memory.id: memory for memory in found}, known, edges)

    def copy(self) -> Beliefs:
        """Another one, to be thrown away when what is built on it fails."""
        return Beliefs(self.embed, dict(self.memories), dict(self.vectors), list(self.edges))

    def unknown(self, memories: Sequence[Memory]) -> list[Memory]:
        """Those that are not there already, from the same time and place; perhaps through another recipe."""
        there = {_mark(memory) for memory in self.memories.values()}
        return [memory for memory in memories if _mark(memory) not in there]

    def add(self, memories: Sequence[Memory]) -> list[Operation]:
        """Take new ones in; what is quarantined is stored, and not believed."""
        self.memories.update((memory.id, memory) for memory in memories if memory.state == State.ACTIVE)
        return [Add(memory) for memory in memories]

    def settle(self, rulings: Sequence[Ruling]) -> tuple[Operation, ...]:
        """Carry out what was decided."""
        operations = consequences(rulings, self.edges)
        for operation in operations:
            match operation:
                case Close(id, ends):
                    self.memories[id] = replace(self.memories[id], valid_to=ends)
                case Retire(id):
                    del self.memories[id]
                case Link(edge):
                    self.edges.append(edge)
                case _:
                    pass
        return operations

    def similar(self, newer: Sequence[Memory], most: int, threshold: float = -1.0) -> list[Pair]:
        """For each of ``newer``, which were not taken in yet, the most similar that are true at the same time.

        By cosine; without an embedding model, those with the same words or slots. Best first, at most ``most`` each.
        """
        older = list(self.memories.values())
        if not older or not newer:
            return []
        mine, theirs = self._matrix(newer), self._matrix(older)
        if mine is None or theirs is None:
            return self._sharing(newer, older, most)
        cosines = mine @ theirs.T
        pairs = []
        for row, memory in enumerate(newer):
            near = (place for place in np.argsort(-cosines[row], kind="stable") if cosines[row, place] >= threshold)
            found = (Pair(older[place], memory, float(cosines[row, place])) for place in near)
            pairs += [pair for pair, _ in zip(filter(_meet, found), range(most), strict=False)]
        return pairs

    def compared(self, newer: Sequence[Memory]) -> list[Pair]:
        """Pairs of ``newer``, which were taken in, and any other that rules can say something about."""
        known = list(self.memories.values())
        return candidates(newer, known, self._matrix(known))

    def _sharing(self, newer: Sequence[Memory], older: Sequence[Memory], most: int) -> list[Pair]:
        there = {memory.id for memory in older}
        pairs = candidates(newer, [*older, *newer], None, most=most)
        turned = (pair if pair.older.id in there else Pair(pair.newer, pair.older, pair.cosine) for pair in pairs)
        return [pair for pair in turned if pair.older.id in there and pair.newer.id not in there]

    def _matrix(self, memories: Sequence[Memory]) -> FloatArray | None:
        """Their vectors, shape ``(n, dimension)``; what has none yet gets one. ``None`` without an embedding model."""
        if self.embed is None or not memories:
            return None
        if missing := [memory for memory in memories if memory.id not in self.vectors]:
            made = self.embed([memory.text for memory in missing])
            self.vectors.update((memory.id, vector) for memory, vector in zip(missing, made, strict=True))
        return np.stack([self.vectors[memory.id] for memory in memories])


def by_rules(units: Sequence[Unit], beliefs: Beliefs, facts: Callable[[Unit], Sequence[Fact]]) -> Iterator[Proposal]:
    """Without a model: the facts of each unit, held against all that are there by :class:`RuleDecider`."""
    for start in range(0, len(units), RULED_AT_ONCE):
        batch = tuple(units[start : start + RULED_AT_ONCE])
        fresh = beliefs.unknown([memory for unit in batch for memory in memories_of(unit, facts(unit))])
        added = beliefs.add(fresh)
        pairs = beliefs.compared(fresh)
        decisions = RuleDecider().decide(pairs).decisions
        rulings = [(pair, said) for pair, said in zip(pairs, decisions, strict=True) if isinstance(said, Decision)]
        yield Proposal((*added, *beliefs.settle(rulings)), batch)


Learn = Callable[[Unit, Beliefs, Questions], list[Operation]]
"""What is made of a unit; it changes the beliefs it is given. Raises NotWritten, BudgetExhausted."""


def by_model(units: Sequence[Unit], beliefs: Beliefs, llm: LLM, learn: Learn) -> Iterator[Proposal]:
    """One proposal for each unit, in order of time; one that failed leaves nothing behind.

    Raises:
        BudgetExhausted: the budget is spent; what was yielded before stands.
    """
    for unit in units:
        tried, questions = beliefs.copy(), Questions(llm)
        try:
            operations = learn(unit, tried, questions)
        except NotWritten as failed:
            yield Proposal((), (unit,), usage=failed.usage, failure=failed.error)
            continue
        beliefs = tried
        yield Proposal(tuple(operations), (unit,), questions.prompts, questions.usage)


def _meet(pair: Pair) -> bool:
    return overlap(pair.older, pair.newer)


def _mark(memory: Memory) -> Hashable:
    return normalise(memory.text), memory.speaker, memory.session, memory.at
