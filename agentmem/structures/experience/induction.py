"""Induction: what a batch of experiences teaches, each insight with the lines it comes from.

Without a language model insights are the most telling of what is stated in the batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from agentmem.kinds import EXPERIENCE_NOTE, FACT
from agentmem.prompts.library import render
from agentmem.prompts.replies.notes import Induction
from agentmem.structures.derived import derived
from agentmem.structures.extraction import numbered, windows
from agentmem.structures.findings import Fact, by_rules, lines_of
from agentmem.structures.questions import Questions
from agentmem.structures.structure import Models, Unit
from agentmem.structures.verify import unsupported
from agentmem.text.phrases import normalise
from agentmem.text.salience import summarise
from agentmem.types import Memory, State

_WORDS_AN_INSIGHT = 15


def batches(units: Sequence[Unit], size: int) -> Iterator[tuple[Unit, ...]]:
    """Consecutive experiences, so many at a time."""
    return (tuple(units[start : start + size]) for start in range(0, len(units), size))


def joined(units: Sequence[Unit]) -> Unit:
    """A batch as one unit; it has a session if all of it does, and the same."""
    sessions = {unit.session for unit in units}
    return Unit(
        sessions.pop() if len(sessions) == 1 else None,
        tuple(episode for unit in units for episode in unit.episodes),
        tuple(chunk for unit in units for chunk in unit.chunks),
    )


def induced(batch: Unit, count: int, models: Models, questions: Questions | None) -> list[Memory]:
    """The insights of a batch, at most ``count`` for each prompt that it takes.

    What a model told and its lines do not bear out is quarantined.

    Raises:
        BudgetExhausted: the budget is spent.
        NotWritten: the model could not be asked.
    """
    found: dict[str, Memory] = {}
    for part, facts in _told(batch, count, models, questions):
        doubtful = unsupported(part, facts, models) if questions is not None else set()
        for number, fact in sorted(enumerate(facts), key=lambda one: one[0] in doubtful):
            memory = _insight(part, fact)
            key = normalise(fact.text) or fact.text
            found.setdefault(key, replace(memory, state=State.QUARANTINED) if number in doubtful else memory)
    return list(found.values())


def _told(
    batch: Unit, count: int, models: Models, questions: Questions | None
) -> Iterator[tuple[Unit, Sequence[Fact]]]:
    if questions is None:
        yield batch, _most_telling(batch, count)
        return
    parts = windows(batch, models)
    prompts = [render("induce", text=numbered(part), count=str(count)) for part in parts]
    for part, reply in zip(parts, questions.ask(prompts, Induction), strict=True):
        told = [(" ".join(said.text.split()), said) for said in reply.insights[:count]]
        yield part, [Fact(text, lines_of(part, said.source, text), subject=said.subject) for text, said in told]


def _most_telling(batch: Unit, count: int) -> list[Fact]:
    facts = by_rules(batch, (FACT,)).facts
    if not facts:
        return []
    lines = set(summarise([fact.text for fact in facts], count * _WORDS_AN_INSIGHT).splitlines())
    return [fact for fact in facts if " ".join(fact.text.split()) in lines][:count]


def _insight(part: Unit, fact: Fact) -> Memory:
    """It is of a session only if all its lines are, and nobody's words but the notebook's."""
    sessions = {part.chunks[line].session for line in fact.lines}
    titles = {part.chunks[line].title for line in fact.lines}
    memory = derived(EXPERIENCE_NOTE, fact.text, part, fact.lines, span=fact.span, metadata={"subject": fact.subject})
    return replace(
        memory,
        session=sessions.pop() if len(sessions) == 1 else None,
        title=titles.pop() if len(titles) == 1 else None,
    )
