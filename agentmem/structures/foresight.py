"""Answers prepared while there is time: what is likely to be asked about a session, and what its facts answer.

After sleep-time compute (Lin et al. 2025, arXiv 2504.13171): work on what is known before a question comes, so that
less is left to do when it does. There an agent rewrites the context in a loop; here one call for each session writes
questions with answers, each with the facts that it rests on, the session's and older ones that are like them. An answer
that its facts do not support is dropped. Without a model nothing is made.

The memory's text is the question and, on the next line, the answer: likenesses to what is asked come from the question,
and what is shown can be read alone. Both stand in the metadata too. When a fact that an answer rests on ends, is
reworded or is retired, the answer is retired; when the question is prepared again, it is revised.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from agentmem.errors import InvalidInput
from agentmem.kinds import ANSWER, FACT
from agentmem.llm import LLM
from agentmem.operations import Operation, Retire
from agentmem.prompts.library import render
from agentmem.prompts.replies.reflection import PreparedAnswer, PreparedAnswers
from agentmem.structures.evidence import Facts, Linked, added, asked, cited, numbered, resting_on
from agentmem.structures.reflection import vectors_of
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.structures.verify import standing, told_besides
from agentmem.text.phrases import normalise
from agentmem.types import Memory

PROMPT = "foresee"
QUESTION, REPLY = "question", "answer"
"""Metadata: the question, and the answer alone."""
_SHOWN = 60  # facts of a session in one prompt; a longer session is asked about in parts


@dataclass(frozen=True, slots=True)
class Foresight:
    """The structure. One proposal for each session, or part of one; those with most new facts first.

    Attributes:
        answers: the most answers from one call.
        beside: older facts shown with the new ones of a session.
        most: the most calls in one run; the other sessions wait for the next.

    Raises:
        InvalidInput: ``answers`` or ``most`` is less than 1, or ``beside`` less than 0.
    """

    reads: ClassVar[tuple[str, ...]] = (FACT,)
    name: ClassVar[str] = "foresight"
    kinds: ClassVar[tuple[str, ...]] = (ANSWER,)

    answers: int = 5
    beside: int = 15
    most: int = 24

    def __post_init__(self) -> None:
        if self.answers < 1 or self.most < 1 or self.beside < 0:
            raise InvalidInput("Foresight prepares at least 1 answer in at least 1 call, beside 0 or more older facts.")

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """See :class:`agentmem.structures.structure.Structure`."""
        prepared = {memory.id: memory for memory in view.memories(ANSWER) if QUESTION in memory.metadata}
        facts = Facts.read(view, list(prepared.values()))
        outdated = [memory for memory in prepared.values() if not facts.supports(memory)]
        retired = tuple(Retire(memory.id, memory.version, "what it rests on has changed") for memory in outdated)
        if models.llm is None:
            if retired or units:
                yield Proposal(retired, tuple(units))
            return
        sessions, aside = _sessions(units, facts)
        if retired or aside:
            yield Proposal(retired, tuple(aside))
        for memory in outdated:
            del prepared[memory.id]
        known = {normalise(str(memory.metadata[QUESTION])): memory for memory in prepared.values()}
        yield from self._prepared(sessions[: self.most], _waiting(units), facts, known, view, models, models.llm)

    def _prepared(
        self,
        sessions: Sequence[Sequence[Unit]],
        waiting: set[str],
        facts: Facts,
        known: dict[str, Memory],
        view: View,
        models: Models,
        llm: LLM,
    ) -> Iterator[Proposal]:
        """Raises BudgetExhausted when the budget is spent; what was yielded before stands."""
        older = [fact for fact in facts.current if fact.id not in waiting]
        shown = []
        for same in sessions:
            new = [unit.chunks[0] for unit in same]
            last = max(fact.at for fact in new)
            before = _nearest(new, [fact for fact in older if fact.at <= last], self.beside, view, models)
            shown.append(sorted([*before, *new], key=lambda fact: (fact.valid_from, fact.text)))
        prompts = [render(PROMPT, facts=numbered(seen), count=str(self.answers)) for seen in shown]
        linked = Linked(view)
        written: set[str] = set()
        for number, answer in asked(llm, prompts, PreparedAnswers):
            units = tuple(sessions[number])
            if answer.error is not None:
                yield Proposal((), units, failure=answer.error)
                continue
            operations: list[Operation] = []
            for said in answer.reply.answers[: self.answers]:
                operations += _operations(said, shown[number], known, written, linked, models)
            yield Proposal(tuple(operations), units, answer.prompts, answer.usage)


def _operations(
    said: PreparedAnswer,
    shown: Sequence[Memory],
    known: Mapping[str, Memory],
    written: set[str],
    linked: Linked,
    models: Models,
) -> list[Operation]:
    """What an answer leads to: nothing, if its facts do not support it, or its question was answered in this run."""
    question = " ".join(said.question.split())
    facts = cited(said.facts, shown)
    key = normalise(question)
    if not facts or not key or key in written:
        return []
    answer = " ".join(standing(said.answer, [f.text for f in facts], told_besides(facts), models.embed).split())
    if not answer:
        return []
    written.add(key)
    text = f"{question}\n{answer}"
    metadata = {QUESTION: question, REPLY: answer}
    if key in known:
        return linked.revised(known[key], text, facts, metadata)
    return added(resting_on(ANSWER, text, facts, metadata), facts)


def _waiting(units: Sequence[Unit]) -> set[str]:
    return {memory.id for unit in units for memory in unit.chunks}


def _sessions(units: Sequence[Unit], facts: Facts) -> tuple[list[list[Unit]], list[Unit]]:
    """New facts by session, or day where they have none, in parts of bounded size, the largest first; and the rest."""
    groups: dict[str, list[Unit]] = {}
    aside: list[Unit] = []
    for unit in units:
        fact = facts.all.get(unit.chunks[0].id) if unit.chunks else None
        if fact is None or not facts.holds(fact):
            aside.append(unit)
            continue
        groups.setdefault(f"session {fact.session}" if fact.session else f"{fact.at:%Y-%m-%d}", []).append(unit)
    parts = [same[start : start + _SHOWN] for same in groups.values() for start in range(0, len(same), _SHOWN)]
    return sorted(parts, key=lambda part: -len(part)), aside


def _nearest(new: Sequence[Memory], older: Sequence[Memory], most: int, view: View, models: Models) -> list[Memory]:
    """The older facts that are most like any of the new ones; none without an embedding model."""
    if models.embed is None or not older or not new or not most:
        return []
    cosines = vectors_of(older, view, models.embed) @ vectors_of(new, view, models.embed).T
    order = np.argsort(-cosines.max(axis=1), kind="stable")[:most]
    return [older[place] for place in sorted(int(place) for place in order)]
