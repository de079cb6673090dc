"""A-MEM (Xu et al., "A-MEM: Agentic Memory for LLM Agents", 2025, arXiv 2502.12110), section 3: notes that evolve.

A note is made of every text (its keywords, tags and one sentence of context), its five nearest notes are looked up, and
it is decided which it is linked to and what becomes of those beside it. The paper asks twice for each text; here the
texts of a session are worded in one call, and the evolution of twenty new notes is asked for in another. A note of the
same session counts as a neighbour, as worded, before it evolved. A note that changes gets a new version, which is
embedded at once; the authors' code embeds anew after a hundred changes, and finds notes by what they said until then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from agentmem.errors import InvalidInput
from agentmem.kinds import CHUNK, NOTE
from agentmem.structures.evidence import NEVER
from agentmem.structures.notes import evolution, wording
from agentmem.structures.notes.note import Wording
from agentmem.structures.notes.slip_box import SlipBox
from agentmem.structures.questions import Questions
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.structures.trees.texts import conversation_of
from agentmem.structures.trees.wording import NotWritten
from agentmem.types import Memory, Usage

NEIGHBOURS = 5
"""How many of the nearest notes a new one is held against, as published."""


@dataclass(frozen=True, slots=True)
class Notes:
    """The structure. What is new of one session or document is one proposal.

    Attributes:
        neighbours: see :data:`NEIGHBOURS`.
        threshold: by rules, the cosine from which on notes are linked.
        evolves: whether notes are linked and change one another; without, they stay as they are made (the paper's
            ablation "without link generation and memory evolution").

    Raises:
        InvalidInput: no neighbours, or a threshold that is no cosine above 0.
    """

    reads: ClassVar[tuple[str, ...]] = (CHUNK,)
    name: ClassVar[str] = "notes"
    kinds: ClassVar[tuple[str, ...]] = (NOTE,)

    neighbours: int = NEIGHBOURS
    threshold: float = evolution.THRESHOLD
    evolves: bool = True

    def __post_init__(self) -> None:
        if self.neighbours < 1 or not 0.0 < self.threshold <= 1.0:
            raise InvalidInput("Notes need at least 1 neighbour, and a threshold above 0 and at most 1.")

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """See :class:`agentmem.structures.structure.Structure`."""
        if not units:
            return
        box = SlipBox.read(view, models)
        if loose := box.outdated():
            yield Proposal(tuple(loose), ())
        for session in _sessions(units, box.chunks):
            try:
                read = self._read(session.chunks, models)
            except NotWritten as failed:
                yield Proposal((), session.units, usage=failed.usage, failure=failed.error)
                continue
            ids = box.put(session.chunks, read.wordings)
            try:
                self._evolve(box, ids, models, read)
            except NotWritten as failed:  # what is in the box was never written: begin with the others as it is stored
                yield Proposal((), session.units, usage=read.usage + failed.usage, failure=failed.error)
                box = SlipBox.read(view, models)
                continue
            yield Proposal(tuple(box.written()), session.units, read.prompts, read.usage)

    def _read(self, chunks: Sequence[Memory], models: Models) -> _Read:
        if models.llm is None or not chunks:
            return _Read(wording.by_rules(chunks))
        asking = Questions(models.llm)
        return _Read(wording.by_model(Unit(None, (), tuple(chunks)), models, asking), asking)

    def _evolve(self, box: SlipBox, ids: Sequence[str], models: Models, read: _Read) -> None:
        if not self.evolves:
            return
        if read.asking is None:
            for number, id in enumerate(ids):
                beside = box.beside(id, ids[number:], self.neighbours)
                box.evolve(evolution.by_rules(beside, self.threshold), _cosines(beside))
            return
        notes = [box.beside(id, ids[number:], self.neighbours) for number, id in enumerate(ids)]
        cosines = {beside.note.id: _cosines(beside) for beside in notes}
        for evolved in evolution.by_model(notes, models, read.asking):
            box.evolve(evolved, cosines[evolved.note])


@dataclass(frozen=True, slots=True)
class _Read:
    """The wordings of a session's texts, and who was asked for them."""

    wordings: list[Wording]
    asking: Questions | None = None

    @property
    def prompts(self) -> tuple[Mapping[str, Any], ...]:
        return () if self.asking is None else self.asking.prompts

    @property
    def usage(self) -> Usage:
        return Usage() if self.asking is None else self.asking.usage


@dataclass(slots=True)
class _Session:
    """What is new of a session or document: the units that are done with it, and the texts that are still in use."""

    units: tuple[Unit, ...] = ()
    chunks: list[Memory] = field(default_factory=list)


def _sessions(units: Sequence[Unit], there: Mapping[str, Memory]) -> list[_Session]:
    """In the order of their first texts in time; texts in order of time."""
    found: dict[str, _Session] = {}
    for unit in units:
        for chunk in unit.chunks[:1]:
            document = f"document:{chunk.sources[0].episode if chunk.sources else chunk.id}"
            session = found.setdefault(conversation_of(chunk) or document, _Session())
            session.units += (unit,)
            if chunk.id in there:
                session.chunks.append(chunk)
    if empty := tuple(unit for unit in units if not unit.chunks):
        found[""] = _Session(empty)
    for session in found.values():
        session.chunks.sort(key=lambda chunk: chunk.at)  # stable: equal times stay in order of arrival
    return sorted(found.values(), key=lambda session: min((text.at for text in session.chunks), default=NEVER))


def _cosines(beside: evolution.Beside) -> dict[str, float]:
    return {other.id: cosine for other, cosine in beside.neighbours}
