"""Destruction: what is selected, everything derived from it, every version, every vector. The one way to lose data.

The journal keeps the identifiers of what was destroyed, so that followers in other processes drop it too; it never
held text. A tombstone, a keyed hash of the forgotten ``ref``, refuses to learn it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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

    def __init__(self, writer: Refs, doomed: Doomed, reach: int) -> None:
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
        self._delete(schema.deferred, "row", self._doomed.episodes | self._doomed.versions)
        # A reply may quote anything that was in its prompt, and does not say what: none is kept.
        self._connection.execute(self._writer.delete_in(schema.replies))
        self._delete(_episodes, "row", self._doomed.episodes)
        cursors = schema.cursors
        self._connection.execute(self._writer.update_in(cursors).values(last_error=None))  # may have quoted the text
        self._log(run.id, refreshed, free)
        return replace(counted, run=run.id, dry_run=False)

    def _dependants(self) -> set[int]:
        """Surviving versions whose ``spoken`` view may have been made with text that goes.

        A memory's view holds the ``reach`` memories before it that were there when it was embedded; those that came
        later, and former versions of the same memory, do not count.
        """
        lost = [*self._writer.hydrate(sorted(self._doomed.versions)).values()] if self._reach else []
        found: set[int] = set()
        for session in {memory.session for memory in lost if memory.session is not None}:
            place = (_memories.c.at, _memories.c.position, _memories.c.start)
            texts = _memories.c.kind.not_in(DERIVED)
            statement = self._writer.select_in(_memories, _memories.c.row, _memories.c.id).order_by(*place)
            order = [
                (row[0], row[1]) for row in self._writer.rows(statement.where(_memories.c.session == session, texts))
            ]
            found |= self._made_with_lost(order)
        return found

    def _made_with_lost(self, order: list[tuple[int, str]]) -> set[int]:
        first: dict[str, int] = {}
        for row, id in order:
            first[id] = min(row, first.get(id, row))
        found: set[int] = set()
        for place, (row, id) in enumerate(order):
            between: set[str] = set()
            for step in range(place - 1, -1, -1):
                before, other = order[step]
                if row in self._doomed.versions or len(between) == self._reach:
                    break
                if before in self._doomed.versions:
                    found.add(row)
                    break
                if other != id and first[other] < row:
                    between.add(other)
        return found

    def _delete(self, table: Table, column: str, values: Iterable[Any]) -> None:
        for part in slices(sorted(values)):
            self._connection.execute(self._writer.delete_in(table).where(table.c[column].in_(part)))

    def _drop_vectors(self, rows: set[int]) -> None:
        self._delete(schema.vectors, "memory_row", rows)

    def _bury(self, refs: list[str]) -> None:
        digests = [self._writer.tombstone(ref) for ref in refs]
        tombstones = schema.tombstones
        present = {row.digest for row in self._writer.rows(self._writer.select_in(tombstones))}
        if new := [digest for digest in digests if digest not in present]:
            rows = [{"scope_id": self._writer.scope_id, "digest": digest} for digest in new]
            insert_rows(self._connection, tombstones, rows)

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
