"""The words of the library as frozen values: what goes in, what is kept, what comes out.

Times are always timezone-aware ``datetime`` objects in UTC. Character spans are ``[start, end)`` offsets in
Unicode code points. Scores lie in [0, 1], higher is better, in every backend.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from urllib.parse import quote, unquote

from agentmem.errors import InvalidInput

Metadata = Mapping[str, Any]

MAX_NAME_LENGTH = 200


@dataclass(frozen=True, slots=True, init=False)
class Scope:
    """Whose memory this is: a path of names, e.g. ``Scope("acme", "user-7")``.

    Isolation is exact: ``Scope("a")`` sees nothing of ``Scope("a", "b")``, and names are compared code point by
    code point, with no case folding.

    Raises:
        InvalidInput: no name, an empty name, one longer than 200 characters, or one with control characters.
    """

    names: tuple[str, ...]

    def __init__(self, *names: str) -> None:
        if not names:
            raise InvalidInput("A scope needs at least one name: store.scope('acme', 'user-7').")
        for name in names:
            if not isinstance(name, str) or not name:
                raise InvalidInput(f"A scope is made of non-empty strings, not {name!r}.")
            if len(name) > MAX_NAME_LENGTH:
                raise InvalidInput(f"A scope name may have {MAX_NAME_LENGTH} characters, this one has {len(name)}.")
            if any(ord(c) < 32 or 0xD800 <= ord(c) <= 0xDFFF for c in name):
                raise InvalidInput(f"A scope name may not hold control characters or surrogates: {name!r}.")
        object.__setattr__(self, "names", tuple(names))

    @property
    def path(self) -> str:
        """One string for the whole path, each name percent-encoded, so that no two scopes share one."""
        return "/".join(quote(name, safe="") for name in self.names)

    @classmethod
    def from_path(cls, path: str) -> Self:
        """The scope that :attr:`path` names."""
        return cls(*(unquote(part) for part in path.split("/")))

    def __str__(self) -> str:
        return self.path


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
class Message:
    """One turn of a conversation on its way in.

    ``speaker`` is who talks (a name); ``role`` is the chat role (``user``, ``assistant``, ``tool``, ``system``).
    ``at`` is when it was said, which may lie in the past. ``ref`` is an idempotency key, unique in the scope.
    ``index`` forces (``True``) or forbids (``False``) searchability; ``None`` goes by role.
    """

    text: str
    role: str | None = None
    speaker: str | None = None
    session: str | None = None
    at: datetime | None = None
    ref: str | None = None
    metadata: Metadata = field(default_factory=dict)
    index: bool | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A text that was read rather than said. Long ones are split on sentence borders, with spans."""

    text: str
    title: str | None = None
    session: str | None = None
    at: datetime | None = None
    ref: str | None = None
    metadata: Metadata = field(default_factory=dict)
    index: bool | None = None


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
class Usage:
    """What an operation cost. Tokens and calls count models only; seconds are wall time."""

    embedded_texts: int = 0
    embedding_seconds: float = 0.0
    llm_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.embedded_texts + other.embedded_texts,
            self.embedding_seconds + other.embedding_seconds,
            self.llm_calls + other.llm_calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an ``add`` did. Everything named here is on disk when the receipt is returned.

    ``ids`` are the memories that can be retrieved (for a repeated ``ref``: the ones that were there already);
    ``episodes`` are the stored episodes, one for each message or document, in order. ``duplicates`` counts those
    that were there already. ``pending`` names follow-up work that is not done yet (``"vectors"`` when the
    embedder failed: the text is stored and found by words, and the vectors are made at the next opportunity).
    """

    run: str
    ids: tuple[str, ...]
    episodes: tuple[str, ...]
    duplicates: int = 0
    pending: tuple[str, ...] = ()
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long operation is; ``total`` is ``None`` when the input is a stream."""

    done: int
    total: int | None
    stage: str


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
class Certificate:
    """What a ``forget`` destroyed, in counts. With ``dry_run`` nothing was touched yet.

    ``compacted`` tells whether the database file was rewritten so that no free page holds the text; ``pending``
    names what could not be done yet (another process was reading) and what finishes it.
    """

    run: str | None
    at: datetime
    dry_run: bool
    episodes: int = 0
    memories: int = 0
    versions: int = 0
    sources: int = 0
    edges: int = 0
    vectors: int = 0
    tombstones: int = 0
    compacted: bool = False
    pending: tuple[str, ...] = ()


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
class Imported:
    """What an import did. ``present`` episodes were there already; ``refused`` ones had been forgotten here."""

    episodes: int
    memories: int
    edges: int
    present: int
    refused: int
    pending: tuple[str, ...] = ()
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True)
class Built:
    """What one structure did in a consolidation.

    Attributes:
        structure: its name.
        units: sessions and documents that were worked on.
        added: memories by kind.
        changed: how often it revised, retired or closed a memory, or removed an edge: ``{"retire": 3, "close": 1}``.
        failed: why units could not be done, by the number of their episodes; they are kept for a retry.
        waiting: episodes that are left for the next time.
        stopped: why it stopped early; ``None`` if it did not.
        usage: what models cost, without the embedding of what was added.
    """

    structure: str
    units: int = 0
    added: Mapping[str, int] = field(default_factory=dict)
    changed: Mapping[str, int] = field(default_factory=dict)
    failed: tuple[str, ...] = ()
    waiting: int = 0
    stopped: str | None = None
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True)
class Consolidation:
    """What ``consolidate`` did. ``run`` can be undone; ``None`` when nothing was written."""

    run: str | None
    built: tuple[Built, ...] = ()
    usage: Usage = Usage()
    pending: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        return not self.pending and not any(built.waiting for built in self.built)

    @property
    def failures(self) -> tuple[str, ...]:
        """Why something could not be done, of every structure."""
        return tuple(failure for built in self.built for failure in built.failed)


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


@dataclass(frozen=True, slots=True)
class Worked:
    """What a worker did, over all scopes.

    Attributes:
        turns: how often it worked on a scope.
        runs: how many of these turns wrote something; the log names the runs.
        units: sessions, documents and memories that were worked on.
        added: memories by kind.
        failures: how much failed and is kept for a retry.
        broken: turns that an error ended; the log says which. Such a scope gets its next turn after a rest.
        usage: what models cost.
        stopped: why it ended before all that was due was done; ``None`` if it did not.
    """

    turns: int = 0
    runs: int = 0
    units: int = 0
    added: Mapping[str, int] = field(default_factory=dict)
    failures: int = 0
    broken: int = 0
    usage: Usage = Usage()
    stopped: str | None = None
