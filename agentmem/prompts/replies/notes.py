"""Notes on texts and on experience, and what becomes of them."""

from __future__ import annotations

from agentmem.prompts.replies.extraction import ToldFact
from agentmem.prompts.replies.reply import Reply, Text


class Induction(Reply):
    """The reply to ``induce``: what a batch of experiences teaches; there may be nothing."""

    insights: list[ToldFact]


class RevisedNote(Reply):
    """A note as it shall read, with the numbers of the notes and of the insights that it is made of."""

    text: Text
    notes: list[int]
    insights: list[int]


class NoteRevision(Reply):
    """The reply to ``revise_notes``: all notes that shall stand."""

    reasoning: str
    notes: list[RevisedNote]


class LineNote(Reply):
    """A question that a line raises, and its answer; ``source`` numbers the lines that the answer comes from."""

    line: int
    question: Text
    answer: Text
    source: list[int]


class LineNotes(Reply):
    """The reply to ``self_notes``; most lines need none."""

    notes: list[LineNote]


class NoteWording(Reply):
    """A line's key phrases, a sentence about what it is about, and what it is filed under."""

    line: int
    keywords: list[str]
    context: str
    tags: list[str]


class NoteWordings(Reply):
    """The reply to ``notes``; lines it leaves out are worded by rules."""

    notes: list[NoteWording]


class NeighbourChange(Reply):
    """What a note beside a new one says from now on; a context of null or no tags leave these as they are."""

    neighbour: int
    context: str | None = None
    tags: list[str]


class NoteEvolution(Reply):
    """What a new note brings about: neighbours it belongs with, its own tags (none: as they are), and changes."""

    note: int
    reasoning: str
    links: list[int]
    tags: list[str]
    neighbours: list[NeighbourChange]


class NoteEvolutions(Reply):
    """The reply to ``evolve_notes``; notes that bring nothing about may be left out."""

    notes: list[NoteEvolution]
