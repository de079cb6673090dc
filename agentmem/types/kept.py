"""What is kept: episodes, the memories derived from them, where those come from, and what links them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from agentmem.types.given import Metadata


class EpisodeKind(StrEnum):
    """What sort of thing happened."""

    TURN = "turn"  # somebody said it in a conversation
    DOCUMENT = "document"  # it was read: a text with no speaker
    CORRECTION = "correction"  # the user rewrote a memory; the new wording is kept as its own source


class State(StrEnum):
    """Where a memory stands in its life."""

    ACTIVE = "active"  # retrieved by default
    RETIRED = "retired"  # out of retrieval, kept, restorable
    QUARANTINED = "quarantined"  # derived, but not supported by its sources: never retrieved until reviewed


@dataclass(frozen=True, slots=True)
class Episode:
    """One immutable thing that happened or was read, as it is stored. The raw truth that the rest derives from."""

    id: str
    kind: EpisodeKind
    text: str
    at: datetime
    recorded_at: datetime
    ref: str | None = None
    session: str | None = None
    speaker: str | None = None
    role: str | None = None
    title: str | None = None
    metadata: Metadata = field(default_factory=dict)
    indexed: bool = True


@dataclass(frozen=True, slots=True)
class Source:
    """Where a memory comes from: an episode and the character span ``[start, end)`` in its text.

    ``inherited``: not the memory's own, but of something that it summarises. What is written leaves such ones out.
    """

    episode: str
    start: int
    end: int
    ref: str | None = None
    session: str | None = None
    speaker: str | None = None
    role: str | None = None
    at: datetime | None = None
    inherited: bool = False


@dataclass(frozen=True, slots=True)
class Memory:
    """One version of one derived text.

    World time: ``valid_from`` (inclusive) to ``valid_to`` (exclusive, ``None`` = still true). System time:
    ``recorded_at`` to ``superseded_at`` (``None`` = this is the current version).
    """

    id: str
    version: int
    kind: str
    text: str
    at: datetime
    valid_from: datetime
    valid_to: datetime | None
    recorded_at: datetime
    superseded_at: datetime | None = None
    retired_at: datetime | None = None
    state: State = State.ACTIVE
    session: str | None = None
    speaker: str | None = None
    role: str | None = None
    title: str | None = None
    metadata: Metadata = field(default_factory=dict)
    strength: float = 1.0
    uses: int = 0
    used_at: datetime | None = None
    pinned: bool = False
    expires_at: datetime | None = None
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """A typed, weighted, directed link between two memories of one scope."""

    id: str
    kind: str
    source: str
    target: str
    weight: float = 1.0
