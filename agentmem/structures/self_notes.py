"""Self-Notes (Lanchantin et al., "Learning to Reason and Memorize with Self-Notes", arXiv 2305.00833).

While it reads, a model deviates from the text to note a question and its answer, or what follows, right after the words
that call for it. A note draws only upon what stands before it. Here a session or document is read in one call, and the
notes of a turn are one memory, whose sources are the turns that its answers come from and the turn that it stands
beside, which is the last of them: forgetting any of them takes the note along.

Without a language model a note tells what rules can (:mod:`agentmem.text.references`): the question that the turn
replies to, whom "she" and where "there" means, the date of "yesterday".
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from agentmem.errors import InvalidInput
from agentmem.kinds import CHUNK, SELF_NOTE
from agentmem.llm import LLM, Prompt
from agentmem.operations import Add, Retire
from agentmem.prompts.library import render
from agentmem.prompts.replies.notes import LineNote, LineNotes
from agentmem.structures.attribution import likely_lines
from agentmem.structures.derived import derived
from agentmem.structures.extraction import numbered, windows
from agentmem.structures.findings import Fact
from agentmem.structures.questions import Questions
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.structures.trees.nodes import told
from agentmem.structures.trees.texts import conversation_of, is_document
from agentmem.structures.trees.wording import NotWritten
from agentmem.structures.verify import unsupported
from agentmem.text.references import REACH, Turn, references
from agentmem.types import Memory

TURN = "turn"
"""Metadata: the id of the text that a note stands beside."""
READ = "read"
"""Metadata: what a note rests on, versions by the texts' ids."""


@dataclass(frozen=True, slots=True)
class Note:
    """A question and its answer beside a line, with the lines that the answer comes from, none of them after it."""

    line: int
    question: str
    answer: str
    source: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SelfNotes:
    """The structure. One proposal for each unit.

    Attributes:
        before: how many turns before those to be read are shown again, where a text is read in parts or goes on.

    Raises:
        InvalidInput: ``before`` is negative.
    """

    reads: ClassVar[tuple[str, ...]] = ()
    name: ClassVar[str] = "self-notes"
    kinds: ClassVar[tuple[str, ...]] = (SELF_NOTE,)

    before: int = 8

    def __post_init__(self) -> None:
        if self.before < 0:
            raise InvalidInput(f"before= is how many earlier turns are shown, 0 or more, not {self.before}.")

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """See :class:`agentmem.structures.structure.Structure`.

        A turn that has its note gets no second one, when it is read again. A note whose texts were reworded or taken
        out of use is retired, and its turn, if it still stands, read again by itself.
        """
        if not units:
            return
        texts = {chunk.id: chunk for chunk in view.memories(CHUNK)}
        there, outdated = set(), {}
        for memory in view.memories(SELF_NOTE):
            turn = str(memory.metadata.get(TURN))
            if turn in texts and all(_holds(texts.get(id), version) for id, version in _read(memory)):
                there.add(turn)
            else:
                outdated[turn] = memory
        coming = {chunk.id for unit in units for chunk in unit.chunks}
        again = [texts[turn] for turn in outdated if turn in texts and turn not in coming]
        again = [chunk for chunk in again if conversation_of(chunk) is not None]
        left = [memory for turn, memory in outdated.items() if turn not in {chunk.id for chunk in again}]
        if left:
            yield Proposal(tuple(map(_retired, left)), ())
        for unit in units:
            yield self._noted(unit, there, view, models)
        for chunk in view.with_sources(again):
            made = self._noted(Unit(chunk.session, (), (chunk,)), there, view, models)
            if made.failure is None:
                made = replace(made, operations=(_retired(outdated[chunk.id]), *made.operations))
            yield replace(made, units=())

    def _noted(self, unit: Unit, there: Container[str], view: View, models: Models) -> Proposal:
        """The notes of those turns of a unit that have none. Raises BudgetExhausted."""
        earlier = self._earlier(unit, view)
        whole = replace(unit, chunks=(*earlier, *unit.chunks))
        wanted = {line for line, chunk in enumerate(whole.chunks) if line >= len(earlier) and chunk.id not in there}
        if models.llm is not None:
            return self._asked(unit, whole, len(earlier), wanted, models, models.llm)
        notes = by_rules(whole, wanted)
        return Proposal(tuple(Add(memory) for memory in beside(whole, notes)), (unit,))

    def _earlier(self, unit: Unit, view: View) -> tuple[Memory, ...]:
        """What was said just before in the same conversation, and read already."""
        if is_document(unit) or not unit.chunks or not self.before:
            return ()
        conversation, first = conversation_of(unit.chunks[0]), unit.chunks[0]
        own = {chunk.id for chunk in unit.chunks}
        same = [chunk for chunk in view.memories(CHUNK) if conversation_of(chunk) == conversation]
        same.sort(key=lambda chunk: chunk.at)  # stable; what was reworded stands where it was said
        ids = [chunk.id for chunk in same]
        until = ids.index(first.id) if first.id in ids else len(ids)
        return tuple(view.with_sources([chunk for chunk in same[:until] if chunk.id not in own][-self.before :]))

    def _asked(self, unit: Unit, whole: Unit, first: int, wanted: set[int], models: Models, llm: LLM) -> Proposal:
        questions = Questions(llm)
        parts = list(self._parts(whole, first, models))
        prompts = [_prompt(part, begin - start) for start, begin, part in parts]
        try:
            replies = questions.ask(prompts, LineNotes)
        except NotWritten as failed:
            return Proposal((), (unit,), usage=failed.usage, failure=failed.error)
        memories: list[Memory] = []
        for (start, begin, part), reply in zip(parts, replies, strict=True):
            new = {line - start for line in wanted if begin <= line < start + len(part.chunks)}
            memories += beside(part, _sound(part, reply.notes, new, models))
        return Proposal(tuple(Add(memory) for memory in memories), (unit,), questions.prompts, questions.usage)

    def _parts(self, whole: Unit, first: int, models: Models) -> Iterator[tuple[int, int, Unit]]:
        """Where a part starts, from where on it is new, and the part with what stands before."""
        begin = first
        for part in windows(replace(whole, chunks=whole.chunks[first:]), models):
            start = max(0, begin - self.before)
            end = begin + len(part.chunks)
            yield start, begin, replace(whole, chunks=whole.chunks[start:end])
            begin = end


