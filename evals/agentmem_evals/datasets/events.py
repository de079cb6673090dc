"""LoCoMo's event summarisation: what happened in each speaker's life, session by session, as people wrote it down.

The reference of the second task of LoCoMo (arXiv 2402.17753, section 4.2): for each speaker and session a list of
events, each a sentence; many lists are empty. A memory is told the conversation and asked for each speaker's events.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentmem_evals.datasets.locomo import conversation_of, official_format, read_samples

_DATE = "date"


@dataclass(frozen=True, slots=True)
class SessionEvents:
    """What one session tells of one speaker. ``date_text`` is the date as the data set words it."""

    session: str
    speaker: str
    date_text: str
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConversationEvents:
    """The events of one conversation, by session and then by speaker. ``body`` is the conversation's id."""

    body: str
    sessions: tuple[SessionEvents, ...]

    @property
    def speakers(self) -> tuple[str, ...]:
        """Whom there are lists about, in the order in which they first appear."""
        return tuple(dict.fromkeys(one.speaker for one in self.sessions))

    def about(self, speaker: str) -> tuple[SessionEvents, ...]:
        """The sessions that tell something of a speaker, in order."""
        return tuple(one for one in self.sessions if one.speaker == speaker and one.events)


@dataclass(frozen=True, slots=True)
class EventSummaries:
    """The references of a file. ``sha256`` is over its bytes, as in :class:`agentmem_evals.types.Dataset`."""

    file_name: str
    sha256: str
    conversations: tuple[ConversationEvents, ...]

    def of(self, body: str) -> ConversationEvents:
        """The events of a conversation.

        Raises:
            KeyError: there is no such conversation.
        """
        for conversation in self.conversations:
            if conversation.body == body:
                return conversation
        raise KeyError(body)


def load_events(path: Path) -> EventSummaries:
    """Read the event summaries of a LoCoMo file; those of sessions that do not exist are passed over.

    Raises:
        DataFormatError: the file is not LoCoMo, or has no event summaries.
    """
    samples, digest = read_samples(path)
    with official_format(path):
        conversations = tuple(_events(sample) for sample in samples)
    return EventSummaries(path.name, digest, conversations)


def _events(sample: Mapping[str, Any]) -> ConversationEvents:
    conversation = conversation_of(sample, captions=False)
    raw = sample["event_summary"]
    found: list[SessionEvents] = []
    for session in conversation.sessions:
        entry = raw.get(f"events_{session.id}") or {}
        date_text = str(entry.get(_DATE) or session.date_text)
        for speaker, events in entry.items():
            if speaker != _DATE:
                texts = tuple(text for text in (str(event).strip() for event in events) if text)
                found.append(SessionEvents(session.id, speaker, date_text, texts))
    return ConversationEvents(conversation.id, tuple(found))
