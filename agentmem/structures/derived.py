"""Making a derived memory: its sources, time and speaker come from the chunks it was made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from agentmem.ids import MEMORY, new_id
from agentmem.structures.structure import Unit
from agentmem.structures.world_time import WorldTime
from agentmem.types import Memory, Metadata, Source


def derived(
    kind: str,
    text: str,
    unit: Unit,
    lines: Sequence[int],
    *,
    speaker: str | None = None,
    span: tuple[int, int] | None = None,
    metadata: Metadata | None = None,
    world: WorldTime | None = None,
) -> Memory:
    """A memory of a unit.

    Args:
        kind: see :mod:`agentmem.kinds`.
        text: what it says.
        unit: where it was found.
        lines: the numbers of the chunks it comes from, at least one.
        speaker: who said it.
        span: where in its one chunk it stands; ``None`` means all of the chunks.
        metadata: what else is known; what is ``None`` or empty is left out.
        world: when it is true, and what its times are; without it, it is true from when it was said. What a reworded
            chunk says is not true before that wording is.
    """
    chunks = [unit.chunks[line] for line in lines]
    at = min(chunk.at for chunk in chunks)
    reworded = [chunk.valid_from for chunk in chunks if chunk.valid_from > chunk.at]
    world = world or WorldTime()
    return Memory(
        id=new_id(MEMORY),
        version=1,
        kind=kind,
        text=text,
        at=at,
        valid_from=max([world.valid_from or at, *reworded]),
        valid_to=world.valid_to,
        recorded_at=at,  # the store stamps it
        session=unit.session,
        speaker=speaker,
        title=chunks[0].title,
        metadata={name: value for name, value in {**(metadata or {}), **world.metadata}.items() if value},
        expires_at=first_expiry(chunks),
        sources=_sources(chunks, span),
    )


def first_expiry(memories: Iterable[Memory]) -> datetime | None:
    """When what is made of these memories expires: with the first of them, whose words it may hold."""
    return min((memory.expires_at for memory in memories if memory.expires_at is not None), default=None)


def _sources(chunks: Sequence[Memory], span: tuple[int, int] | None) -> tuple[Source, ...]:
    """The chunks' sources, each once; cut to the span where there is one."""
    found = dict.fromkeys(source for chunk in chunks for source in chunk.sources)
    if span is None or len(found) != 1:
        return tuple(found)
    source = next(iter(found))
    start = source.start + span[0]
    return (replace(source, start=start, end=min(source.start + span[1], source.end)),)
