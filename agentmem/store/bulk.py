"""Writing many rows without SQLAlchemy's work for each: a statement is compiled once for each set of columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Table, bindparam, insert, update

_STATEMENTS = 64


def insert_rows(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, or_ignore: bool = False
) -> None:
    """Insert rows that all have the same keys. ``or_ignore`` leaves alone what is there already."""
    if not rows:
        return
    sql, values = _statement(table, frozenset(rows[0]), connection.dialect, or_ignore)
    connection.exec_driver_sql(sql, [*map(values, rows)])


@lru_cache(maxsize=_STATEMENTS)
def _statement(
    table: Table, columns: frozenset[str], dialect: Dialect, or_ignore: bool
) -> tuple[str, Callable[[Mapping[str, Any]], Any]]:
    """The SQL text, and what takes its parameters from a row: in their order, or by name where the driver wants so."""
    statement = insert(table)
    if or_ignore:
        statement = statement.prefix_with("OR IGNORE", dialect="sqlite")
    compiled: Any = statement.compile(dialect=dialect, column_keys=[c.name for c in table.c if c.name in columns])
    if compiled.positiontup is None:
        return str(compiled), dict
    if len(compiled.positiontup) == 1:  # of one name, itemgetter makes no tuple
        return str(compiled), lambda row: (row[compiled.positiontup[0]],)
    return str(compiled), itemgetter(*compiled.positiontup)


def update_row(connection: Connection, table: Table, scope_id: int, row: int, values: Mapping[str, Any]) -> None:
    """Change columns of one row of a scope. The scope is checked, but never chosen as the way in."""
    sql, parameters = _update(table, frozenset(values), connection.dialect)
    connection.exec_driver_sql(sql, parameters({**values, "the_scope": scope_id, "the_row": row}))


@lru_cache(maxsize=_STATEMENTS)
def _update(table: Table, columns: frozenset[str], dialect: Dialect) -> tuple[str, Callable[[Mapping[str, Any]], Any]]:
    mine = (table.c.scope_id + 0 == bindparam("the_scope")) & (table.c.row == bindparam("the_row"))
    compiled: Any = update(table).where(mine).compile(dialect=dialect, column_keys=sorted(columns))
    if compiled.positiontup is None:
        return str(compiled), dict
    constants = {name: bound.value for name, bound in compiled.binds.items() if bound.value is not None}
    return str(compiled), lambda given: tuple({**constants, **given}[name] for name in compiled.positiontup)
