"""How memories stand, as forgetting sees them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import LargeBinary, and_, cast, func, or_

from agentmem.kinds import ABSORBS
from agentmem.operations import Op
from agentmem.protocols import StandingRow
from agentmem.store import schema
from agentmem.store.backlog import StructureReader
from agentmem.store.rows import load
from agentmem.types import State

_memories, _edges, _journal = schema.memories, schema.edges, schema.journal
_COLUMNS = tuple(
    _memories.c[name]
    for name in (
        *("row", "id", "version", "kind", "at", "recorded_at", "used_at", "uses", "strength"),
        *("pinned", "expires_at", "retired_at"),
    )
)


class StandingReader(StructureReader):
    """See :class:`agentmem.protocols.Reader` for what each method promises."""

    def standing(self, reasons: Sequence[str]) -> Sequence[StandingRow]:
        """See :class:`agentmem.protocols.Reader`."""
        retired = self._retired_because(reasons)
        repeated = self._repetitions()
        size = func.length(cast(_memories.c.text, LargeBinary)).label("size")
        statement = (
            self.select_in(_memories, *_COLUMNS, size)
            .where(_memories.c.superseded_at.is_(None))
            .where(or_(_memories.c.state == State.ACTIVE, _memories.c.state == State.RETIRED))
            .order_by(_memories.c.row)
        )
        return [
            StandingRow(**row._asdict(), reinforcements=repeated.get(row.id, 0))
            for row in self.rows(statement)
            if row.retired_at is None or row.row in retired
        ]

    def _retired_because(self, reasons: Sequence[str]) -> set[int]:
        """The numbers of retired versions whose last change was a retirement for one of these reasons."""
        last = and_(_memories.c.row == _journal.c.row, _memories.c.seq == _journal.c.seq)
        statement = (
            self.select_in(_journal, _journal.c.row, _journal.c.detail)
            .join(_memories, last)
            .where(_journal.c.op == Op.RETIRE, _memories.c.state == State.RETIRED)
        )
        return {row.row for row in self.rows(statement) if load(row.detail or "{}").get("reason") in reasons}

    def _repetitions(self) -> dict[str, int]:
        statement = self.select_in(_edges, _edges.c.source, func.count().label("n")).where(_edges.c.kind == ABSORBS)
        return {row.source: row.n for row in self.rows(statement.group_by(_edges.c.source))}
