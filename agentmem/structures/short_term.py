"""The short-term memory of a text that grows: a summary of what matters now, rewritten at each step, with reasons.

RecurrentGPT (Zhou et al., arXiv 2305.13304, section 3) keeps in language what an LSTM keeps in vectors: a long-term
memory of all paragraphs, which here are the texts themselves, and a short-term memory of 10 to 20 sentences, at most
500 words, for which the model must first say what to drop and what to add, and why. Each work, which is a session, has
its own; a step takes in what came to it since the last.

Each short-term memory names what it took in as its sources, and rests on the one before, which it absorbs. So nothing
is lost on the way; who forgets a paragraph forgets all short-term memories since, and they are made again without it;
who forgets the newest paragraph has the memory before it back. Documents are finished, and have none.

What a model writes is checked against what it was shown; sentences that are not supported are left out. Where none is
left, and without a language model, the most telling sentences stand, and the reason says how many went and came.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from agentmem.errors import InvalidInput
from agentmem.ids import EDGE, new_id
from agentmem.kinds import ABSORBS, CHUNK, SHORT_TERM
from agentmem.operations import Add, Link, Operation, Retire
from agentmem.prompts.library import render
from agentmem.prompts.replies.writing import ShortTermMemory as Reply
from agentmem.structures.derived import derived
from agentmem.structures.extraction import windows
from agentmem.structures.questions import Questions
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.structures.trees.nodes import link, told
from agentmem.structures.trees.texts import conversation_of, is_document
from agentmem.structures.trees.wording import NotWritten, bounded, shortened
from agentmem.structures.verify import standing, told_besides
from agentmem.types import Edge, Memory, Usage

WORDS = 500
"""The longest short-term memory."""
_EXTRACT = 300  # words: some 20 sentences
REASON = "reason"
"""Metadata: what went and what came, and why."""
STEP = "step"
"""Metadata: how often the memory was rewritten; of a written paragraph, its number."""
WORK, UNTIL = "work", "until"
"""Metadata: which session, or day, a memory is of; the id of the last text that it took in."""


@dataclass(frozen=True, slots=True)
class ShortTerm:
    """The structure. One proposal for each unit.

    Attributes:
        words: see :data:`WORDS`.

    Raises:
        InvalidInput: it is less than 1.
    """

    reads: ClassVar[tuple[str, ...]] = ()
    name: ClassVar[str] = "short-term"
    kinds: ClassVar[tuple[str, ...]] = (SHORT_TERM,)

    words: int = WORDS

    def __post_init__(self) -> None:
        if self.words < 1:
            raise InvalidInput("A short-term memory has room for at least 1 word.")

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """See :class:`agentmem.structures.structure.Structure`.

        What the memory that stands has not taken in, because a later one was forgotten, is read again with the unit;
        what it has taken in with an earlier unit is not.
        """
        there = view.with_sources(view.memories(SHORT_TERM))
        current = {memory.metadata.get(WORK): memory for memory in there}
        taken = {work: set(memory.sources) for work, memory in current.items()}
        works = Works(view)
        for unit in units:
            if is_document(unit) or not unit.chunks:
                yield Proposal((), (unit,))
                continue
            work = conversation_of(unit.chunks[0])
            former = current.get(work)
            had = taken.setdefault(work, set())
            whole = replace(unit, chunks=tuple(c for c in works.since(former, unit) if not had.issuperset(c.sources)))
            if not whole.chunks:
                yield Proposal((), (unit,))
                continue
            questions = None if models.llm is None else Questions(models.llm)
            try:
                text, reason = self._rewritten(former, whole, models, questions)
            except NotWritten as failed:
                yield Proposal((), (unit,), usage=failed.usage, failure=failed.error)
                continue
            made = _made(text, reason, former, whole)
            prompts, usage = ((), Usage()) if questions is None else (questions.prompts, questions.usage)
            yield Proposal(_operations(made, former), (unit,), prompts, usage)
            current[work] = made
            had.update(made.sources)

    def _rewritten(
        self, former: Memory | None, unit: Unit, models: Models, questions: Questions | None
    ) -> tuple[str, str]:
        """The memory's next text, and the reason. Raises BudgetExhausted and NotWritten."""
        text, reasons = former.text if former is not None else "", []
        for part in windows(unit, models):
            lines = [" ".join(told(chunk).split()) for chunk in part.chunks]
            shown = [*text.splitlines(), *lines]
            extract = shortened(shown, min(self.words, _EXTRACT))
            if questions is None:
                reasons.append(_counted(text, extract))
                text = extract
                continue
            [reply] = questions.ask([render("recurrent_memory", memory=text, text="\n".join(lines))], Reply)
            told_before = [former.text] if former is not None else []
            known = [*told_besides(part.chunks), *told_before]
            text = standing(bounded(reply.text, self.words), shown, known, models.embed) or extract
            reasons.append(" ".join(reply.reasoning.split()))
        return text, " ".join(reasons)


def _counted(before: str, after: str) -> str:
    """The reason where rules decide."""
    old, new = before.splitlines(), after.splitlines()
    kept = len(set(old) & set(new))
    return f"The most telling lines stand: {len(old) - kept} dropped, {len(new) - kept} added."


@dataclass(slots=True)
class Works:
    """The texts of each work, read once."""

    view: View
    _texts: dict[str | None, list[Memory]] | None = None

    def since(self, former: Memory | None, unit: Unit) -> tuple[Memory, ...]:
        """The texts of a unit, and those of its work that a former memory did not take in; in order of time."""
        if self._texts is None:
            self._texts = {}
            for chunk in self.view.memories(CHUNK):
                self._texts.setdefault(conversation_of(chunk), []).append(chunk)
        own = {chunk.id for chunk in unit.chunks}
        same = self._texts.get(conversation_of(unit.chunks[0]), [])
        ids = [chunk.id for chunk in same]
        begin = 0
        if former is not None:
            until = former.metadata.get(UNTIL)
            later = (place for place, chunk in enumerate(same) if chunk.at > former.at)
            begin = ids.index(until) + 1 if until in ids else next(later, len(same))
        rest = [chunk for chunk in same[begin:] if chunk.id not in own]
        place = {id: number for number, id in enumerate(ids)}
        return tuple(sorted((*self.view.with_sources(rest), *unit.chunks), key=lambda one: place.get(one.id, len(ids))))


def _made(text: str, reason: str, former: Memory | None, unit: Unit) -> Memory:
    step = 1 if former is None else int(former.metadata.get(STEP, 0)) + 1
    last = unit.chunks[-1]
    metadata: dict[str, Any] = {REASON: reason, STEP: step, WORK: conversation_of(last), UNTIL: last.id}
    memory = derived(SHORT_TERM, text, unit, range(len(unit.chunks)), metadata=metadata)
    at = max(chunk.at for chunk in unit.chunks)
    expiries = [one.expires_at for one in (memory, former) if one is not None and one.expires_at is not None]
    return replace(memory, at=at, valid_from=at, title=None, expires_at=min(expiries, default=None))


def _operations(made: Memory, former: Memory | None) -> tuple[Operation, ...]:
    if former is None:
        return (Add(made),)
    return (
        Add(made),
        link(made.id, former.id),
        Link(Edge(new_id(EDGE), ABSORBS, made.id, former.id)),
        Retire(former.id, former.version, "rewritten at the next step"),
    )
