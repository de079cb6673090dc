"""What single facts do not say: conclusions from several of them, and what keeps coming back.

Generative Agents (Park et al. 2023, arXiv 2304.03442, section 4.2) reflect when the importance of what they perceived
adds up: three focal questions from what is recent, a look at the memory for each, five insights with their evidence.
Here importance is told by rules, the newest counts most, and evidence are facts alone, never insights, so that nothing
feeds on itself. A conclusion that its facts do not bear out is quarantined. At most four calls, when enough has
gathered; without a model there are no conclusions.

With and without a model it is counted what a subject comes back to, session after session
(:mod:`agentmem.structures.patterns`); one memory for each such pattern, revised as it goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from agentmem.errors import InvalidInput
from agentmem.kinds import FACT, INSIGHT
from agentmem.llm import LLM
from agentmem.operations import Operation, Retire
from agentmem.structures.evidence import NEVER, Facts, Linked, added, resting_on
from agentmem.structures.patterns import patterns
from agentmem.structures.questions import Questions
from agentmem.structures.reflection import LEAST_EVIDENCE, importance, reflected
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.structures.trees.wording import NotWritten
from agentmem.text.phrases import normalise
from agentmem.types import Memory, Metadata, State

OF = "of"
"""Metadata: ``"reflection"`` or ``"pattern"``."""
UNTIL = "until"
"""Metadata of a conclusion: when the newest fact was recorded that was looked back upon."""
PATTERN = "pattern"
"""Metadata of a pattern: the subject and the thing, in normal form."""
_MOST_CONSIDERED = 2_000  # facts, the newest, that a question is put to


@dataclass(frozen=True, slots=True)
class Insights:
    """The structure. One proposal for the patterns, and one for what follows from the facts.

    Attributes:
        threshold: the importance that must gather, 1 to 10 for each fact; 150 as published.
        questions: focal questions each time.
        insights: the most conclusions from each of them.
        looked: the facts that each question is put to.
        recent: the facts that the questions are drawn from.
        expires: after which time conclusions expire; 30 days in the authors' code.
        sessions: in how many sessions something must come up to be a pattern.
        most_patterns: the most patterns that are added in one run.

    Raises:
        InvalidInput: a number is below 1, or ``expires`` not in the future.
    """

    reads: ClassVar[tuple[str, ...]] = (FACT,)
    name: ClassVar[str] = "insights"
    kinds: ClassVar[tuple[str, ...]] = (INSIGHT,)

    threshold: float = 150.0
    questions: int = 3
    insights: int = 5
    looked: int = 30
    recent: int = 100
    expires: timedelta | None = None
    sessions: int = 3
    most_patterns: int = 50

    def __post_init__(self) -> None:
        numbers = (self.threshold, self.questions, self.insights, self.looked, self.recent, self.most_patterns)
        if min(*numbers, self.sessions) < 1:
            raise InvalidInput("Insights need numbers from 1 on.")
        if self.expires is not None and self.expires <= timedelta(0):
            raise InvalidInput("Insights expire after some time: give expires= a positive one, or None.")

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """See :class:`agentmem.structures.structure.Structure`."""
        there = [memory for memory in view.memories(INSIGHT) if OF in memory.metadata]
        facts = Facts.read(view, there)
        counted = self._patterns(facts, [memory for memory in there if memory.metadata[OF] == PATTERN], Linked(view))
        conclusions = [memory for memory in there if memory.metadata[OF] != PATTERN]
        outdated = [memory for memory in conclusions if len(facts.standing(memory)) < LEAST_EVIDENCE]
        counted += [Retire(memory.id, memory.version, "what it follows from holds no more") for memory in outdated]
        gathered = self._gathered(facts, conclusions, units, view.kept) if models.llm is not None else []
        due = sum(importance(fact, facts.repeated.get(fact.id, 0)) for fact in gathered) >= self.threshold
        if models.llm is None or not due:
            if counted or units:
                yield Proposal(tuple(counted), tuple(units))
            return
        if counted:
            yield Proposal(tuple(counted), ())
        yield self._reflection(gathered, facts, conclusions, units, view, models, models.llm)

    def _patterns(self, facts: Facts, there: Sequence[Memory], linked: Linked) -> list[Operation]:
        """Patterns that are new, went on, or are none any more."""
        former: dict[tuple[str, ...], Memory] = {}
        operations: list[Operation] = []
        for memory in there:
            former[tuple(memory.metadata.get(PATTERN, ()))] = memory
        kept: set[str] = set()
        new = 0
        for pattern in patterns(facts.all.values(), self.sessions):
            key = (pattern.subject, pattern.thing)
            metadata: Metadata = {OF: PATTERN, PATTERN: list(key), "subject": pattern.subject}
            if key in former:
                kept.add(former[key].id)
                operations += linked.revised(former[key], pattern.text, pattern.facts, metadata)
            elif new < self.most_patterns:
                new += 1
                memory = resting_on(INSIGHT, pattern.text, pattern.facts, metadata)
                operations += added(memory, pattern.facts)
        gone = [memory for memory in there if memory.id not in kept]
        return operations + [Retire(memory.id, memory.version, "it does not come back so often") for memory in gone]

    def _gathered(
        self, facts: Facts, conclusions: Sequence[Memory], units: Sequence[Unit], kept: Mapping[str, Any]
    ) -> list[Memory]:
        """The facts that hold and were not looked back upon, oldest first."""
        told = [kept.get(UNTIL), *(memory.metadata.get(UNTIL) for memory in conclusions)]
        until = max((datetime.fromisoformat(moment) for moment in told if moment), default=NEVER)
        new = {memory.id for unit in units for memory in unit.chunks}
        return [fact for fact in facts.current if fact.id in new or fact.recorded_at > until]

    def _reflection(
        self,
        gathered: Sequence[Memory],
        facts: Facts,
        conclusions: Sequence[Memory],
        units: Sequence[Unit],
        view: View,
        models: Models,
        llm: LLM,
    ) -> Proposal:
        """Raises BudgetExhausted."""
        considered = sorted(facts.current, key=lambda fact: (fact.at, fact.text))[-_MOST_CONSIDERED:]
        marks = [importance(fact, facts.repeated.get(fact.id, 0)) for fact in considered]
        recent = sorted(gathered, key=lambda fact: (fact.at, fact.text))[-self.recent :]
        asking = Questions(llm)
        try:
            found = reflected(
                recent,
                considered,
                marks,
                view,
                models,
                asking,
                questions=self.questions,
                insights=self.insights,
                looked=self.looked,
            )
        except NotWritten as failed:
            return Proposal((), tuple(units), usage=failed.usage, failure=failed.error)
        until = facts.present.isoformat()
        known = {normalise(memory.text) for memory in conclusions}
        operations: list[Operation] = []
        for insight in found:
            if normalise(insight.text) in known:
                continue
            memory = resting_on(INSIGHT, insight.text, insight.facts, {OF: "reflection", UNTIL: until})
            if self.expires is not None:
                memory = replace(memory, expires_at=facts.present + self.expires)
            if insight.doubtful:
                memory = replace(memory, state=State.QUARANTINED)
            operations += added(memory, insight.facts)
        view.kept[UNTIL] = until
        return Proposal(tuple(operations), tuple(units), asking.prompts, asking.usage)
