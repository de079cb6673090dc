"""A text that is told in order, sentence by sentence: a conversation in which only its narrator speaks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from agentmem_evals.types import Conversation, Session, Turn

NARRATOR = "Narrator"
BEGINNING = datetime(2000, 1, 1, 8, tzinfo=UTC)
"""When a text that names no time begins to be told."""
STEP = timedelta(minutes=1)
SESSION = "story"


def sentence_turns(sentences: Iterable[tuple[int, str]], begins: datetime = BEGINNING) -> tuple[Turn, ...]:
    """A turn for each sentence: its id is the sentence's number, and its time that many minutes after ``begins``."""
    return tuple(Turn(str(number), SESSION, NARRATOR, text, begins + number * STEP) for number, text in sentences)


def narrated(id: str, turns: tuple[Turn, ...]) -> Conversation:
    """The turns as a conversation of one session. Its date is not worded: nobody gave one."""
    return Conversation(id, (Session(SESSION, turns[0].at, "", turns),) if turns else ())
