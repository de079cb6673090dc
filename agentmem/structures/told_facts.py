"""Facts as memories, whoever told them: a model, whose words are checked, or rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agentmem.kinds import FACT
from agentmem.llm import Prompt
from agentmem.prompts.library import render
from agentmem.prompts.replies.extraction import ToldFact
from agentmem.structures.derived import derived
from agentmem.structures.extraction import numbered
from agentmem.structures.findings import Fact, lines_of
from agentmem.structures.structure import Models, Unit
from agentmem.structures.verify import unsupported
from agentmem.structures.world_time import world_time
from agentmem.text.phrases import normalise
from agentmem.types import Memory, State


def prompt_about(id: str, unit: Unit) -> Prompt:
    """A prompt that shows a unit in numbered lines, with its date."""
    first = unit.episodes[0]
    return render(id, text=numbered(unit), date=f"{first.at:%A, %d %B %Y}")


def told(unit: Unit, facts: Sequence[ToldFact]) -> list[Fact]:
    """What a model told of a unit. Where it names no lines that there are, the likeliest stand in."""
    found = []
    for fact in facts:
        lines = lines_of(unit, fact.source, fact.text)
        said = min(unit.chunks[line].at for line in lines)
        speakers = {unit.chunks[line].speaker for line in lines}
        speaker = speakers.pop() if len(speakers) == 1 else None
        world = world_time(fact.text, said)
        found.append(Fact(fact.text, lines, speaker=speaker, subject=fact.subject, world=world))
    return found


def memories_of(unit: Unit, facts: Sequence[Fact], models: Models | None = None) -> list[Memory]:
    """The facts as memories, each text once.

    With ``models`` they are checked against their lines, as what a model told must be: what is not supported is
    quarantined, unless the same is told with support.
    """
    doubtful = set() if models is None else unsupported(unit, facts, models)
    found: dict[str, Memory] = {}
    for number in sorted(range(len(facts)), key=lambda number: number in doubtful):
        fact = facts[number]
        metadata = {"subject": fact.subject, "keys": list(fact.keys)}
        memory = derived(
            FACT, fact.text, unit, fact.lines, speaker=fact.speaker, span=fact.span, metadata=metadata, world=fact.world
        )
        key = normalise(fact.text) or fact.text
        found.setdefault(key, replace(memory, state=State.QUARANTINED) if number in doubtful else memory)
    return list(found.values())