def by_rules(unit: Unit, wanted: set[int]) -> list[Note]:
    """What rules tell about these lines of a unit."""
    turns = [Turn(chunk.speaker, chunk.text) for chunk in unit.chunks]
    document = is_document(unit)
    return [
        Note(line, found.question, found.answer, (line - found.back,))
        for line in sorted(wanted)
        for found in references(
            turns[line], None if document else unit.chunks[line].at, turns[max(0, line - REACH) : line]
        )
    ]


def beside(unit: Unit, notes: Sequence[Note]) -> list[Memory]:
    """The notes as memories: one for each line that has any, dated as the line."""
    by_line: dict[int, list[Note]] = {}
    for note in notes:
        by_line.setdefault(note.line, []).append(note)
    found = []
    for line, same in sorted(by_line.items()):
        lines = dict.fromkeys([line, *(source for note in same for source in sorted(note.source))])
        text = " ".join(f"{note.question} {_ended(note.answer)}" for note in same)
        chunk = unit.chunks[line]
        read = {unit.chunks[place].id: unit.chunks[place].version for place in lines}
        memory = derived(SELF_NOTE, text, unit, list(lines), metadata={TURN: chunk.id, READ: read})
        found.append(replace(memory, at=chunk.at, valid_from=chunk.at))
    return found


def _holds(text: Memory | None, version: int) -> bool:
    """Whether a text is in use, and says what it said."""
    return text is not None and text.version == version


def _read(note: Memory) -> Iterable[tuple[str, int]]:
    read: Mapping[str, int] = note.metadata.get(READ) or {}
    return read.items()


def _retired(note: Memory) -> Retire:
    return Retire(note.id, note.version, "a text that it rests on was reworded or is out of use")


def _ended(answer: str) -> str:
    return answer if answer.endswith((".", "!", "?", "…")) else f"{answer}."


def _prompt(part: Unit, first: int) -> Prompt:
    date = f"{part.chunks[first].at:%A, %d %B %Y}"
    return render("self_notes", text=numbered(part), first=str(first), date=date)


def _sound(part: Unit, told_notes: Sequence[LineNote], new: set[int], models: Models) -> list[Note]:
    """The notes that may stand: beside lines to be read, and borne out by lines that are not after them."""
    notes = []
    for said in told_notes:
        if said.line in new:
            question, answer = (" ".join(text.split()) for text in (said.question, said.answer))
            source = tuple(sorted({line for line in said.source if 0 <= line <= said.line}))
            shown = [told(chunk) for chunk in part.chunks[: said.line + 1]]
            notes.append(Note(said.line, question, answer, source or likely_lines(answer, shown)))
    claims = [Fact(note.answer, tuple({*note.source, note.line})) for note in notes]
    doubtful = unsupported(part, claims, models)
    return [note for number, note in enumerate(notes) if number not in doubtful]
