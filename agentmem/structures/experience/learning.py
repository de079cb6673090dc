"""In-Memory Learning (arXiv 2403.02757): notes over experience that get better without labels.

Three phases: *induction* finds what a batch of experiences teaches, *revision* merges it into the notes there are, with
momentum, and *inference* acts with the notes at hand, which is retrieval. Experiences are sessions and documents,
a batch is some of them in order of time. Each note is a memory and names all sources that ever went into it, so who
forgets one of them forgets the note in all its versions, and what else it came from is read anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from agentmem.errors import InvalidInput
from agentmem.ids import EDGE, new_id
from agentmem.kinds import ABSORBS, EXPERIENCE_NOTE
from agentmem.operations import Add, Link, Operation, Retire, Revise
from agentmem.structures.derived import first_expiry
from agentmem.structures.experience.induction import batches, induced, joined
from agentmem.structures.experience.momentum import Entry
from agentmem.structures.experience.revision import revised
from agentmem.structures.questions import Questions
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.structures.trees.wording import NotWritten
from agentmem.types import Edge, Memory, Source, State, Usage

BATCH = 5
"""How many experiences teach together."""
MOMENTUM = 0.9
"""The share of the notes' content words that a revision must keep."""


@dataclass(frozen=True, slots=True)
class InMemoryLearning:
    """The structure. One proposal for each batch.

    Attributes:
        batch: see :data:`BATCH`.
        insights: the most that one prompt about a batch may teach; without a model, that a batch may.
        most: how many notes there may be.
        momentum: see :data:`MOMENTUM`; 0 lets a batch sweep all notes away, 1 lets none lose a word.

    Raises:
        InvalidInput: a number is below 1, or the momentum is no share.
    """

    reads: ClassVar[tuple[str, ...]] = ()
    name: ClassVar[str] = "in-memory-learning"
    kinds: ClassVar[tuple[str, ...]] = (EXPERIENCE_NOTE,)

    batch: int = BATCH
    insights: int = 10
    most: int = 100
    momentum: float = MOMENTUM

    def __post_init__(self) -> None:
        if min(self.batch, self.insights, self.most) < 1:
            raise InvalidInput("In-Memory Learning needs a batch, insights and notes, at least 1 of each.")
        if not 0.0 <= self.momentum <= 1.0:
            raise InvalidInput(f"The momentum is the share of the notes to keep, from 0 to 1, not {self.momentum}.")

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """See :class:`agentmem.structures.structure.Structure`."""
        notes = list(view.with_sources(view.memories(EXPERIENCE_NOTE)))
        for batch in batches(units, self.batch):
            questions = None if models.llm is None else Questions(models.llm)
            try:
                learned = induced(joined(batch), self.insights, models, questions)
                insights = [memory for memory in learned if memory.state == State.ACTIVE]
                entries = revised(notes, insights, models, questions, momentum=self.momentum, most=self.most)
            except NotWritten as failed:
                yield Proposal((), batch, usage=failed.usage, failure=failed.error)
                continue
            operations, after = carried_out(notes, insights, entries)
            operations += [Add(memory) for memory in learned if memory.state == State.QUARANTINED]
            prompts = () if questions is None else questions.prompts
            yield Proposal(tuple(operations), batch, prompts, Usage() if questions is None else questions.usage)
            notes = after


def carried_out(
    notes: Sequence[Memory], insights: Sequence[Memory], entries: Sequence[Entry]
) -> tuple[list[Operation], list[Memory]]:
    """What makes the notes read like this, and the notes then.

    Several notes that become one are one memory from then on, which absorbs the others; a note that is left out is
    retired.
    """
    operations: list[Operation] = []
    after: list[Memory] = []
    for entry in entries:
        made_of = [*(notes[place] for place in entry.notes), *(insights[place] for place in entry.insights)]
        first = made_of[0]
        memory = first
        if entry.text != first.text or not _sources(made_of) <= set(first.sources):
            memory = _next(first, entry.text, made_of)
        if not entry.notes:
            memory = replace(memory, version=1)
            operations.append(Add(memory))
        elif memory is not first:
            operations.append(Revise(memory, first.version))
        for other in (notes[place] for place in entry.notes[1:]):
            operations += [Link(Edge(new_id(EDGE), ABSORBS, memory.id, other.id)), _retired(other, "joined to another")]
        after.append(memory)
    standing = {place for entry in entries for place in entry.notes}
    gone = [note for place, note in enumerate(notes) if place not in standing]
    operations += [_retired(note, "the notes were revised without it") for note in gone]
    return operations, after


def _sources(memories: Sequence[Memory]) -> set[Source]:
    return {source for memory in memories for source in memory.sources}


def _retired(note: Memory, reason: str) -> Retire:
    return Retire(note.id, note.version, reason)


def _next(note: Memory, text: str, made_of: Sequence[Memory]) -> Memory:
    """The note's next version, made of itself and what comes to it."""
    at = max(memory.at for memory in made_of)
    sessions = {memory.session for memory in made_of}
    titles = {memory.title for memory in made_of}
    return replace(
        note,
        version=note.version + 1,
        text=text,
        at=at,
        valid_from=max(note.valid_from, at),
        superseded_at=None,
        session=sessions.pop() if len(sessions) == 1 else None,
        title=titles.pop() if len(titles) == 1 else None,
        expires_at=first_expiry(made_of),
        sources=tuple(dict.fromkeys(source for memory in made_of for source in memory.sources)),
    )
