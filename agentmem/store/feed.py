"""What followers read of a scope: what changed since a journal number, and what still lacks vectors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import Select, bindparam, func, select, tuple_

from agentmem.kinds import DERIVED
from agentmem.operations import Op
from agentmem.protocols import CatalogRow, Cursor, IntArray, VectorBatch
from agentmem.store import schema
from agentmem.store.meta import get_meta
from agentmem.store.rows import moment_or_none, vectors_from_bytes
from agentmem.store.scoped import Scoped, prepared, slices

_CATALOG_COLUMNS = tuple(schema.memories.c[name] for name in CatalogRow._fields)

_VECTOR_COLUMNS = (schema.vectors.c.view, schema.vectors.c.memory_row, schema.vectors.c.data)

_HEAD = (
    prepared(schema.journal, schema.journal.c.seq)
    .where(schema.journal.c.scope_id == bindparam("scope_id"))  # here the scope is the way in
    .order_by(schema.journal.c.seq.desc())
    .limit(1)
)


class Feed(Scoped):
    """The followers' side of a snapshot."""

    def head(self) -> int:
        """See :class:`agentmem.protocols.Reader`."""
        last = self.run(_HEAD)
        return int(last[0].seq) if last else 0

    def rows_since(self, position: int) -> Sequence[CatalogRow]:
        """See :class:`agentmem.protocols.Reader`."""
        memories = schema.memories
        statement = self.select_in(memories, *_CATALOG_COLUMNS).where(memories.c.seq > position)
        return [CatalogRow._make(row) for row in self.rows(statement.order_by(memories.c.row))]

    def entries_since(self, position: int, *ops: Op) -> IntArray:
        """See :class:`agentmem.protocols.Reader`."""
        journal = schema.journal
        statement = self.select_in(journal, journal.c.row).where(
            journal.c.seq > position, journal.c.op.in_(ops), journal.c.row.is_not(None)
        )
        return np.array([row.row for row in self.rows(statement)], dtype=np.int64)

    def vectors_since(self, model: str, position: int) -> Sequence[VectorBatch]:
        """See :class:`agentmem.protocols.Reader`."""
        vectors = schema.vectors
        statement = self.select_in(vectors, *_VECTOR_COLUMNS)
        return self._batches(statement.where(vectors.c.model == model, vectors.c.seq > position))

    def vectors_of(self, model: str, view: str, rows: IntArray) -> VectorBatch:
        """See :class:`agentmem.protocols.Reader`."""
        vectors = schema.vectors
        found: list[VectorBatch] = []
        for part in slices(rows.tolist()):
            statement = self.select_by_key(vectors, *_VECTOR_COLUMNS).where(vectors.c.memory_row.in_(part))
            found += self._batches(statement.where(vectors.c.model == model, vectors.c.view == view))
        if not found:
            return VectorBatch(view, np.empty(0, np.int64), np.empty((0, 0), np.float32))
        all_rows = np.concatenate([batch.rows for batch in found])
        order = np.argsort(all_rows)
        return VectorBatch(view, all_rows[order], np.concatenate([batch.vectors for batch in found])[order])

    def _batches(self, statement: Select[Any]) -> list[VectorBatch]:
        by_view: dict[str, tuple[list[int], list[bytes]]] = defaultdict(lambda: ([], []))
        for view, row, data in self.rows(statement):
            rows, blobs = by_view[view]
            rows.append(row)
            blobs.append(data)
        return [
            VectorBatch(view, np.array(rows, dtype=np.int64), vectors_from_bytes(blobs))
            for view, (rows, blobs) in sorted(by_view.items())
        ]

    def vector_counts(self, model: str) -> dict[str, int]:
        """See :class:`agentmem.protocols.Reader`."""
        vectors = schema.vectors
        statement = self.select_in(vectors, vectors.c.view, func.count()).where(vectors.c.model == model)
        return {row[0]: row[1] for row in self.rows(statement.group_by(vectors.c.view))}

    def unembedded(self, model: str, position: int, limit: int) -> Sequence[CatalogRow]:
        """See :class:`agentmem.protocols.Reader`."""
        memories, vectors = schema.memories, schema.vectors
        has_vectors = self.select_by_key(vectors, vectors.c.memory_row).where(
            vectors.c.memory_row == memories.c.row, vectors.c.model == model
        )
        statement = self.select_in(memories, *_CATALOG_COLUMNS).where(memories.c.seq > position, ~has_vectors.exists())
        return [CatalogRow._make(row) for row in self.rows(statement.order_by(memories.c.seq).limit(limit))]

    def preceding(self, session: str | None, at: int, position: int, start: int, limit: int) -> Sequence[CatalogRow]:
        """See :class:`agentmem.protocols.Reader`."""
        if session is None or limit <= 0:
            return []
        memories = schema.memories
        place = tuple_(memories.c.at, memories.c.position, memories.c.start)
        statement = (
            self.select_in(memories, *_CATALOG_COLUMNS)
            .where(memories.c.session == session, memories.c.superseded_at.is_(None), memories.c.at <= at)
            .where(place < (at, position, start), memories.c.kind.not_in(DERIVED))
            .order_by(memories.c.at.desc(), memories.c.position.desc(), memories.c.start.desc())
            .limit(limit)
        )
        return [CatalogRow._make(row) for row in reversed(self.rows(statement))]

    def meta(self, key: str) -> str | None:
        """See :class:`agentmem.protocols.Reader`."""
        return get_meta(self.connection, key)

    def has_vectors(self) -> bool:
        """See :class:`agentmem.protocols.Reader`."""
        return self.connection.execute(select(schema.vectors.c.memory_row).limit(1)).first() is not None

    def cursor(self, follower: str) -> Cursor:
        """See :class:`agentmem.protocols.Reader`."""
        cursors = schema.cursors
        row: Any = self.connection.execute(self.select_in(cursors).where(cursors.c.follower == follower)).first()
        if row is None:
            return Cursor()
        return Cursor(
            position=row.position,
            owner=row.owner,
            lease_until=moment_or_none(row.lease_until),
            attempts=row.attempts,
            last_error=row.last_error,
            retry_at=moment_or_none(row.retry_at),
        )
