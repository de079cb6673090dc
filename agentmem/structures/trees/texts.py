"""What is read as one text: a session, a day of turns outside of any session, or a document."""

from __future__ import annotations

from agentmem.structures.structure import Unit
from agentmem.types import EpisodeKind, Memory


def conversation_of(chunk: Memory) -> str | None:
    """The session, or the day, a chunk was said in; ``None`` for what nobody said."""
    if chunk.session is not None:
        return f"session:{chunk.session}"
    if chunk.speaker is not None or chunk.role is not None:
        return f"day:{chunk.at.date().isoformat()}"
    return None


def text_of(chunk: Memory, unit: Unit) -> str:
    """The text a unit's chunk is a part of."""
    document = f"document:{chunk.sources[0].episode if chunk.sources else chunk.id}"
    return document if is_document(unit) else conversation_of(chunk) or document


def is_document(unit: Unit) -> bool:
    """Whether it was read rather than said."""
    return any(episode.kind == EpisodeKind.DOCUMENT for episode in unit.episodes)
