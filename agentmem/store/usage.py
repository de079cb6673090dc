"""How memories are used: counted in place, and not journalled, for it is no knowledge and need not be undone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, func

from agentmem.clock import to_micros
from agentmem.store import schema
from agentmem.store.refs import Refs

_memories = schema.memories


class UsageWriter(Refs):
    """See :class:`agentmem.protocols.Writer` for what each method promises."""

    def use(self, times: Mapping[str, int], at: datetime) -> None:
        """See :class:`agentmem.protocols.Writer`."""
        if not times:
            return
        moment = to_micros(at)
        statement = (
            self.update_by_key(_memories)
            .where(_memories.c.id == bindparam("memory"), _memories.c.superseded_at.is_(None))
            .values(
                uses=_memories.c.uses + bindparam("times"),
                used_at=func.max(func.coalesce(_memories.c.used_at, moment), moment),
            )
        )
        self.connection.execute(statement, [{"memory": id, "times": count} for id, count in sorted(times.items())])

    def strengthen(self, id: str, strength: float) -> None:
        """See :class:`agentmem.protocols.Writer`."""
        statement = self.update_by_key(_memories).where(_memories.c.id == id, _memories.c.superseded_at.is_(None))
        self.connection.execute(statement.values(strength=strength))
