"""Inserting many rows at once, without SQLAlchemy's per-row work: the statement is compiled once for each table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert

_STATEMENTS = 64


def insert_rows(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, or_ignore: bool = False
) -> None:
    """Insert rows that all have the same keys. ``or_ignore`` leaves alone what is there already."""
    if not rows:
        return
    sql, order = _statement(table, frozenset(rows[0]), connection.dialect, or_ignore)
    parameters: list[Any] = [tuple([row[name] for name in order]) for row in rows] if order else [*map(dict, rows)]
    connection.exec_driver_sql(sql, parameters)


@lru_cache(maxsize=_STATEMENTS)
def _statement(
    table: Table, columns: frozenset[str], dialect: Dialect, or_ignore: bool
) -> tuple[str, tuple[str, ...] | None]:
    """The SQL text and the order of its parameters (``None``: they are named)."""
    statement = insert(table)
    if or_ignore:
        statement = statement.prefix_with("OR IGNORE", dialect="sqlite")
    compiled: Any = statement.compile(dialect=dialect, column_keys=[c.name for c in table.c if c.name in columns])
    return str(compiled), None if compiled.positiontup is None else tuple(compiled.positiontup)
