"""Operations become journal entries and rows: the only code that changes memories (see also erase.py).

Inserts are gathered and sent in bulk; an operation that needs a row that still waits flushes them first, so that
operations of one batch may build on each other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Table, bindparam, select

from agentmem.clock import to_micros
from agentmem.errors import NotFound, VersionConflict
from agentmem.operations import (
    Add,
    Close,
    Link,
    Mark,
    Op,
    Operation,
    Record,
    Restore,
    Retire,
    Revise,
    Run,
    Unlink,
)
from agentmem.store import schema
from agentmem.store.bulk import insert_rows, update_row
from agentmem.store.rows import episode_columns, memory_columns, micros_or_none
from agentmem.store.scoped import prepared, slices
from agentmem.store.standing import StandingReader
from agentmem.types import Memory, State

_memories, _episodes, _edges, _journal = schema.memories, schema.episodes, schema.edges, schema.journal

_LAST = select(_journal.c.seq).order_by(_journal.c.seq.desc()).limit(1)

_CURRENT = prepared(_memories).where(_memories.c.id == bindparam("id"), _memories.c.superseded_at.is_(None))
_EDGE = prepared(_edges).where(
    _edges.c.scope_id == bindparam("scope_id"),  # part of the key
    _edges.c.kind == bindparam("kind"),
    _edges.c.source == bindparam("source"),
    _edges.c.target == bindparam("target"),
)


class Journal(StandingReader):
    """A write transaction's access to the journal."""

    def next_seq(self) -> int:
        """The number the next journal entry gets. The journal is never cut, so no number is used twice."""
        return int(self.connection.execute(_LAST).scalar() or 0) + 1

    def entry(
        self,
        seq: int,
        run: str,
        op: Op,
        subject: str | None,
        row: int | None,
        at: int,
        detail: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """A ``journal`` row."""
        return {
            "seq": seq,
            "scope_id": self.scope_id,
            "run": run,
            "op": str(op),
            "subject": subject,
            "row": row,
            "at": at,
            "detail": json.dumps(detail) if detail else None,
        }

    def open_run(self, run: Run, at: int) -> None:
        """Record who is about to write and why; a run may apply operations in several calls."""
        row = {"id": run.id, "scope_id": self.scope_id, "at": at, **self.run_columns(run)}
        insert_rows(self.connection, schema.runs, [row], or_ignore=True)

    @staticmethod
    def run_columns(run: Run) -> dict[str, str]:
        """What a row of ``runs`` says of cause and cost."""
        usage = {name: getattr(run.usage, name) for name in run.usage.__slots__}
        return {"cause": json.dumps(dict(run.cause), sort_keys=True), "usage": json.dumps(usage)}


class Application:
    """One call of ``apply``: numbers the operations, gathers the inserts, changes the rows."""

    def __init__(self, writer: Journal, run: Run, now: int) -> None:
        self._writer = writer
        self.connection = writer.connection
        self._run = run.id
        self._now = now
        self._seq = writer.next_seq()
        self._inserts: dict[Table, list[dict[str, Any]]] = {}
        self._episode_rows: dict[str, int] = {}
        self._waiting: set[str] = set()  # memories of which a version, or an edge from them, is not inserted yet

    def apply_all(self, operations: Sequence[Operation]) -> tuple[int, ...]:
        """Apply in order; returns each operation's journal number."""
        self._look_up_sources(operations)
        numbers = []
        for operation in operations:
            numbers.append(self._seq)
            self._apply(operation)
            self._seq += 1
        self._flush()
        return tuple(numbers)

    def _apply(self, operation: Operation) -> None:
        match operation:
            case Record():
                self._record(operation)
            case Add(memory):
                self._log(Op.ADD, memory.id, self._seq)
                self._open(memory)
            case Revise():
                self._revise(operation)
            case Retire(id, expected, reason, at):
                since = self._now if at is None else to_micros(at)
                self._change(Op.RETIRE, id, expected, {"state": State.RETIRED, "retired_at": since}, reason)
            case Restore(id, expected, state):
                self._change(Op.RESTORE, id, expected, {"state": state, "retired_at": None})
            case Mark(id, pinned, expires_at):
                self._change(Op.MARK, id, None, {"pinned": pinned, "expires_at": micros_or_none(expires_at)})
            case Close(id, ends, expected, reason):
                self._change(Op.CLOSE, id, expected, {"valid_to": micros_or_none(ends)}, reason)
            case Link():
                self._link(operation)
            case Unlink():
                self._unlink(operation)

    def _log(self, op: Op, subject: str, row: int | None, detail: Mapping[str, Any] | None = None) -> None:
        self._gather(_journal, self._writer.entry(self._seq, self._run, op, subject, row, self._now, detail))

    def _gather(self, table: Table, values: dict[str, Any]) -> None:
        self._inserts.setdefault(table, []).append(values)

    def _flush(self) -> None:
        for table in (_episodes, _memories, schema.sources, _edges, _journal):  # parents before children
            if rows := self._inserts.pop(table, None):
                insert_rows(self.connection, table, rows)
        self._waiting.clear()

    def _record(self, operation: Record) -> None:
        episode = operation.episode
        self._episode_rows[episode.id] = self._seq
        self._log(Op.RECORD, episode.id, None)
        self._gather(_episodes, episode_columns(episode, self._seq, self._writer.scope_id, operation.corrects))

    def _open(self, memory: Memory) -> None:
        """Insert one version, numbered by the journal entry being written, with its own sources.

        Those it only inherits follow from its edges, and are no more its own for being read and written back.
        """
        if any(source.inherited for source in memory.sources):
            memory = replace(memory, sources=tuple(source for source in memory.sources if not source.inherited))
        position = self._seq
        for source in memory.sources:
            row = self._episode_rows[source.episode]
            position = min(position, row)
            self._gather(
                schema.sources,
                {"memory_row": self._seq, "episode_row": row, "start": source.start, "end": source.end},
            )
        self._gather(_memories, memory_columns(memory, self._seq, self._writer.scope_id, self._now, position))
        self._waiting.add(memory.id)

    def _revise(self, operation: Revise) -> None:
        memory = operation.memory
        current = self._current(memory.id, operation.expected)
        detail = {
            "before": current.version,
            "valid_to": current.valid_to,
            "state": current.state,
            "retired_at": current.retired_at,
            "retract": operation.retract,
        }
        self._log(Op.REVISE, memory.id, self._seq, detail)
        ends = to_micros(memory.valid_from)
        closing: dict[str, Any] = {"superseded_at": self._now, "seq": self._seq}
        if operation.retract:
            closing |= {"state": State.RETIRED, "retired_at": self._now}
        elif current.valid_to is None or current.valid_to > ends:
            closing["valid_to"] = max(ends, current.valid_from)
        update_row(self.connection, _memories, self._writer.scope_id, current.row, closing)
        self._open(memory)

    def _change(self, op: Op, id: str, expected: int | None, values: dict[str, Any], reason: str | None = None) -> None:
        current = self._current(id, expected)
        before = {name: getattr(current, name) for name in values}
        self._log(op, id, current.row, before if reason is None else {**before, "reason": reason})
        update_row(self.connection, _memories, self._writer.scope_id, current.row, {"seq": self._seq, **values})

    def _current(self, id: str, expected: int | None) -> Any:
        """The open version's row; checks the compare-and-swap."""
        if id in self._waiting:
            self._flush()
        row = next(iter(self._writer.run(_CURRENT, id=id)), None)
        if row is None:
            raise NotFound(f"There is no memory {id} in this scope. 'list' shows those there are.")
        if expected is not None and row.version != expected:
            raise VersionConflict(
                f"Memory {id} is at version {row.version}, not {expected}: it changed since it was read. "
                "Read it again with get(), decide anew, and retry."
            )
        return row

    def _look_up_sources(self, operations: Sequence[Operation]) -> None:
        """The row numbers of episodes that were stored before this batch and are named as sources in it."""
        new = {operation.episode.id for operation in operations if isinstance(operation, Record)}
        named = {
            source.episode
            for operation in operations
            if isinstance(operation, Add | Revise)
            for source in operation.memory.sources
            if not source.inherited
        }
        for part in slices(sorted(named - new)):
            statement = self._writer.select_by_key(_episodes, _episodes.c.id, _episodes.c.row)
            for id, row in self._writer.rows(statement.where(_episodes.c.id.in_(part))):
                self._episode_rows[id] = row
        if missing := named - new - self._episode_rows.keys():
            raise NotFound(f"No such episode to name as a source: {', '.join(sorted(missing))}.")

    def _link(self, operation: Link) -> None:
        edge = operation.edge
        self._require(edge.source, edge.target)
        old = self._edge(operation)
        self._log(Op.LINK, edge.id if old is None else old.id, None, {"weight": None if old is None else old.weight})
        if old is None:
            self._waiting.add(edge.source)
            self._gather(
                _edges,
                {
                    "id": edge.id,
                    "scope_id": self._writer.scope_id,
                    "kind": edge.kind,
                    "source": edge.source,
                    "target": edge.target,
                    "weight": edge.weight,
                    "seq": self._seq,
                },
            )
        else:
            values = {"weight": edge.weight, "seq": self._seq}
            self.connection.execute(self._writer.update_in(_edges).where(_edges.c.id == old.id).values(**values))

    def _unlink(self, operation: Unlink) -> None:
        old = self._edge(operation)
        if old is None:
            edge = operation.edge
            raise NotFound(f"There is no {edge.kind} edge from {edge.source} to {edge.target}.")
        detail = {"kind": old.kind, "source": old.source, "target": old.target, "weight": old.weight}
        self._log(Op.UNLINK, old.id, None, detail)
        self.connection.execute(self._writer.delete_in(_edges).where(_edges.c.id == old.id))

    def _edge(self, operation: Link | Unlink) -> Any:
        edge = operation.edge
        if edge.source in self._waiting:
            self._flush()
        found = self._writer.run(_EDGE, kind=edge.kind, source=edge.source, target=edge.target)
        return next(iter(found), None)

    def _require(self, *ids: str) -> None:
        for id in ids:
            self._current(id, None)
