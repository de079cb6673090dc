"""Destruction: what is selected, everything derived from it, every version, every vector. The one way to lose data.

The journal keeps the identifiers of what was destroyed, so that followers in other processes drop it too; it never
held text. A tombstone, a keyed hash of the forgotten ``ref``, refuses to learn it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Table, delete

from agentmem.kinds import DERIVED
from agentmem.operations import Op, Run
from agentmem.store import schema
from agentmem.store.bulk import insert_rows
from agentmem.store.doomed import Doomed
from agentmem.store.refs import Refs
from agentmem.store.releasing import Released, released
from agentmem.store.scoped import slices
from agentmem.types import Certificate

_memories, _episodes, _sources = schema.memories, schema.episodes, schema.sources


class Eraser:
    """One ``forget``, inside a write transaction."""

    def __init__(self, writer: Refs, doomed: Doomed, reach: Mapping[str, int]) -> None:
        self._writer = writer
        self._connection = writer.connection
        self._doomed = doomed
        self._reach = reach

    def destroy(self, run: Run) -> Certificate:
        """Destroy it all, inside the writer's transaction; returns the counts."""
        counted = self._doomed.count()
        refreshed = self._dependants()
        free = released(self._writer, self._doomed)
        self._writer.open_run(run, self._doomed.now)
        self._bury(self._doomed.refs())
        self._drop_vectors(self._doomed.versions | refreshed)
        for part in slices(sorted(self._doomed.versions)):
            self._connection.execute(delete(_sources).where(_sources.c.memory_row.in_(part)))
        self._delete(schema.edges, "source", self._doomed.memories)
        self._delete(schema.edges, "target", self._doomed.memories)
        self._delete(_memories, "row", self._doomed.versions)
        deferred = self._writer.rows(self._writer.select_in(schema.deferred, schema.deferred.c.row))
        waiting = {row.row for row in deferred}
        self._delete(schema.deferred, "row", waiting & (self._doomed.episodes | self._doomed.versions))
        # A reply may quote anything that was in its prompt, and does not say what: none is kept.
        self._connection.execute(self._writer.delete_in(schema.replies))
        self._delete(_episodes, "row", self._doomed.episodes)
        cursors = schema.cursors
        self._connection.execute(self._writer.update_in(cursors).values(last_error=None))  # may have quoted the text
        self._log(run.id, refreshed, free)
        return replace(counted, run=run.id, dry_run=False)

    def _dependants(self) -> set[int]:
        """Surviving versions with a vector that may have been made with text that goes.

        A memory's vector in a view of some reach holds as many memories before it that were there when it was embedded;
        those that came later, and former versions of the same memory, do not count. Which views there are, the vectors
        themselves tell: whoever forgets may have opened the database with others.
        """
        found: dict[str, set[int]] = {view: set() for view, reach in self._reach.items() if reach}
        for session in self._sessions() if found else ():
            place = (_memories.c.at, _memories.c.position, _memories.c.start)
            texts = _memories.c.kind.not_in(DERIVED)
            statement = self._writer.select_in(_memories, _memories.c.row, _memories.c.id).order_by(*place)
            order = [
                (row[0], row[1]) for row in self._writer.rows(statement.where(_memories.c.session == session, texts))
            ]
            for view in found:
                found[view] |= self._made_with_lost(order, self._reach[view])
        return {row for view, rows in found.items() for row in self._embedded(view, rows)}

    def _sessions(self) -> set[str]:
        """Where the texts that go were said."""
        found: set[str] = set()
        for part in slices(sorted(self._doomed.versions)):
            statement = self._writer.select_by_key(_memories, _memories.c.session).distinct()
            statement = statement.where(_memories.c.row.in_(part), _memories.c.session.is_not(None))
            found.update(row.session for row in self._writer.rows(statement))
        return found

    def _embedded(self, view: str, rows: set[int]) -> set[int]:
        """Those that have a vector in a view, of whatever model."""
        vectors = schema.vectors
        found: set[int] = set()
        for part in slices(sorted(rows)):
            statement = self._writer.select_by_key(vectors, vectors.c.memory_row)
            statement = statement.where(vectors.c.memory_row.in_(part), vectors.c.view == view)
            found.update(row.memory_row for row in self._writer.rows(statement))
        return found

    def _made_with_lost(self, order: list[tuple[int, str]], reach: int) -> set[int]:
        first: dict[str, int] = {}
        for row, id in order:
            first[id] = min(row, first.get(id, row))
        found: set[int] = set()
        for place, (row, id) in enumerate(order):
            between: set[str] = set()
            for step in range(place - 1, -1, -1):
                before, other = order[step]
                if row in self._doomed.versions or len(between) == reach:
                    break
                if before in self._doomed.versions:
                    found.add(row)
                    break
                if other != id and first[other] < row:
                    between.add(other)
        return found

    def _delete(self, table: Table, column: str, values: Iterable[Any]) -> None:
        by_key = column in ("row", "memory_row") and table is not schema.deferred
        delete_from = self._writer.delete_by_key if by_key else self._writer.delete_in
        for part in slices(sorted(values)):
            self._connection.execute(delete_from(table).where(table.c[column].in_(part)))

    def _drop_vectors(self, rows: set[int]) -> None:
        self._delete(schema.vectors, "memory_row", rows)

    def _bury(self, refs: list[str]) -> None:
        rows = [{"scope_id": self._writer.scope_id, "digest": self._writer.tombstone(ref)} for ref in refs]
        insert_rows(self._connection, schema.tombstones, rows, or_ignore=True)

    def _log(self, run: str, refreshed: set[int], free: Sequence[Released]) -> None:
        """One entry for each version and episode that is gone, for each survivor to be embedded again or set free."""
        seq = self._writer.next_seq()
        subjects = [(Op.FORGET, None, row) for row in sorted(self._doomed.versions)]
        subjects += [(Op.FORGET, None, None)] * len(self._doomed.episodes)
        subjects += [(Op.REFRESH, None, row) for row in sorted(refreshed)]
        entries = [
            self._writer.entry(seq + i, run, op, subject, row, self._doomed.now)
            for i, (op, subject, row) in enumerate(subjects)
        ]
        entries += [
            self._writer.entry(seq + i, run, one.op, one.id, one.row, self._doomed.now, one.before)
            for i, one in enumerate(free, len(entries))
        ]
        if entries:
            insert_rows(self._connection, schema.journal, entries)
        for row, entry in ((e["row"], e) for e in entries if e["op"] == Op.REFRESH):
            statement = self._writer.update_in(_memories).where(_memories.c.row == row)
            self._connection.execute(statement.values(seq=entry["seq"]))
        for one, entry in zip(free, entries[len(entries) - len(free) :], strict=True):
            statement = self._writer.update_in(_memories).where(_memories.c.row == one.row)
            self._connection.execute(statement.values(seq=entry["seq"], **one.after))
