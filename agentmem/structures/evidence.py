"""What is made of facts: which facts hold now, how a model is shown them, and memories that name them.

Such a memory names no sources of its own but edges to its facts (``summarises``), so that its sources are theirs, who
forgets one of them forgets it, and who forgets it, or a name in it, forgets no fact. An edge is never taken back: a
former version may quote what the present one no longer rests on. What that is, fact by fact with its version, stands in
the metadata, under :data:`FACTS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from agentmem.errors import BudgetExhausted, LLMError
from agentmem.kinds import ABSORBS, FACT, SUMMARISES
from agentmem.llm import LLM, Prompt, Reply
from agentmem.operations import Add, Operation, Revise
from agentmem.structures.structure import View
from agentmem.structures.trees.nodes import link, new_node, next_version
from agentmem.structures.trees.wording import named
from agentmem.text.phrases import normalise
from agentmem.types import Memory, Metadata, Usage
from agentmem.updating.subjects import subject_of

FACTS = "facts"
"""Metadata: what the memory rests on, versions by the facts' ids."""
SUBJECT = "subject"
"""Metadata: whom or what it is about."""
NEVER = datetime.min.replace(tzinfo=UTC)
_AT_ONCE = 8  # prompts asked together


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of a scope at one moment.

    Attributes:
        all: every active fact by id, oldest first, also those that ended.
        present: when the newest of them, or of what was made of them, was recorded: a structure has no clock.
        repeated: how many others say the same, by id.
    """

    all: Mapping[str, Memory]
    present: datetime
    repeated: Mapping[str, int]

    @classmethod
    def read(cls, view: View, made: Sequence[Memory]) -> Facts:
        """From the store; ``made`` is what the structure made of them before."""
        found = {memory.id: memory for memory in view.memories(FACT)}
        repeated: dict[str, int] = {}
        for edge in view.edges(ABSORBS) if found else ():
            repeated[edge.source] = repeated.get(edge.source, 0) + 1
        present = max((memory.recorded_at for memory in (*found.values(), *made)), default=NEVER)
        return cls(found, present, repeated)

    @property
    def current(self) -> list[Memory]:
        """Those that did not end."""
        return [memory for memory in self.all.values() if self.holds(memory)]

    def holds(self, fact: Memory) -> bool:
        """Whether it is true still."""
        return fact.valid_to is None or fact.valid_to > self.present

    def standing(self, memory: Memory) -> list[Memory]:
        """The facts that a memory rests on, as far as they hold, in the same version."""
        rests_on = evidence_of(memory)
        facts = (self.all.get(id) for id in rests_on)
        return [fact for fact in facts if fact is not None and rests_on[fact.id] == fact.version and self.holds(fact)]

    def supports(self, memory: Memory) -> bool:
        """Whether all of them do."""
        return len(self.standing(memory)) == len(evidence_of(memory))


def evidence_of(memory: Memory) -> Mapping[str, int]:
    """What a memory says that it rests on."""
    found = memory.metadata.get(FACTS)
    return found if isinstance(found, Mapping) else {}


def subject_name(fact: Memory) -> str | None:
    """Whom or what a fact is about, as it is written."""
    told = fact.metadata.get(SUBJECT)
    if isinstance(told, str) and told.strip():
        return " ".join(told.split())
    return fact.speaker or subject_of(fact.text)


def subject_key(fact: Memory) -> str:
    """Its normal form; empty if nobody knows."""
    return normalise(subject_name(fact) or "")


def numbered(facts: Sequence[Memory]) -> str:
    """The facts as a model reads them: ``[0] (2023-05-07) Caroline paints``, a line for each.

    Line breaks within a fact become spaces, so that no text can pass for another line.
    """
    return "\n".join(
        f"[{number}] ({fact.valid_from:%Y-%m-%d}) {' '.join(fact.text.split())}" for number, fact in enumerate(facts)
    )


def cited(numbers: Sequence[int], facts: Sequence[Memory]) -> list[Memory]:
    """The facts of these numbers, each once, in order of number; numbers that do not exist are dropped."""
    return [facts[number] for number in sorted(set(numbers)) if 0 <= number < len(facts)]


def resting_on(kind: str, text: str, facts: Sequence[Memory], metadata: Metadata) -> Memory:
    """A new memory that rests on these facts, at least one. It dates from the latest of them."""
    return replace(new_node(kind, text, facts, metadata={**metadata, FACTS: _versions(facts)}), title=None)


def added(memory: Memory, facts: Sequence[Memory]) -> list[Operation]:
    """What adds it."""
    return [Add(memory), *(link(memory.id, fact.id) for fact in facts)]


@dataclass(slots=True)
class Linked:
    """To which facts memories are linked already; looked up once, and only if somebody asks."""

    view: View
    _found: dict[str, set[str]] | None = None

    def revised(
        self, memory: Memory, text: str, facts: Sequence[Memory], metadata: Metadata, since: datetime = NEVER
    ) -> list[Operation]:
        """What makes a memory say this, on the ground of these facts, from their time (or ``since``) on.

        Nothing, if it says so already.
        """
        values = {**metadata, FACTS: _versions(facts)}
        if memory.text == text and memory.metadata == values:
            return []
        new = next_version(memory, text, facts)
        new = replace(new, title=None, valid_from=max(new.valid_from, since), metadata=values)
        there = self._of(memory.id)
        return [
            Revise(new, memory.version),
            *(link(memory.id, fact.id) for fact in facts if fact.id not in there),
        ]

    def _of(self, id: str) -> set[str]:
        if self._found is None:
            self._found = {}
            for edge in self.view.edges(SUMMARISES):
                self._found.setdefault(edge.source, set()).add(edge.target)
        return self._found.get(id, set())


def _versions(facts: Sequence[Memory]) -> dict[str, int]:
    return {fact.id: fact.version for fact in facts}


@dataclass(frozen=True, slots=True)
class Answered:
    """A reply, or why there is none; what it cost; the prompt as the journal names it."""

    reply: Any
    error: LLMError | None = None
    usage: Usage = field(default_factory=Usage)
    prompts: tuple[Mapping[str, Any], ...] = ()


def asked(llm: LLM, prompts: Sequence[Prompt], schema: type[Reply]) -> Iterator[tuple[int, Answered]]:
    """The answers with the numbers of their prompts, in order, some of them asked at once.

    Raises:
        BudgetExhausted: the budget is spent, once all that was answered is told.
    """
    for start in range(0, len(prompts), _AT_ONCE):
        batch = prompts[start : start + _AT_ONCE]
        spent: BudgetExhausted | None = None
        for number, answer in enumerate(llm.complete_many(batch, schema), start):
            if isinstance(answer, BudgetExhausted):
                spent = answer
            elif isinstance(answer, LLMError):
                yield number, Answered(None, answer)
            else:
                yield number, Answered(answer.value, None, answer.usage, named([prompts[number]]))
        if spent is not None:
            raise spent
