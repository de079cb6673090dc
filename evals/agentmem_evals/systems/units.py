"""A body of text as the library is told it, and as its structures work on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from agentmem.structures.chunks import propose_chunks
from agentmem.structures.structure import Unit
from agentmem.types import Document, Episode, EpisodeKind, Message
from agentmem_evals.systems.item_text import told
from agentmem_evals.types import Body, Corpus, Item, Passage

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for the moment of a passage's reading, which no text of a unit holds."""


def as_input(item: Item) -> Message | Document:
    """What ``add`` is given; the item's id comes back as the ``ref`` of what is found."""
    if isinstance(item, Passage):
        return Document(text=item.text, title=item.title or None, ref=item.id)
    return Message(text=item.text, speaker=item.speaker, session=item.session, at=item.at, ref=item.id)


def units(body: Body) -> Iterator[tuple[str, Unit]]:
    """What a structure is given at once when a whole body was added: each session, or each passage, by its id."""
    groups: Iterable[tuple[str, Iterable[Item]]]
    if isinstance(body, Corpus):
        groups = ((passage.id, (passage,)) for passage in body.passages)
    else:
        groups = ((session.id, session.turns) for session in body.sessions)
    for key, items in groups:
        episodes = tuple(_episode(item) for item in told(items))
        if episodes:
            chunks = tuple(add.memory for episode in episodes for add in propose_chunks(episode))
            yield key, Unit(episodes[0].session, episodes, chunks)


def _episode(item: Item) -> Episode:
    if isinstance(item, Passage):
        return Episode(
            item.id, EpisodeKind.DOCUMENT, item.text, _NO_TIME, _NO_TIME, ref=item.id, title=item.title or None
        )
    return Episode(
        item.id,
        EpisodeKind.TURN,
        item.text,
        item.at,
        item.at,
        ref=item.id,
        session=item.session,
        speaker=item.speaker,
    )
