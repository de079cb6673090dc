"""Inserting many rows at once, without SQLAlchemy's per-row work: the statement is compiled once for each table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert

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
