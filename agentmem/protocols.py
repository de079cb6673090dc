"""What the parts ask of each other. A backend satisfies a protocol by having its methods; nothing is inherited.

Each protocol has a conformance suite in :mod:`agentmem.testing`, run against every backend of this project and
usable on your own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from agentmem.operations import Op, Operation, Run
from agentmem.types import Certificate, Edge, Episode, HistoryEntry, Memory, Page, Scope, Stats

FloatArray = NDArray[np.float32]
"""Vectors are float32; a batch has shape ``(n, dimension)``."""
IntArray = NDArray[np.int64]
"""Memory-version numbers (``memories.row``), shape ``(n,)``."""
BoolArray = NDArray[np.bool_]

Clock = Callable[[], datetime]
"""Returns the present as a timezone-aware datetime. Injected, so that tests need not sleep."""

TokenCounter = Callable[[str], int]
"""Counts (or estimates) the tokens of a text, for packing to a budget."""


@runtime_checkable
class Embedder(Protocol):
    """Turns texts into vectors of unit length.

    ``fingerprint`` names the model and everything that changes its vectors (weights, pooling, truncation); two
    embedders with one fingerprint must give the same vectors up to rounding. ``dimension`` is the vectors' length.
    Neither may need to load the model.
    """

    @property
    def fingerprint(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def embed_documents(self, texts: Sequence[str]) -> FloatArray:
        """Vectors of texts to be found, shape ``(len(texts), dimension)``, rows of unit length."""
        ...

    def embed_query(self, text: str) -> FloatArray:
        """The vector of a question, shape ``(dimension,)``, of unit length."""
        ...


@dataclass(frozen=True, slots=True)
class Space:
    """One set of comparable vectors: those of one scope under one view (see :mod:`agentmem.structures.views`)."""

    scope: int
    view: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """Search results, best first: ``rows`` (int64, shape ``(n,)``), ``scores`` (float32, the same shape, in [0, 1])."""

    rows: IntArray
    scores: FloatArray


@runtime_checkable
class VectorIndex(Protocol):
    """Finds the nearest vectors. An index is a cache: the vectors themselves are kept in the database.

    Scores are ``(1 + cosine) / 2``: in [0, 1], higher is better, in every backend. An index remembers, next to its
    content, up to which journal number it has followed each scope; so an index that was lost, or dropped a scope to
    save memory, says 0 and is filled again.
    """

    name: str

    def attach(self, identity: str) -> None:
        """Belong to one database and embedding model from now on; what was kept for another must not be mixed in."""
        ...

    def position(self, scope: int) -> int:
        """The last journal number followed in a scope; 0 when nothing is held."""
        ...

    def commit(self, scope: int, position: int) -> None:
        """Remember that everything up to this journal number is in."""
        ...

    def upsert(self, space: Space, rows: IntArray, vectors: FloatArray) -> None:
        """Insert or replace; afterwards every row can be found."""
        ...

    def remove(self, scope: int, rows: IntArray) -> None:
        """Drop these rows from every view of a scope. Unknown rows are ignored."""
        ...

    def search(self, space: Space, query: FloatArray, k: int, allowed: IntArray | None = None) -> Ranked:
        """The ``k`` nearest, among ``allowed`` rows only (sorted ascending) when given."""
        ...

    def scores(self, space: Space, query: FloatArray, rows: IntArray) -> FloatArray | None:
        """The scores of these rows (NaN where absent), or ``None`` if the backend cannot tell cheaply."""
        ...

    def count(self, space: Space) -> int:
        """How many vectors the space holds."""
        ...

    def clear(self, scope: int | None = None) -> None:
        """Drop one scope, or everything, with the positions."""
        ...

    def compact(self) -> bool:
        """Physically erase what was removed, so that nothing of it is left in files or memory.

        False when something may be left that this process cannot reach (it then logs what to do).
        """
        ...

    def close(self) -> None: ...


class CatalogRow(NamedTuple):
    """One memory version as followers read it: its text and everything that filters and cues look at.

    Times are microseconds since 1970 (UTC), as stored.
    """

    row: int
    seq: int
    id: str
    kind: str
    text: str
    title: str | None
    session: str | None
    speaker: str | None
    role: str | None
    at: int
    valid_from: int
    valid_to: int | None
    superseded_at: int | None
    state: str
    expires_at: int | None
    position: int
    start: int
    pinned: bool


@dataclass(frozen=True, slots=True)
class VectorBatch:
    """Stored vectors of one view: ``rows`` shape ``(n,)``, ``vectors`` shape ``(n, dimension)``."""

    view: str
    rows: IntArray
    vectors: FloatArray


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a follower has read the journal of a scope, and who is working on the rest."""

    position: int = 0
    owner: str | None = None
    lease_until: datetime | None = None
    attempts: int = 0
    last_error: str | None = None
    retry_at: datetime | None = None


