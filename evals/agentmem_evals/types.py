"""The words of the evaluations as frozen values. Times are timezone-aware and in UTC; turns are named by their ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """One utterance. ``text`` includes what a shared picture shows, where the loader was asked to join it."""

    id: str
    session: str
    speaker: str
    text: str
    at: datetime


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
    def turns(self) -> Iterator[Turn]:
        """Every turn, in order."""
        return (turn for session in self.sessions for turn in session.turns)

    def session_of(self) -> dict[str, str]:
        """The session id of every turn id."""
        return {turn.id: turn.session for turn in self.turns}


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the ids of the turns that hold its answer.

    ``evidence`` names turns that exist, each once; ``unresolved`` are the pieces of the data set's evidence that name
    none. ``answer`` is ``None`` where the data set has none (adversarial questions).
    """

    id: str
    conversation: str
    text: str
    answer: str | None
    category: str
    evidence: tuple[str, ...]
    unresolved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dataset:
    """Conversations and the questions about them, as read from one file.

    ``sha256`` is the file's, so that a run can say which data it was made on without naming a path.
    """

    name: str
    file_name: str
    sha256: str
    category_names: Mapping[str, str]
    conversations: tuple[Conversation, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What a system found: turn ids and session ids, best first.

    ``sessions`` is ``None`` when the system does not rank sessions itself.
    """

    turns: tuple[str, ...]
    sessions: tuple[str, ...] | None = None
