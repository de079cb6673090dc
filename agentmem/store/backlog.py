"""What structures read: new episodes, what was left undone, whole kinds of memories and edges, spans of sources."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from sqlalchemy import bindparam, func

from agentmem.clock import to_micros
from agentmem.operations import Op
from agentmem.protocols import Deferred, IntArray, Named
from agentmem.store import schema
from agentmem.store.believing import beliefs, true_then
from agentmem.store.reading import ScopeReader
from agentmem.store.rows import episode_from, moment_or_none
from agentmem.store.scoped import prepared, slices
from agentmem.types import Edge, Episode, Memory, State

_memories, _episodes, _sources, _edges = schema.memories, schema.episodes, schema.sources, schema.edges

_SPANS = (
    prepared(_episodes, _sources)
    .join(_sources, _sources.c.episode_row == _episodes.c.row)
    .where(_sources.c.memory_row.in_(bindparam("rows", expanding=True)))
)


class StructureReader(ScopeReader):
    """See :class:`agentmem.protocols.Reader` for what each method promises."""

    def episodes_after(self, position: int, limit: int) -> Sequence[tuple[int, Episode]]:
        """See :class:`agentmem.protocols.Reader`."""
        journal = schema.journal  # there, and only there, a scope's numbers stand in order
        statement = (
            self.select_in(journal, _episodes)
            .join(_episodes, _episodes.c.row == journal.c.seq)
            .where(journal.c.seq > position, journal.c.op == Op.RECORD)
            .order_by(journal.c.seq)
            .limit(limit)
        )
        return [(row.row, episode_from(row)) for row in self.rows(statement)]

    def episodes_of(self, rows: Sequence[int]) -> Sequence[tuple[int, Episode]]:
        """See :class:`agentmem.protocols.Reader`."""
        found = []
        for part in slices(sorted(rows)):
            statement = self.select_by_key(_episodes).where(_episodes.c.row.in_(part)).order_by(_episodes.c.row)
            found += [(row.row, episode_from(row)) for row in self.rows(statement)]
        return found

    def memories_after(self, row: int, kinds: Sequence[str]) -> Sequence[int]:
        """See :class:`agentmem.protocols.Reader`."""
        statement = (
            self.select_in(_memories, _memories.c.row)
            .where(_memories.c.row > row, _memories.c.kind.in_(list(kinds)))
            .where(_memories.c.seq > row)  # says nothing new, but is the way in
            .where(_memories.c.superseded_at.is_(None), _memories.c.state == State.ACTIVE)
            .order_by(_memories.c.row)
        )
        return [found.row for found in self.rows(statement)]

    def believed(self, known_at: datetime, as_of: datetime | None) -> IntArray:
        """See :class:`agentmem.protocols.Reader`."""
        then = to_micros(known_at)
        found = true_then(beliefs(self, then), then, None if as_of is None else to_micros(as_of))
        return np.array([belief.row for belief in found], dtype=np.int64)

    def active_count(self) -> int:
        """See :class:`agentmem.protocols.Reader`."""
        statement = self.select_in(_memories, func.count())
        statement = statement.where(_memories.c.superseded_at.is_(None), _memories.c.state == State.ACTIVE)
        return int(self.connection.execute(statement).scalar() or 0)

    def added_at(self) -> datetime | None:
        """See :class:`agentmem.protocols.Reader`."""
        journal = schema.journal
        statement = self.select_in(journal, journal.c.at).where(journal.c.op == Op.RECORD)
        found = self.connection.execute(statement.order_by(journal.c.seq.desc()).limit(1)).scalar()
        return moment_or_none(found)

    def made_of(self, episode_rows: Sequence[int], kind: str) -> Sequence[tuple[int, Memory]]:
        """See :class:`agentmem.protocols.Reader`."""
        found: dict[int, tuple[int, Memory]] = {}
        for part in slices(sorted(episode_rows)):
            statement = (
                self.select_by_key(_memories)
                .join(_sources, _sources.c.memory_row == _memories.c.row)
                .where(_sources.c.episode_row.in_(part), _memories.c.kind == kind)
                .where(_memories.c.superseded_at.is_(None), _memories.c.state == State.ACTIVE)
                .order_by(_memories.c.position, _memories.c.start)
            )
            versions = list({row.row: row for row in self.rows(statement)}.values())
            for version, memory in zip(versions, self._whole(versions), strict=True):
                found.setdefault(version.row, (version.position, memory))
        return list(found.values())

    def current(self, kind: str) -> Sequence[tuple[int, Memory]]:
        """See :class:`agentmem.protocols.Reader`."""
        statement = (
            self.select_in(_memories)
            .where(_memories.c.kind == kind, _memories.c.superseded_at.is_(None), _memories.c.state == State.ACTIVE)
            .order_by(_memories.c.row)
        )
        versions = self.rows(statement)
        return [(version.row, memory) for version, memory in zip(versions, self._bare(versions), strict=True)]

    def named(self, rows: Sequence[int]) -> dict[int, Named]:
        """See :class:`agentmem.protocols.Reader`."""
        found: dict[int, Named] = {}
        for part in slices(rows):
            found.update((row.row, Named(row.id, row.text)) for row in self.run(_NAMED, rows=part))
        return found

    def rows_of(self, ids: Sequence[str]) -> dict[str, int]:
        """See :class:`agentmem.protocols.Reader`."""
        found: dict[str, int] = {}
        for part in slices(ids):
            statement = self.select_by_key(_memories, _memories.c.id, _memories.c.row)
            rows = self.rows(statement.where(_memories.c.id.in_(part), _memories.c.superseded_at.is_(None)))
            found.update((row.id, row.row) for row in rows)
        return found

    def edges_of(self, kind: str) -> Sequence[Edge]:
        """See :class:`agentmem.protocols.Reader`."""
        statement = self.select_in(_edges).where(_edges.c.kind == kind).order_by(_edges.c.seq)
        return [Edge(row.id, row.kind, row.source, row.target, row.weight) for row in self.rows(statement)]

    def spans(self, rows: Sequence[int]) -> IntArray:
        """See :class:`agentmem.protocols.Reader`."""
        found = [tuple(row) for part in slices(rows) for row in self.run(_SPANS, rows=part)]
        return np.array(found, dtype=np.int64).reshape(-1, 4)

    def deferred(self, follower: str) -> Sequence[Deferred]:
        """See :class:`agentmem.protocols.Reader`."""
        table = schema.deferred
        statement = self.select_in(table).where(table.c.follower == follower).order_by(table.c.row)
        return [
            Deferred(row.row, row.attempts, row.last_error, moment_or_none(row.retry_at))
            for row in self.rows(statement)
        ]

    def changed_since(self, position: int, kinds: Sequence[str]) -> bool:
        """See :class:`agentmem.protocols.Reader`."""
        journal = schema.journal
        erased = self.select_in(journal, journal.c.seq).where(journal.c.seq > position, journal.c.op == Op.FORGET)
        touched = self.select_in(_memories, _memories.c.row).where(
            _memories.c.seq > position, _memories.c.kind.in_(list(kinds))
        )
        return any(self.connection.execute(statement.limit(1)).first() for statement in (erased, touched))

    def relinked(self, position: int) -> bool:
        """See :class:`agentmem.protocols.Reader`."""
        journal = schema.journal
        statement = self.select_in(journal, journal.c.seq).where(
            journal.c.seq > position, journal.c.op.in_((Op.LINK, Op.UNLINK, Op.FORGET))
        )
        return self.connection.execute(statement.limit(1)).first() is not None

    def reply(self, key: bytes) -> str | None:
        """See :class:`agentmem.protocols.Reader`."""
        return self.connection.execute(_REPLY, {"scope_id": self.scope_id, "key": key}).scalar()


_NAMED = prepared(_memories, _memories.c.row, _memories.c.id, _memories.c.text).where(
    _memories.c.row.in_(bindparam("rows", expanding=True))
)
_REPLY = prepared(schema.replies, schema.replies.c.text).where(schema.replies.c.key == bindparam("key"))