class Named(NamedTuple):
    """A memory version in short."""

    id: str
    text: str


class StandingRow(NamedTuple):
    """How a memory stands, as forgetting sees it. Times are microseconds since 1970 (UTC), as stored.

    ``size`` is the text's length in bytes; ``reinforcements``, how many repetitions were merged into it.
    """

    row: int
    id: str
    version: int
    kind: str
    at: int
    recorded_at: int
    used_at: int | None
    uses: int
    strength: float
    pinned: bool
    expires_at: int | None
    retired_at: int | None
    size: int
    reinforcements: int


@dataclass(frozen=True, slots=True)
class Deferred:
    """An episode, or a memory version, that a follower has yet to work on: it was stopped before, or failed at it.

    ``row`` is its number; episodes and versions never share one.
    """

    row: int
    attempts: int = 0
    last_error: str | None = None
    retry_at: datetime | None = None


class Follower(NamedTuple):
    """A structure's follower, by name; the kinds of memory it makes, and those it follows (episodes where empty)."""

    name: str
    kinds: Sequence[str]
    reads: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """What a listing or an erasure selects; ``None`` means "any"."""

    kinds: Sequence[str] | None = None
    session: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    as_of: datetime | None = None
    known_at: datetime | None = None
    state: str | None = "active"


@dataclass(frozen=True, slots=True)
class Selection:
    """What ``forget`` shall destroy, before following it to everything derived.

    ``alone``: the memories that ``ids`` name do not take the episodes along that they were made from.
    """

    ids: tuple[str, ...] = ()
    session: str | None = None
    before: datetime | None = None
    about: str | None = None
    everything: bool = False
    alone: bool = False


