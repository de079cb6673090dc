"""What comes out when something is asked: hits, listings, histories, counts, what waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from agentmem.types.given import Metadata
from agentmem.types.kept import Memory, Source
from agentmem.types.scope import Scope


@dataclass(frozen=True, slots=True)
class Hit:
    """A memory that answers a query.

    ``score`` lies in [0, 1]. ``signals`` maps a signal's name (``"bm25"``, ``"dense"``, ``"speaker"``, ...) to its
    value for this hit. ``reasons`` says the same in words, when ``explain=True`` was asked.
    """

    id: str
    text: str
    score: float
    kind: str
    at: datetime
    sources: tuple[Source, ...]
    signals: Mapping[str, float]
    version: int = 1
    session: str | None = None
    speaker: str | None = None
    role: str | None = None
    title: str | None = None
    metadata: Metadata = field(default_factory=dict)
    scope: Scope | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page(Sequence[Memory]):
    """A slice of a listing. Pass ``next`` as ``after=`` to get the following one; ``None`` means this was the last."""

    items: tuple[Memory, ...]
    next: str | None = None

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Memory]:
        return iter(self.items)

    def __getitem__(self, index: Any) -> Any:
        return self.items[index]


@dataclass(frozen=True, slots=True)
class Change:
    """One journal entry that touched a memory: what was done, when, by which run and why.

    ``reason`` says in a few words why this memory, where the run's ``cause`` alone does not tell.
    """

    seq: int
    op: str
    at: datetime
    run: str
    cause: Mapping[str, Any]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One version of a memory with the journal entries that touched it."""

    memory: Memory
    changes: tuple[Change, ...]

    @property
    def text(self) -> str:
        """The wording of this version."""
        return self.memory.text

    @property
    def version(self) -> int:
        """The number of this version, from 1."""
        return self.memory.version


@dataclass(frozen=True, slots=True)
class Stats:
    """How much a scope holds. ``bytes_on_disk`` is the whole database's size, shared by all scopes."""

    scope: str
    episodes: int
    memories: int
    versions: int
    retired: int
    sessions: int
    speakers: int
    vectors: int
    pending_vectors: int
    journal_head: int
    first_at: datetime | None
    last_at: datetime | None
    bytes_on_disk: int
    embedder: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one follower of a scope: a structure, or ``"vectors"``, which memories get from the embedder.

    Attributes:
        follower: the structure's name, or ``"vectors"``.
        position: the journal number up to which it has taken up its work.
        head: the number of the scope's last journal entry.
        new: episodes (or memories) that it has not taken up yet.
        deferred: those that it has taken up and not done: it was stopped, or failed.
        due: how many of both can be worked on now.
        failed: how many of the deferred failed at least once; the dead are among them.
        dead: how many failed too often, and wait until somebody calls ``retry``.
        retry_at: when the next one that failed is due; ``None`` if none is, or it is due already.
        owner: the process that has, or had, the lease.
        lease_until: when its lease runs out.
        last_error: what one of the last failures was, never content.
    """

    follower: str
    position: int
    head: int
    new: int = 0
    deferred: int = 0
    due: int = 0
    failed: int = 0
    dead: int = 0
    retry_at: datetime | None = None
    owner: str | None = None
    lease_until: datetime | None = None
    last_error: str | None = None

    @property
    def left(self) -> int:
        """Everything that is not done yet."""
        return self.new + self.deferred
