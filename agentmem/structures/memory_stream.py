"""A memory stream as generative agents keep it: how much each text matters, and reflections when enough has gathered.

Park et al. 2023 (arXiv 2304.03442), sections 4.1 and 4.2. A model gives every observation a mark from 1 to 10 when it
is written, a call each; here one call marks all texts of a session. The marks of what was not looked back upon are
added up; at 150 the agent reflects (:mod:`agentmem.structures.reflection`): three focal questions from the 100 newest
texts, a look at the stream for each, five insights with their evidence.

A mark is no word of a text, so it is an edge from the text to itself (``importance``), which goes with the text. A
reflection names its texts through edges; it matters as much as the most important of them. One that its texts do not
bear out is quarantined, and one whose texts were reworded or taken out of use is retired. Without a model marks are
given by rules (:func:`agentmem.structures.reflection.importance`) and there are no reflections.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import ClassVar

from agentmem.errors import InvalidInput
from agentmem.ids import EDGE, new_id
from agentmem.kinds import CHUNK, IMPORTANCE, REFLECTION
from agentmem.llm import LLM
from agentmem.operations import Link, Operation, Retire
from agentmem.prompts.library import render
from agentmem.prompts.replies.reflection import Importances
from agentmem.structures.evidence import NEVER, Facts, added, resting_on
from agentmem.structures.extraction import numbered, windows
from agentmem.structures.questions import Questions
from agentmem.structures.reflection import LEAST_EVIDENCE, Insight, importance, reflected
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.structures.trees.nodes import told
from agentmem.structures.trees.wording import NotWritten
from agentmem.text.phrases import normalise
from agentmem.types import Edge, Memory, State

LEAST, HIGHEST = 1.0, 10.0
"""The range of a mark."""
PROMPT = "importance"
UNTIL = "until"
"""Metadata of a reflection: when the newest text that was looked back upon happened, and when it was recorded."""
_MOST_CONSIDERED = 2_000  # texts, the newest, that a question is put to


@dataclass(frozen=True, slots=True)
class MemoryStream:
    """The structure. A session or a document at a time.

    Attributes:
        threshold: the importance that must gather before the agent reflects; 150 as published.
        questions: focal questions each time.
        insights: the most insights from each of them.
        looked: the texts that each question is put to.
        recent: the texts that the questions are drawn from.
        expires: after which time reflections expire; ``None``: never.

    Raises:
        InvalidInput: a number is below 1, or ``expires`` not in the future.
    """

    reads: ClassVar[tuple[str, ...]] = ()
    name: ClassVar[str] = "memory-stream"
    kinds: ClassVar[tuple[str, ...]] = (REFLECTION,)

    threshold: float = 150.0
    questions: int = 3
    insights: int = 5
    looked: int = 30
    recent: int = 100
    expires: timedelta | None = None

    def __post_init__(self) -> None:
        if min(self.threshold, self.questions, self.insights, self.looked, self.recent) < 1:
            raise InvalidInput("A memory stream needs numbers from 1 on.")
        if self.expires is not None and self.expires <= timedelta(0):
            raise InvalidInput("Reflections expire after some time: give expires= a positive one, or None.")

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """See :class:`agentmem.structures.structure.Structure`."""
        if not units:
            return
        stream = _Stream.read(view)
        outdated = [memory for memory in stream.reflections if len(stream.texts.standing(memory)) < LEAST_EVIDENCE]
        if outdated:
            reason = "what it follows from was reworded or is out of use"
            yield Proposal(tuple(Retire(memory.id, memory.version, reason) for memory in outdated), ())
        for unit in units:
            asking = None if models.llm is None else Questions(models.llm)
            try:
                marks = _marks(unit, models, asking)
            except NotWritten as failed:
                yield Proposal((), (unit,), usage=failed.usage, failure=failed.error)
                continue
            operations = stream.take(unit.chunks, marks)
            prompts, usage = ((), None) if asking is None else (asking.prompts, asking.usage)
            due = models.llm is not None and stream.gathered >= self.threshold
            done = Proposal(operations, () if due else (unit,), prompts)
            yield done if usage is None else replace(done, usage=usage)
            if due and models.llm is not None:  # the unit is done when both are, so that what fails is tried again
                yield self._reflection(stream, unit, view, models, models.llm)

    def _reflection(self, stream: _Stream, unit: Unit, view: View, models: Models, llm: LLM) -> Proposal:
        """Raises BudgetExhausted."""
        seen = stream.seen()
        asking = Questions(llm)
        try:
            found = reflected(
                seen[-self.recent :],
                seen[-_MOST_CONSIDERED:],
                [stream.marks[text.id] for text in seen[-_MOST_CONSIDERED:]],
                view,
                models,
                asking,
                questions=self.questions,
                insights=self.insights,
                looked=self.looked,
            )
        except NotWritten as failed:
            return Proposal((), (unit,), usage=failed.usage, failure=failed.error)
        until = stream.look_back()
        view.kept[UNTIL] = until
        operations: list[Operation] = []
        for insight in found:
            if normalise(insight.text) not in stream.known:
                stream.known.add(normalise(insight.text))
                operations += self._kept(insight, until, stream)
        return Proposal(tuple(operations), (unit,), asking.prompts, asking.usage)

    def _kept(self, insight: Insight, until: list[str], stream: _Stream) -> list[Operation]:
        memory = resting_on(REFLECTION, insight.text, insight.facts, {UNTIL: until})
        if self.expires is not None:
            ends = stream.texts.present + self.expires
            memory = replace(memory, expires_at=min(ends, memory.expires_at or ends))
        if insight.doubtful:
            memory = replace(memory, state=State.QUARANTINED)
        mark = max(stream.marks[text.id] for text in insight.facts)
        return [*added(memory, insight.facts), Link(_marked(memory.id, mark))]


@dataclass(slots=True)
class _Stream:
    """The texts, what they matter, and which of them were not looked back upon."""

    texts: Facts
    reflections: Sequence[Memory]
    marks: dict[str, float]
    known: set[str]
    _latest: tuple[datetime, datetime]
    _loose: dict[str, None] = field(default_factory=dict)
    _there: dict[str, Memory] = field(default_factory=dict)

    @classmethod
    def read(cls, view: View) -> _Stream:
        chunks = {memory.id: memory for memory in view.memories(CHUNK)}
        reflections = view.memories(REFLECTION)
        present = max((memory.recorded_at for memory in chunks.values()), default=NEVER)
        marks = {edge.source: edge.weight for edge in view.edges(IMPORTANCE) if edge.source in chunks}
        told_of = [until for memory in reflections if (until := memory.metadata.get(UNTIL))]
        told_of += [until] if (until := view.kept.get(UNTIL)) else []
        moments = [(datetime.fromisoformat(at), datetime.fromisoformat(recorded)) for at, recorded in told_of]
        at = max((at for at, _recorded in moments), default=NEVER)
        recorded = max((recorded for _at, recorded in moments), default=NEVER)
        known = {normalise(memory.text) for memory in reflections}
        stream = cls(Facts(chunks, present, {}), reflections, marks, known, (at, recorded))
        for id in marks:
            stream._there[id] = chunks[id]
            if chunks[id].at > at or chunks[id].recorded_at > recorded:
                stream._loose[id] = None
        return stream

    @property
    def gathered(self) -> float:
        """The importance of what was not looked back upon."""
        return sum(self.marks[id] for id in self._loose)

    def take(self, chunks: Sequence[Memory], marks: Sequence[float]) -> tuple[Operation, ...]:
        """Texts with their marks; what sets those that are new."""
        operations = []
        for chunk, mark in zip(chunks, marks, strict=True):
            if self.marks.get(chunk.id) != mark:
                operations.append(Link(_marked(chunk.id, mark)))
            self.marks[chunk.id] = mark
            self._there[chunk.id] = chunk
            self._loose[chunk.id] = None
        return tuple(operations)

    def seen(self) -> list[Memory]:
        """The texts that were read, oldest first, each with who said it."""
        found = sorted(self._there.values(), key=lambda memory: (memory.at, memory.id))
        return [replace(memory, text=told(memory)) for memory in found]

    def look_back(self) -> list[str]:
        """Nothing is left to be looked back upon; until when that is true."""
        loose = [self._there[id] for id in self._loose]
        at = max([self._latest[0], *(text.at for text in loose)])
        recorded = max([self._latest[1], *(text.recorded_at for text in loose)])
        self._latest = (at, recorded)
        self._loose.clear()
        return [at.isoformat(), recorded.isoformat()]


def _marks(unit: Unit, models: Models, asking: Questions | None) -> list[float]:
    """The importance of each text of a unit; by rules where the model gave none.

    Raises:
        BudgetExhausted: the budget is spent.
        NotWritten: the model could not be asked.
    """
    found: list[float] = []
    parts = windows(unit, models)
    replies: Sequence[Importances | None] = [None] * len(parts)
    if asking is not None:
        replies = asking.ask([render(PROMPT, text=numbered(part)) for part in parts], Importances)
    for part, reply in zip(parts, replies, strict=True):
        given: Mapping[int, float] = {} if reply is None else {mark.line: mark.importance for mark in reply.marks}
        for line, chunk in enumerate(part.chunks):
            mark = given.get(line, importance(chunk))
            found.append(round(min(HIGHEST, max(LEAST, mark)), 6))
    return found


def _marked(id: str, mark: float) -> Edge:
    return Edge(new_id(EDGE), IMPORTANCE, id, id, mark)
