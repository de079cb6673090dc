"""What can be read in a snapshot of one scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from agentmem.operations import Op
from agentmem.protocols.arrays import IntArray
from agentmem.protocols.followers import Cursor, Deferred, Follower
from agentmem.protocols.rows import CatalogRow, JournalEntry, Named, StandingRow, VectorBatch
from agentmem.protocols.selections import Listing, Selection
from agentmem.types import Certificate, Edge, Episode, HistoryEntry, Memory, Page, Stats


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

    def relinked(self, position: int) -> bool:
        """Whether an edge was drawn or removed, or anything forgotten, after a journal number."""
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

        Runs that were undone, and those that undid them, do not count: together they changed nothing. One that was
        undone and done again, by undoing its undoing, does: the run named is the one that did so, which is to be undone
        to take it back.
        """
        ...

    def records(self, followers: Sequence[Follower] = ()) -> Iterator[dict[str, Any]]:
        """Everything but the vectors as JSON-ready records, in an order in which they can be loaded.

        ``followers`` are the structures that are known: what each of them reads says what it has yet to work on.
        """
        ...