@dataclass(frozen=True, slots=True)
class StoredEpisode:
    """An episode found under its ``ref``: its content's digest and the memories derived from it."""

    id: str
    digest: bytes
    memories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One numbered line of the journal."""

    seq: int
    run: str
    op: str
    subject: str | None
    row: int | None
    at: datetime
    detail: Mapping[str, Any]


class Reader(Protocol):
    """A consistent snapshot of one scope. Nothing outside the scope can be reached through it."""

    scope_id: int
    """The scope's number in this database; 0 while it holds nothing."""

    def head(self) -> int:
        """The number of the scope's last journal entry; 0 for a scope without any."""
        ...

    def get(self, id: str, as_of: datetime | None = None, known_at: datetime | None = None) -> Memory | None:
        """The current version, whatever its state; with ``as_of`` the version that was true then.

        With ``known_at``, both as they were believed at that moment.
        """
        ...

    def history(self, id: str) -> tuple[HistoryEntry, ...]:
        """Every version, oldest first; empty when there is no such memory."""
        ...

    def page(self, listing: Listing, limit: int, after: str | None) -> Page: ...

    def hydrate(self, rows: Sequence[int]) -> dict[int, Memory]:
        """Whole memories with sources, by version number; rows of other scopes, or forgotten, are absent."""
        ...

    def episode(self, id: str) -> Episode | None: ...

    def rows_since(self, position: int) -> Sequence[CatalogRow]:
        """Memory versions touched after a journal number, oldest version first."""
        ...

    def entries_since(self, position: int, *ops: Op) -> IntArray:
        """The memory versions of the journal entries of these operations after a number."""
        ...

    def vectors_since(self, model: str, position: int) -> Sequence[VectorBatch]:
        """Vectors written after a journal number, a batch for each view."""
        ...

    def vectors_of(self, model: str, view: str, rows: IntArray) -> VectorBatch:
        """The stored vectors of these rows (absent ones left out), sorted by row."""
        ...

    def vector_counts(self, model: str) -> dict[str, int]:
        """How many vectors each view holds."""
        ...

    def unembedded(self, model: str, position: int, limit: int) -> Sequence[CatalogRow]:
        """Memory versions touched after a journal number that lack vectors, oldest first."""
        ...

    def preceding(self, session: str | None, at: int, position: int, start: int, limit: int) -> Sequence[CatalogRow]:
        """The current memories of a session that come just before a place in it, nearest last."""
        ...

    def metadata_of(self, rows: Sequence[int] | None = None) -> dict[int, Mapping[str, Any]]:
        """Non-empty metadata by memory version."""
        ...

    def cursor(self, follower: str) -> Cursor: ...

    def meta(self, key: str) -> str | None:
        """A setting of the whole database, as of this snapshot."""
        ...

    def has_vectors(self) -> bool:
        """Whether the database holds any vector, of any model."""
        ...

    def run_entries(self, run: str) -> tuple[JournalEntry, ...]:
        """The journal of one run, oldest first; empty when the scope has no such run."""
        ...

    def edges(self, memory: str) -> tuple[Edge, ...]:
        """The edges that touch a memory."""
        ...

    def edge(self, id: str) -> Edge | None: ...

    def undone_by(self, run: str) -> str | None:
        """The run that undid this one, if any did."""
        ...

    def stats(self, model: str | None) -> Stats: ...

    def present(self, ids: Sequence[str], *, state: str | None = None) -> set[str]:
        """Those memories that are there (and whose current version is in this state)."""
        ...

    def would_erase(self, selection: Selection) -> Certificate:
        """What :meth:`Writer.erase` would destroy, in counts."""
        ...

    def episodes_after(self, position: int, limit: int) -> Sequence[tuple[int, Episode]]:
        """Episodes recorded after a journal number, oldest first, each with its number."""
        ...

    def episodes_of(self, rows: Sequence[int]) -> Sequence[tuple[int, Episode]]:
        """The episodes of these numbers; those that were forgotten are absent."""
        ...

    def memories_after(self, row: int, kinds: Sequence[str]) -> Sequence[int]:
        """The numbers of current, active memory versions of these kinds that were opened after ``row``, in order."""
        ...

    def active_count(self) -> int:
        """How many memories can be retrieved, expired ones included."""
        ...

    def added_at(self) -> datetime | None:
        """When the last episode was recorded; ``None`` while there is none."""
        ...

    def made_of(self, episode_rows: Sequence[int], kind: str) -> Sequence[tuple[int, Memory]]:
        """The current, active memories of a kind that have one of these episodes as a source.

        In order of their place, each with the number of its first source episode.
        """
        ...

    def current(self, kind: str) -> Sequence[tuple[int, Memory]]:
        """All current, active memories of a kind with their version numbers, oldest first, without their sources."""
        ...

    def named(self, rows: Sequence[int]) -> dict[int, Named]:
        """Identifiers and texts by version number; those that were forgotten are absent."""
        ...

    def rows_of(self, ids: Sequence[str]) -> dict[str, int]:
        """The version numbers of current memories by identifier."""
        ...

    def edges_of(self, kind: str) -> Sequence[Edge]:
        """All edges of a kind, oldest first."""
        ...

    def spans(self, rows: Sequence[int]) -> IntArray:
        """Where memory versions come from: columns version, episode, start, end; shape ``(n, 4)``."""
        ...

    def deferred(self, follower: str) -> Sequence[Deferred]:
        """What a follower left undone, oldest first."""
        ...

    def changed_since(self, position: int, kinds: Sequence[str]) -> bool:
        """Whether a memory of these kinds was touched, or anything forgotten, after a journal number."""
        ...

    def believed(self, known_at: datetime, as_of: datetime | None) -> IntArray:
        """The versions that, as was believed at ``known_at``, were true ``as_of`` a moment of world time; ascending.

        Without ``as_of``: those that could be retrieved at ``known_at``. What was forgotten since is gone.
        """
        ...

    def standing(self, reasons: Sequence[str]) -> Sequence[StandingRow]:
        """The active memories, and those whose last change was to be retired for one of these reasons, by number."""
        ...

    def reply(self, key: bytes) -> str | None:
        """What a language model answered under this key."""
        ...

    def last_changes(self, subjects: Sequence[str]) -> dict[str, tuple[int, str]]:
        """The last journal number, and its run, that changed each of these memories or edges.

        Runs that were undone, and those that undid them, do not count: together they changed nothing.
        """
        ...

    def records(self) -> Iterator[dict[str, Any]]:
        """Everything but the vectors as JSON-ready records, in an order in which they can be loaded."""
        ...


