"""Reading one scope's episodes and memories."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from agentmem.clock import from_micros, to_micros
from agentmem.errors import InvalidInput
from agentmem.kinds import SUMMARISES
from agentmem.protocols import Follower, JournalEntry, Listing, Selection
from agentmem.store import schema
from agentmem.store.believing import as_believed, beliefs, listed, true_of
from agentmem.store.doomed import Doomed
from agentmem.store.dumping import dump_records
from agentmem.store.feed import Feed
from agentmem.store.rows import episode_from, load, memory_from, moment_or_none, source_from
from agentmem.store.scoped import prepared, slices
from agentmem.store.undone import in_force
from agentmem.types import (
    Certificate,
    Change,
    Edge,
    Episode,
    HistoryEntry,
    Memory,
    Metadata,
    Page,
    Source,
    State,
    Stats,
)

_TOO_LARGE = 2**63
_memories, _episodes, _sources, _edges = schema.memories, schema.episodes, schema.sources, schema.edges
_VERSIONS = prepared(_memories).where(_memories.c.row.in_(bindparam("rows", expanding=True)))
_SOURCES = (
    prepared(_episodes, _sources, _episodes.c[("id", "ref", "session", "speaker", "role", "at")])
    .join(_sources, _sources.c.episode_row == _episodes.c.row)
    .where(_sources.c.memory_row.in_(bindparam("rows", expanding=True)))
    .order_by(_sources.c.memory_row, _sources.c.episode_row, _sources.c.start)
)

_MOST_SOURCES = 1_000
"""How many sources of a summary are named; there may be as many as there are episodes."""
_BELOW = (
    select(_edges.c.target.label("id"))
    .where(_edges.c.kind == SUMMARISES, _edges.c.source == bindparam("id"), _edges.c.scope_id == bindparam("scope_id"))
    .cte("below", recursive=True)
)
_BELOW = _BELOW.union(
    select(_edges.c.target).where(
        _edges.c.kind == SUMMARISES, _edges.c.source == _BELOW.c.id, _edges.c.scope_id == bindparam("scope_id")
    )
)
_SOURCES_BELOW = (
    prepared(_episodes, _sources, _episodes.c[("id", "ref", "session", "speaker", "role", "at")])
    .join(_sources, _sources.c.episode_row == _episodes.c.row)
    .join(_memories, _memories.c.row == _sources.c.memory_row)
    .where(_memories.c.id.in_(select(_BELOW.c.id)), _memories.c.superseded_at.is_(None))
    .order_by(_sources.c.episode_row, _sources.c.start)
    .limit(_MOST_SOURCES)
)


_last = _memories.alias("last")
_AWAY = (
    select(_last.c.row)
    .where(_last.c.id == _memories.c.id, _last.c.superseded_at.is_(None), _last.c.state != State.ACTIVE)
    .correlate(_memories)
    .exists()
)


def true_at(moment: int) -> tuple[ColumnElement[bool], ...]:
    """Conditions for a version that was true at a world time, as we believe now.

    Retracted versions are not, nor is any of a memory that was taken out of retrieval.
    """
    return (
        _memories.c.state == State.ACTIVE,
        or_(_memories.c.superseded_at.is_(None), ~_AWAY),
        _memories.c.valid_from <= moment,
        or_(_memories.c.valid_to.is_(None), _memories.c.valid_to > moment),
    )


class ScopeReader(Feed):
    """A consistent snapshot of one scope. See :class:`agentmem.protocols.Reader` for what each method promises."""

    def get(self, id: str, as_of: datetime | None = None, known_at: datetime | None = None) -> Memory | None:
        """See :class:`agentmem.protocols.Reader`."""
        if known_at is not None:
            return self._believed(id, as_of, to_micros(known_at))
        conditions = true_at(to_micros(as_of)) if as_of else (_memories.c.superseded_at.is_(None),)
        statement = self.select_by_key(_memories).where(_memories.c.id == id, *conditions)
        row = self.connection.execute(statement.order_by(_memories.c.version.desc()).limit(1)).first()
        return self._whole([row])[0] if row else None

    def _believed(self, id: str, as_of: datetime | None, known_at: int) -> Memory | None:
        versions = beliefs(self, known_at, id)
        if as_of is not None:
            found = true_of(versions, to_micros(as_of))
        else:
            found = [belief for belief in versions if belief.superseded_at is None]
        return as_believed(self.hydrate([found[-1].row])[found[-1].row], found[-1]) if found else None

    def history(self, id: str) -> tuple[HistoryEntry, ...]:
        """See :class:`agentmem.protocols.Reader`."""
        versions = self.rows(self.select_by_key(_memories).where(_memories.c.id == id).order_by(_memories.c.version))
        changes = self._changes(id)
        return tuple(
            HistoryEntry(memory, tuple(changes.get(row.row, ())))
            for row, memory in zip(versions, self._whole(versions), strict=True)
        )

    def _changes(self, id: str) -> dict[int, list[Change]]:
        journal, runs = schema.journal, schema.runs
        statement = (
            self.select_in(journal, journal, runs.c.cause)
            .join(runs, runs.c.id == journal.c.run)
            .where(journal.c.subject == id)
            .order_by(journal.c.seq)
        )
        found: dict[int, list[Change]] = defaultdict(list)
        for row in self.rows(statement):
            reason = _detail(row.detail).get("reason")
            found[row.row].append(Change(row.seq, row.op, from_micros(row.at), row.run, json.loads(row.cause), reason))
        return found

    def page(self, listing: Listing, limit: int, after: str | None) -> Page:
        """See :class:`agentmem.protocols.Reader`."""
        if listing.known_at is not None:
            return self._page_then(listing, to_micros(listing.known_at), limit, after)
        statement = self.select_in(_memories).where(*_listing_conditions(listing, self.now()))
        if after is not None:
            at, row = _parse_mark(after)
            statement = statement.where(or_(_memories.c.at > at, (_memories.c.at == at) & (_memories.c.row > row)))
        rows = self.rows(statement.order_by(_memories.c.at, _memories.c.row).limit(limit + 1))
        shown = rows[:limit]
        mark = f"{shown[-1].at}.{shown[-1].row}" if len(rows) > limit else None
        return Page(tuple(self._whole(shown)), mark)

    def _page_then(self, listing: Listing, known_at: int, limit: int, after: str | None) -> Page:
        found = listed(beliefs(self, known_at), listing, known_at)
        if after is not None:
            mark = _parse_mark(after)
            found = [belief for belief in found if (belief.at, belief.row) > mark]
        shown = found[:limit]
        memories = self.hydrate([belief.row for belief in shown])
        last = f"{shown[-1].at}.{shown[-1].row}" if len(found) > limit else None
        return Page(tuple(as_believed(memories[belief.row], belief) for belief in shown), last)

    def hydrate(self, rows: Sequence[int]) -> dict[int, Memory]:
        """See :class:`agentmem.protocols.Reader`."""
        found: dict[int, Memory] = {}
        for part in slices(rows):
            versions = self.run(_VERSIONS, rows=part)
            for row, memory in zip(versions, self._whole(versions), strict=True):
                found[row.row] = memory
        return found

    def _whole(self, versions: Sequence[Any]) -> list[Memory]:
        """Memories with their sources, in the order given."""
        found: dict[int, list[Source]] = defaultdict(list)
        for part in slices([version.row for version in versions]):
            for row in self.run(_SOURCES, rows=part):
                found[row.memory_row].append(source_from(row))
        for version in versions:
            if version.row not in found:  # a summary: its sources are those of what it was made of
                below = self.run(_SOURCES_BELOW, id=version.id)
                found[version.row] = [source_from(row, inherited=True) for row in below]
        return [memory_from(version, tuple(found.get(version.row, ()))) for version in versions]

    def _bare(self, versions: Sequence[Any]) -> list[Memory]:
        """Memories without their sources, where there are many and nobody asks."""
        return [memory_from(version, ()) for version in versions]

    def episode(self, id: str) -> Episode | None:
        """See :class:`agentmem.protocols.Reader`."""
        row = self.connection.execute(self.select_by_key(_episodes).where(_episodes.c.id == id)).first()
        return episode_from(row) if row else None

    def metadata_of(self, rows: Sequence[int] | None = None) -> dict[int, Metadata]:
        """See :class:`agentmem.protocols.Reader`."""
        statement = self.select_in(_memories, _memories.c.row, _memories.c.metadata).where(_memories.c.metadata != "{}")
        parts = [statement] if rows is None else [statement.where(_memories.c.row.in_(part)) for part in slices(rows)]
        return {row: load(text) for part in parts for row, text in self.rows(part)}

    def run_entries(self, run: str) -> tuple[JournalEntry, ...]:
        """See :class:`agentmem.protocols.Reader`."""
        journal = schema.journal
        statement = self.select_by_key(journal).where(journal.c.run == run).order_by(journal.c.seq)
        return tuple(
            JournalEntry(r.seq, r.run, r.op, r.subject, r.row, from_micros(r.at), _detail(r.detail))
            for r in self.rows(statement)
        )

    def undone_by(self, run: str) -> str | None:
        """See :class:`agentmem.protocols.Reader`."""
        runs = schema.runs
        row = self.connection.execute(self.select_in(runs, runs.c.undone_by).where(runs.c.id == run)).first()
        return row.undone_by if row else None

    def edges(self, memory: str) -> tuple[Edge, ...]:
        """See :class:`agentmem.protocols.Reader`."""
        edges = schema.edges
        statement = self.select_in(edges).where(or_(edges.c.source == memory, edges.c.target == memory))
        return tuple(_edge(row) for row in self.rows(statement.order_by(edges.c.seq)))

    def edge(self, id: str) -> Edge | None:
        """See :class:`agentmem.protocols.Reader`."""
        row = self.connection.execute(self.select_by_key(schema.edges).where(schema.edges.c.id == id)).first()
        return _edge(row) if row else None

    def present(self, ids: Sequence[str], *, state: str | None = None) -> set[str]:
        """See :class:`agentmem.protocols.Reader`."""
        found: set[str] = set()
        for part in slices(ids):
            statement = self.select_by_key(_memories, _memories.c.id)
            statement = statement.where(_memories.c.id.in_(part), _memories.c.superseded_at.is_(None))
            if state is not None:
                statement = statement.where(_memories.c.state == state)
            found.update(row.id for row in self.rows(statement))
        return found

    def would_erase(self, selection: Selection) -> Certificate:
        """See :class:`agentmem.protocols.Reader`."""
        return Doomed(self, selection).count()

    def last_changes(self, subjects: Sequence[str]) -> dict[str, tuple[int, str]]:
        """See :class:`agentmem.protocols.Reader`."""
        journal = schema.journal
        entries: list[Any] = []
        for part in slices(subjects):
            statement = self.select_in(journal, journal.c.subject, journal.c.seq, journal.c.run)
            entries += self.rows(statement.where(journal.c.subject.in_(part)).order_by(journal.c.seq))
        standing = in_force(self, {entry.run for entry in entries})
        found: dict[str, tuple[int, str]] = {}
        for entry in entries:
            if (run := standing.get(entry.run, entry.run)) is not None:
                found[entry.subject] = (entry.seq, run)
        return found

    def records(self, followers: Sequence[Follower] = ()) -> Iterator[dict[str, Any]]:
        """See :class:`agentmem.protocols.Reader`."""
        return dump_records(self, followers)

    def stats(self, model: str | None) -> Stats:
        """See :class:`agentmem.protocols.Reader`."""
        is_current = _memories.c.superseded_at.is_(None)
        is_active = is_current & (_memories.c.state == State.ACTIVE)
        counts = self.rows(
            self.select_in(
                _memories,
                func.count().label("versions"),
                func.count().filter(is_active).label("active"),
                func.count().filter(is_current & (_memories.c.state == State.RETIRED)).label("retired"),
            )
        )[0]
        episodes = self.rows(
            self.select_in(
                _episodes,
                func.count().label("n"),
                func.count(_episodes.c.session.distinct()).label("sessions"),
                func.count(_episodes.c.speaker.distinct()).label("speakers"),
                func.min(_episodes.c.at).label("first"),
                func.max(_episodes.c.at).label("last"),
            )
        )[0]
        vectors = self.vector_counts(model) if model else {}
        return Stats(
            scope=self.path,
            episodes=episodes.n,
            memories=counts.active,
            versions=counts.versions,
            retired=counts.retired,
            sessions=episodes.sessions,
            speakers=episodes.speakers,
            vectors=sum(vectors.values()),
            pending_vectors=len(self.unembedded(model, 0, counts.versions)) if model else 0,
            journal_head=self.head(),
            first_at=moment_or_none(episodes.first),
            last_at=moment_or_none(episodes.last),
            bytes_on_disk=0,
            embedder=None,
        )


def _edge(row: Any) -> Edge:
    return Edge(row.id, row.kind, row.source, row.target, row.weight)


def _detail(text: str | None) -> Mapping[str, Any]:
    return json.loads(text) if text else {}


def _listing_conditions(listing: Listing, now: int) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if listing.as_of is not None:
        conditions += true_at(to_micros(listing.as_of))
    else:
        conditions.append(_memories.c.superseded_at.is_(None))
        if listing.state is not None:
            conditions.append(_memories.c.state == listing.state)
        if listing.state == State.ACTIVE:
            conditions.append(or_(_memories.c.expires_at.is_(None), _memories.c.expires_at > now, _memories.c.pinned))
    if listing.kinds is not None:
        conditions.append(_memories.c.kind.in_(list(listing.kinds)))
    if listing.session is not None:
        conditions.append(_memories.c.session == listing.session)
    if listing.since is not None:
        conditions.append(_memories.c.at >= to_micros(listing.since))
    if listing.until is not None:
        conditions.append(_memories.c.at < to_micros(listing.until))
    return conditions


def _parse_mark(after: str) -> tuple[int, int]:
    at, _, row = after.partition(".")
    try:
        mark = int(at), int(row)
    except ValueError:
        mark = (_TOO_LARGE, 0)
    if max(map(abs, mark)) >= _TOO_LARGE:
        raise InvalidInput(f"after={after!r} is no page mark. Pass the 'next' of the page before.")
    return mark
