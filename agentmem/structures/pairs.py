"""Entity–description pairs (FADER): what a text says about each thing in it, as answers to speculated questions.

They are facts with a subject, in the layer of facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agentmem.errors import BudgetExhausted, LLMError
from agentmem.kinds import FACT
from agentmem.operations import Add
from agentmem.prompts.library import render
from agentmem.prompts.replies import Decomposition
from agentmem.structures.attribution import likely_lines
from agentmem.structures.derived import derived
from agentmem.structures.extraction import numbered, windows
from agentmem.structures.findings import by_rules
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.types import Memory, Usage

PROMPT = "decompose"


@dataclass(frozen=True, slots=True)
class PairStructure:
    """See the module's docstring."""

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
        for fact in by_rules(unit).facts
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
        for pair in answer.value.pairs:
            if not pair.description.strip():
                continue
            valid = tuple(line for line in dict.fromkeys(pair.source) if 0 <= line < len(part.chunks))
            lines = valid or likely_lines(pair.description, [chunk.text for chunk in part.chunks])
            text = _text(pair.entity, pair.description)
            memories.append(derived(FACT, text, part, lines, metadata={"subject": pair.entity}))
    causes = tuple({"prompt": prompt.id, "version": prompt.version, "digest": prompt.digest} for prompt in prompts[:1])
    return Proposal(tuple(Add(memory) for memory in memories), (unit,), causes, usage)


def _text(entity: str | None, description: str) -> str:
    """The pair as one text; the entity is not said twice."""
    named = entity is not None and entity.casefold() in description.casefold()
    return description if named or not entity else f"{entity}: {description}"
