"""One write transaction on one scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam

from agentmem.operations import Op, Operation, Run
from agentmem.protocols import Cursor, Deferred, Follower, Selection, VectorBatch
from agentmem.store import schema
from agentmem.store.apply import Application
from agentmem.store.audit import audit_run
from agentmem.store.bulk import insert_rows
from agentmem.store.doomed import Doomed
from agentmem.store.erase import Eraser
from agentmem.store.loading import Loading
from agentmem.store.meta import put_meta
from agentmem.store.releasing import due_again
from agentmem.store.rows import micros_or_none, vector_to_bytes
from agentmem.store.scoped import prepared, slices
from agentmem.store.usage import UsageWriter
from agentmem.types import Certificate

_memories, _vectors = schema.memories, schema.vectors

_ALIVE = prepared(_memories, _memories.c.row).where(_memories.c.row.in_(bindparam("rows", expanding=True)))


class ScopeWriter(UsageWriter):
    """See :class:`agentmem.protocols.Writer` for what each method promises."""

    def apply(self, run: Run, operations: Sequence[Operation]) -> tuple[int, ...]:
        """See :class:`agentmem.protocols.Writer`."""
        now = self.now()
        self.open_run(run, now)
        return Application(self, run, now).apply_all(operations)

    def put_vectors(self, run: str, model: str, batches: Sequence[VectorBatch], since: int | None = None) -> int:
        """See :class:`agentmem.protocols.Writer`."""
        if since is not None and self._forgot_since(since):
            return 0
        wanted = sorted({int(row) for batch in batches for row in batch.rows})
        alive = {row.row for part in slices(wanted) for row in self.run(_ALIVE, rows=part)}
        if not alive:
            return 0
        seq = self.next_seq()
        insert_rows(self.connection, schema.journal, [self.entry(seq, run, Op.EMBED, None, None, self.now())])
        stored = [
            {
                "memory_row": int(row),
                "view": batch.view,
                "model": model,
                "scope_id": self.scope_id,
                "seq": seq,
                "data": vector_to_bytes(vector),
            }
            for batch in batches
            for row, vector in zip(batch.rows, batch.vectors, strict=True)
            if int(row) in alive
        ]
        # Two processes may embed the same memory at once; both made the same vector, so the first one stays.
        insert_rows(self.connection, _vectors, stored, or_ignore=True)
        return len(stored)

    def _forgot_since(self, position: int) -> bool:
        journal = schema.journal
        later = self.select_in(journal, journal.c.seq).where(journal.c.seq > position)
        return self.connection.execute(later.where(journal.c.op == Op.FORGET).limit(1)).first() is not None

    def set_meta(self, key: str, value: str) -> None:
        """See :class:`agentmem.protocols.Writer`."""
        put_meta(self.connection, key, value)

    def set_cursor(self, follower: str, cursor: Cursor) -> None:
        """See :class:`agentmem.protocols.Writer`."""
        cursors = schema.cursors
        values = {
            "position": cursor.position,
            "owner": cursor.owner,
            "lease_until": micros_or_none(cursor.lease_until),
            "attempts": cursor.attempts,
            "last_error": cursor.last_error,
            "retry_at": micros_or_none(cursor.retry_at),
        }
        updated = self.connection.execute(
            self.update_in(cursors).where(cursors.c.follower == follower).values(**values)
        )
        if updated.rowcount == 0:
            insert_rows(self.connection, cursors, [{"follower": follower, "scope_id": self.scope_id, **values}])

    def defer(self, follower: str, work: Sequence[Deferred]) -> None:
        """See :class:`agentmem.protocols.Writer`."""
        self.settle(follower, [item.row for item in work])
        rows = [
            {
                "follower": follower,
                "row": item.row,
                "scope_id": self.scope_id,
                "attempts": item.attempts,
                "last_error": item.last_error,
                "retry_at": micros_or_none(item.retry_at),
            }
            for item in work
        ]
        insert_rows(self.connection, schema.deferred, rows)

    def settle(self, follower: str, rows: Sequence[int]) -> None:
        """See :class:`agentmem.protocols.Writer`."""
        table = schema.deferred
        for part in slices(rows):
            statement = self.delete_by_key(table).where(table.c.follower == follower, table.c.row.in_(part))
            self.connection.execute(statement)

    def keep_reply(self, key: bytes, text: str) -> None:
        """See :class:`agentmem.protocols.Writer`."""
        row = {"scope_id": self.scope_id, "key": key, "text": text}
        insert_rows(self.connection, schema.replies, [row], or_ignore=True)

    def erase(
        self, run: Run, selection: Selection, reach: Mapping[str, int], followers: Sequence[Follower] = ()
    ) -> Certificate:
        """See :class:`agentmem.protocols.Writer`."""
        doomed = Doomed(self, selection)
        again = due_again(self, doomed, followers)
        certificate = Eraser(self, doomed, reach).destroy(run)
        for follower, work in again.items():
            self.defer(follower, work)
        return certificate

    def load(self, records: Iterable[Mapping[str, Any]], followers: Sequence[Follower] = ()) -> dict[str, int]:
        """See :class:`agentmem.protocols.Writer`."""
        loading = Loading(self, followers)
        loading.load(records)
        return loading.counts

    def broken(self, run: str, after: int) -> tuple[str, ...]:
        """See :class:`agentmem.protocols.Writer`."""
        return audit_run(self.connection, self.scope_id, run, after)

    def note_run(self, run: Run) -> None:
        """See :class:`agentmem.protocols.Writer`."""
        runs = schema.runs
        values = {name: value for name, value in self.run_columns(run).items() if name in ("cause", "usage")}
        self.connection.execute(self.update_in(runs).where(runs.c.id == run.id).values(**values))

    def mark_undone(self, run: str, by: str) -> None:
        """See :class:`agentmem.protocols.Writer`."""
        runs = schema.runs
        self.connection.execute(self.update_in(runs).where(runs.c.id == run).values(undone_by=by))