class Writer(Reader, Protocol):
    """One write transaction on one scope. Leaving the ``with`` block commits; an exception rolls back everything."""

    def find_refs(self, refs: Sequence[str]) -> dict[str, StoredEpisode]:
        """The episodes already stored under these refs."""
        ...

    def tombstoned(self, refs: Sequence[str]) -> tuple[str, ...]:
        """Those refs whose content was forgotten."""
        ...

    def apply(self, run: Run, operations: Sequence[Operation]) -> tuple[int, ...]:
        """Append to the journal and change the rows; returns the journal number of each operation.

        Raises:
            NotFound: an operation names a memory that is not there.
            VersionConflict: ``expected`` is not the current version.
        """
        ...

    def defer(self, follower: str, work: Sequence[Deferred]) -> None:
        """Remember work for later, or how often it failed; what is remembered already is overwritten."""
        ...

    def settle(self, follower: str, rows: Sequence[int]) -> None:
        """Forget that these were left undone: they are done."""
        ...

    def use(self, times: Mapping[str, int], at: datetime) -> None:
        """Count memories as used so often, the last time at a moment. Not journalled; unknown ones are left out."""
        ...

    def strengthen(self, id: str, strength: float) -> None:
        """Set a memory's strength. Not journalled."""
        ...

    def keep_reply(self, key: bytes, text: str) -> None:
        """Keep what a language model answered until anything in the scope is forgotten."""
        ...

    def put_vectors(self, run: str, model: str, batches: Sequence[VectorBatch], since: int | None = None) -> int:
        """Store vectors; rows that were forgotten meanwhile are left out. Returns how many were stored.

        ``since``: the journal number up to which the texts were read, for vectors that hold other memories' texts too.
        If anything was forgotten after it, none is stored: they are to be made again.
        """
        ...

    def set_meta(self, key: str, value: str) -> None: ...

    def set_cursor(self, follower: str, cursor: Cursor) -> None: ...

    def erase(
        self, run: Run, selection: Selection, reach: Mapping[str, int], followers: Sequence[Follower] = ()
    ) -> Certificate:
        """Destroy what is selected and everything derived from it.

        What was retired because it repeats something destroyed, or whose truth that ended, is set free.

        Args:
            run: whose doing it is.
            selection: what is meant.
            reach: by view, how many following memories of a session have vectors of it that were made with a memory's
                text; the survivors' vectors are dropped with it, to be made again.
            followers: structures; each has to do again what survives (episodes, or memories) of what it made something
                from that goes.
        """
        ...

    def load(self, records: Iterable[Mapping[str, Any]]) -> dict[str, int]:
        """Insert records that are new; returns counts (see :class:`agentmem.types.Imported`)."""
        ...

    def broken(self, run: str, after: int) -> tuple[str, ...]:
        """Which invariants what a run did after a journal number breaks, in words; empty when all is sound."""
        ...

    def note_run(self, run: Run) -> None:
        """Write down what a run has cost so far, and its cause, if it has applied anything."""
        ...

    def mark_undone(self, run: str, by: str) -> None: ...


class Store(Protocol):
    """Keeps episodes, memories, edges, vectors and the journal; hands out transactions on one scope at a time."""

    def read(self, scope: Scope) -> AbstractContextManager[Reader]: ...

    def write(self, scope: Scope) -> AbstractContextManager[Writer]: ...

    def scopes(self) -> tuple[Scope, ...]:
        """Every scope that holds anything."""
        ...

    def heads(self) -> Mapping[Scope, int]:
        """The number of each scope's last journal entry, in one look; 0 for a scope without any."""
        ...

    def get_meta(self, key: str) -> str | None: ...

    def set_meta(self, key: str, value: str) -> None: ...

    def switch_model(self, new: str, meta_key: str, identity: str, follower: str) -> bool:
        """Let only ``new``'s vectors count from now on, and drop all others; False if some memory has none yet.

        ``follower``, who makes them, has nothing left to do in any scope; no other is moved or loses its lease.
        """
        ...

    def has_vectors(self) -> bool:
        """Whether any vector is stored, of any model."""
        ...

    def bytes_on_disk(self) -> int: ...

    def compact(self) -> bool:
        """Rewrite the files so that nothing destroyed is left in them. False when another process is in the way."""
        ...

    def close(self) -> None: ...
