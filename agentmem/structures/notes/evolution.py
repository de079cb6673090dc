"""What a new note does to the notes nearest to it: which it belongs with, and what becomes of their tags and contexts.

A-MEM, sections 3.2 and 3.3 (equations 4 to 7): a model is shown a new note with its nearest ones. It may link them
(``strengthen``, with new tags for the new note) and rewrite context and tags of those beside it (``update_neighbor``).
The paper asks once for each note; here some new notes of a session are shown in one prompt, each with its neighbours.

By rules, a note is linked to neighbours that are alike enough and share a keyword or a tag with it, and such a
neighbour is filed under the new note's tags, too, as far as it has room.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agentmem.prompts.library import render
from agentmem.prompts.replies.notes import NoteEvolution, NoteEvolutions
from agentmem.structures.notes.note import Wording, united, wording_of
from agentmem.structures.notes.wording import sound_tags
from agentmem.structures.questions import Questions
from agentmem.structures.structure import Models
from agentmem.structures.verify import standing, told_besides
from agentmem.text.words import terms
from agentmem.types import Memory

PROMPT = "evolve_notes"
AT_ONCE = 20
"""New notes in one prompt."""
THRESHOLD = 0.5
"""By rules: the cosine from which on notes are linked. Not fitted."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A new note and its nearest ones, with their cosines, nearest first."""

    note: Memory
    neighbours: tuple[tuple[Memory, float], ...]


@dataclass(frozen=True, slots=True)
class Evolved:
    """What comes of a new note.

    Attributes:
        note: its id.
        links: the ids of the notes that it belongs with.
        wordings: what notes say from now on, by id, the new one perhaps among them.
        because: by the id of a note that says something else, the ids of the notes that its words come from.
    """

    note: str
    links: tuple[str, ...] = ()
    wordings: tuple[tuple[str, Wording], ...] = ()
    because: tuple[tuple[str, tuple[str, ...]], ...] = ()


def by_rules(beside: Beside, threshold: float = THRESHOLD) -> Evolved:
    """Links to what is alike and shares a keyword or a tag; its tags for them."""
    own = wording_of(beside.note)
    shared = _filed(beside.note)
    links, wordings = [], []
    for other, cosine in beside.neighbours:
        if cosine < threshold or not shared & _filed(other):
            continue
        links.append(other.id)
        theirs = wording_of(other)
        tags = united(theirs.tags, own.tags)
        if tags != theirs.tags:
            wordings.append((other.id, replace(theirs, tags=tags)))
    because = tuple((id, (beside.note.id,)) for id, _wording in wordings)
    return Evolved(beside.note.id, tuple(links), tuple(wordings), because)


def by_model(notes: Sequence[Beside], models: Models, asking: Questions) -> list[Evolved]:
    """As the model says, in the order of the notes. What it says of notes that it was not shown does nothing.

    Raises:
        BudgetExhausted: the budget is spent.
        NotWritten: the model could not be asked.
    """
    told = [beside for beside in notes if beside.neighbours]
    parts = [told[start : start + AT_ONCE] for start in range(0, len(told), AT_ONCE)]
    prompts = [render(PROMPT, notes="\n\n".join(map(_shown, range(len(part)), part))) for part in parts]
    found: list[Evolved] = []
    for part, reply in zip(parts, asking.ask(prompts, NoteEvolutions), strict=True):
        found += [_evolved(said, part[said.note], models) for said in reply.notes if 0 <= said.note < len(part)]
    return found


def _evolved(said: NoteEvolution, beside: Beside, models: Models) -> Evolved:
    note, others = beside.note, [other for other, _cosine in beside.neighbours]
    linked = [others[number] for number in dict.fromkeys(said.links) if 0 <= number < len(others)]
    wordings: dict[str, Wording] = {}
    because: dict[str, tuple[str, ...]] = {}
    own = wording_of(note)
    tags = sound_tags(said.tags, [note.text, *(other.text for other in linked)], told_besides([note, *linked]))
    if tags and tags != own.tags:
        wordings[note.id] = replace(own, tags=tags)
        because[note.id] = tuple(other.id for other in linked if _lent(tags, note, other))
    for change in said.neighbours:
        if not 0 <= change.neighbour < len(others) or others[change.neighbour].id in wordings:
            continue
        other = others[change.neighbour]
        theirs = wording_of(other)
        texts, known = [other.text, note.text], told_besides([other, note])
        context = standing(" ".join((change.context or "").split()), texts, known, models.embed)
        new = replace(theirs, tags=sound_tags(change.tags, texts, known) or theirs.tags)
        new = replace(new, context=context or theirs.context)
        if new != theirs:
            wordings[other.id] = new
            because[other.id] = (note.id,)
    links = tuple(other.id for other in linked)
    return Evolved(note.id, links, tuple(wordings.items()), tuple(because.items()))


def _lent(tags: Sequence[str], note: Memory, other: Memory) -> bool:
    """Whether a word of the tags stands in the other note and not in the own one."""
    words = {term for tag in tags for term in terms(tag)}
    return bool(words & (set(terms(other.text)) - set(terms(note.text))))


def _filed(note: Memory) -> set[str]:
    """The words of keywords and tags by their stems, without those of who speaks."""
    wording = wording_of(note)
    words = {term for phrase in (*wording.keywords, *wording.tags) for term in terms(phrase)}
    return words - set(terms(note.speaker or ""))


def _shown(number: int, beside: Beside) -> str:
    """A note and its neighbours as a model reads them; each on one line, so that no text can pass for another."""
    lines = [f"note {number}: {_line(beside.note)}"]
    lines += [f"  [{place}] {_line(other)}" for place, (other, _cosine) in enumerate(beside.neighbours)]
    return "\n".join(lines)


def _line(note: Memory) -> str:
    return f"({note.at:%Y-%m-%d}) {' | '.join(note.text.splitlines())}"
