"""The words of the evaluations as frozen values. Times are timezone-aware and in UTC; items are named by their ids.

A data set holds *bodies* of text and questions about them. A body is what a memory is told at once and asked about: a
conversation made of turns, or a corpus made of passages. Turns and passages are both *items*: what is told, what is
found, and what can be evidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Level(StrEnum):
    """What a ranking ranks, and the name under which its measures stand in ``scores.json``."""

    TURN = "turn"
    OBSERVATION = "observation"  # what a language model noted down of turns, told in their place
    PASSAGE = "passage"
    SESSION = "session"  # a ranking beside the one of turns or observations; passages have none


@dataclass(frozen=True, slots=True)
class Turn:
    """One utterance. ``text`` includes what a shared picture shows, where the loader was asked to join it."""

    id: str
    session: str
    speaker: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Passage:
    """One text that was read, with its title. ``id`` is its place in the corpus, counted from 0."""

    id: str
    title: str
    text: str


Item = Turn | Passage


@dataclass(frozen=True, slots=True)
class Session:
    """Turns of one sitting, in order. ``date_text`` is the date as the data set words it."""

    id: str
    at: datetime
    date_text: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """Everything two people said to each other, session by session in order of time."""

    id: str
    sessions: tuple[Session, ...]

    @property
    def level(self) -> Level:
        """Its items are turns, or stand in their place."""
        return Level.TURN

    @property
    def turns(self) -> Iterator[Turn]:
        """Every turn, in order."""
        return (turn for session in self.sessions for turn in session.turns)

    @property
    def items(self) -> Iterator[Item]:
        """The same: what a memory is told."""
        return self.turns

    def session_of(self) -> dict[str, str]:
        """The session id of every turn id."""
        return {turn.id: turn.session for turn in self.turns}


@dataclass(frozen=True, slots=True)
class Hidden(Conversation):
    """A conversation hidden in a background: sessions that bodies with the same ``background`` have in common.

    A system may keep from one such body to the next the sessions that are the same in both; of all others nothing may
    be found.
    """

    background: str = ""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Passages that were read, in no order that means anything. There are no sessions."""

    id: str
    passages: tuple[Passage, ...]

    @property
    def level(self) -> Level:
        """Its items are passages."""
        return Level.PASSAGE

    @property
    def sessions(self) -> tuple[Session, ...]:
        """None."""
        return ()

    @property
    def items(self) -> Iterator[Item]:
        """Every passage, in order."""
        return iter(self.passages)

    def session_of(self) -> dict[str, str]:
        """No passage is part of a session."""
        return {}


Body = Conversation | Corpus


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the ids of the items that hold its answer.

    ``body`` is the id of what it is about. ``evidence`` names items that exist, each once; ``unresolved`` are the
    pieces of the data set's evidence that name none. ``answer`` is ``None`` where the data set has none.

    ``aliases`` are other wordings that count as the answer. ``parts`` are what an answer that is a list must name, in
    order where order counts. ``options`` are the choices of a question that has some; ``answer`` is then one of them.
    ``asked_at`` is when the question is put, where the data says so. ``unanswerable``: the right answer is that the
    body does not tell; ``answer`` is then the data set's wording of that, if it has one, as LoCoMo's adversarial
    questions do (:data:`agentmem_evals.datasets.locomo.NOT_MENTIONED`).
    """

    id: str
    body: str
    text: str
    answer: str | None
    category: str
    evidence: tuple[str, ...]
    unresolved: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    asked_at: datetime | None = None
    unanswerable: bool = False


@dataclass(frozen=True, slots=True)
class Dataset:
    """Bodies of text and the questions about them; all bodies of a data set are of one kind.

    ``level`` is what rankings of their items rank: turns, observations in the place of turns, or passages.
    ``file_name`` names the file, or files, without a folder, and ``sha256`` is over what they hold, so that a run can
    say which data it was made on without naming a path.
    """

    name: str
    file_name: str
    sha256: str
    level: Level
    category_names: Mapping[str, str]
    bodies: tuple[Body, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What a system found: ids of items and of sessions, best first.

    ``sessions`` is ``None`` when the system does not rank sessions itself. ``why`` holds for each item, in the order of
    ``items``, the signals that put it there, by name; empty when the system does not tell them.
    """

    items: tuple[str, ...]
    sessions: tuple[str, ...] | None = None
    why: tuple[Mapping[str, float], ...] = ()
