"""Entity–description pairs (FADER): what a text says about each thing in it, as answers to speculated questions.

They are facts with a subject, in the layer of facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from agentmem.errors import BudgetExhausted, LLMError
from agentmem.kinds import FACT
from agentmem.operations import Add
from agentmem.prompts.library import render
from agentmem.prompts.replies.extraction import Decomposition, EntityDescription
from agentmem.structures.derived import derived
from agentmem.structures.extraction import numbered, windows
from agentmem.structures.findings import Fact, by_rules, lines_of
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.structures.verify import unsupported
from agentmem.types import Memory, State, Usage

PROMPT = "decompose"


@dataclass(frozen=True, slots=True)
class PairStructure:
    """See the module's docstring."""

    reads: ClassVar[tuple[str, ...]] = ()

    name: str = "pairs"
    kinds: tuple[str, ...] = (FACT,)

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """One proposal for each unit."""
        del view  # pairs stand alone
        for unit in units:
            yield _by_rules(unit) if models.llm is None else _by_model(unit, models)


def _by_rules(unit: Unit) -> Proposal:
    memories = [
        derived(FACT, _text(fact.subject, fact.text), unit, fact.lines, speaker=fact.speaker, span=fact.span)
        for fact in by_rules(unit, (FACT,)).facts
    ]
    return Proposal(tuple(Add(memory) for memory in memories), (unit,))


def _by_model(unit: Unit, models: Models) -> Proposal:
    assert models.llm is not None
    parts = windows(unit, models)
    prompts = [render(PROMPT, text=numbered(part)) for part in parts]
    memories: list[Memory] = []
    usage = Usage()
    for part, answer in zip(parts, models.llm.complete_many(prompts, Decomposition), strict=True):
        if isinstance(answer, BudgetExhausted):
            raise answer
        if isinstance(answer, LLMError):
            return Proposal((), (unit,), usage=usage, failure=answer)
        usage += answer.usage
        facts = [_fact(part, pair) for pair in answer.value.pairs if pair.description.strip()]
        doubtful = unsupported(part, facts, models)
        for number, fact in enumerate(facts):
            memory = derived(FACT, fact.text, part, fact.lines, metadata={"subject": fact.subject})
            memories.append(replace(memory, state=State.QUARANTINED) if number in doubtful else memory)
    causes = tuple({"prompt": prompt.id, "version": prompt.version, "digest": prompt.digest} for prompt in prompts[:1])
    return Proposal(tuple(Add(memory) for memory in memories), (unit,), causes, usage)


def _fact(part: Unit, pair: EntityDescription) -> Fact:
    return Fact(
        _text(pair.entity, pair.description),
        lines_of(part, pair.source, pair.description),
        subject=pair.entity,
    )


def _text(entity: str | None, description: str) -> str:
    """The pair as one text; the entity is not said twice."""
    named = entity is not None and entity.casefold() in description.casefold()
    return description if named or not entity else f"{entity}: {description}"
