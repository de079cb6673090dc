"""Chunks: the text of an episode itself as memories, whole where it is short, split on sentences where it is long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from agentmem.ids import MEMORY, new_id
from agentmem.kinds import CHUNK
from agentmem.operations import Add
from agentmem.text.sentences import pieces
from agentmem.types import Episode, Memory, Source

KIND = CHUNK

CHUNK_CHARACTERS = 1_000
"""About 200 tokens: what the default embedding model reads whole (256 tokens)."""


def propose_chunks(
    episode: Episode, limit: int = CHUNK_CHARACTERS, *, expires_at: datetime | None = None
) -> Iterator[Add]:
    """One memory for a short episode, several with their spans for a long one; none when it is not to be indexed."""
    if not episode.indexed:
        return
    spans = [(0, len(episode.text))] if len(episode.text) <= limit else pieces(episode.text, limit)
    for start, end in spans:
        yield Add(
            Memory(
                id=new_id(MEMORY),
                version=1,
                kind=KIND,
                text=episode.text[start:end],
                at=episode.at,
                valid_from=episode.at,
                valid_to=None,
                recorded_at=episode.recorded_at,
                session=episode.session,
                speaker=episode.speaker,
                role=episode.role,
                title=episode.title,
                metadata=episode.metadata,
                expires_at=expires_at,
                sources=(
                    Source(
                        episode.id,
                        start,
                        end,
                        episode.ref,
                        episode.session,
                        episode.speaker,
                        episode.role,
                        episode.at,
                    ),
                ),
            )
        )
