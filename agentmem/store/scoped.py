"""The one query builder: no statement on a scope's data is made anywhere else, so none can forget the scope."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Delete, Select, Table, Update, bindparam, delete, select, update

from agentmem.clock import to_micros
from agentmem.protocols import Clock
from agentmem.store.prepared import run_prepared

_PARAMETERS_PER_STATEMENT = 500
_T = TypeVar("_T")


class Scoped:
    """A connection in a transaction, tied to one scope.

    ``scope_id`` is 0 for a scope that holds nothing yet; no row has that number, so every read comes back empty.
    """

    def __init__(self, connection: Connection, scope_id: int, path: str, clock: Clock) -> None:
        self.connection = connection
        self.scope_id = scope_id
        self.path = path
        self.clock = clock

    def select_in(self, table: Table, *columns: Any) -> Select[Any]:
        return select(*(columns or (table,))).where(table.c.scope_id == self.scope_id)

    def select_by_key(self, table: Table, *columns: Any) -> Select[Any]:
        """The same for statements that name rows by their key: the scope is checked, but never chosen as the way in.

        (Adding 0 keeps the planner from walking the index of the whole scope in order to find a handful of rows.)
        """
        return select(*(columns or (table,))).where(table.c.scope_id + 0 == self.scope_id)

    def run(self, statement: Select[Any], **parameters: Any) -> Sequence[Any]:
        """The rows of a statement that :func:`prepared` made, in this scope."""
        return run_prepared(self.connection, statement, {"scope_id": self.scope_id, **parameters})

    def update_in(self, table: Table) -> Update:
        return update(table).where(table.c.scope_id == self.scope_id)

    def update_by_key(self, table: Table) -> Update:
        """As :meth:`select_by_key`."""
        return update(table).where(table.c.scope_id + 0 == self.scope_id)

    def delete_in(self, table: Table) -> Delete:
        return delete(table).where(table.c.scope_id == self.scope_id)

    def delete_by_key(self, table: Table) -> Delete:
        """As :meth:`select_by_key`."""
        return delete(table).where(table.c.scope_id + 0 == self.scope_id)

    def rows(self, statement: Select[Any]) -> Sequence[Any]:
        return self.connection.execute(statement).all()

    def now(self) -> int:
        return to_micros(self.clock())


def prepared(table: Table, *columns: Any) -> Select[Any]:
    """A statement built once for all scopes, for the paths where building it each time would show.

    Like :meth:`Scoped.select_by_key`; :meth:`Scoped.run` puts the scope in.
    """
    return select(*(columns or (table,))).where(table.c.scope_id + 0 == bindparam("scope_id"))


def slices(values: Sequence[_T]) -> Iterator[list[_T]]:
    """Cut a long list of bound parameters to what one statement may hold."""
    items = list(values)
    for start in range(0, len(items), _PARAMETERS_PER_STATEMENT):
        yield items[start : start + _PARAMETERS_PER_STATEMENT]
