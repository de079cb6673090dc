"""Statements sent as text that was compiled once, for the paths where SQLAlchemy's work on every execution would show.

A retrieval runs three statements; binding them and describing what comes back takes SQLAlchemy several times as long as
it takes SQLite to answer. What is skipped with it is the conversion of types: a Boolean comes back as 0 or 1.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Select

from agentmem.store import sqlite

_STATEMENTS = 512

_Shape = tuple[tuple[str, int | None], ...]
"""The parameters' names, each with how many values it has; ``None``: one, that is no list."""


def run_prepared(connection: Connection, statement: Select[Any], parameters: Mapping[str, Any]) -> list[Any]:
    """The rows (named tuples) of a statement that is built once and kept.

    A parameter that is a list is for an expanding one.
    """
    shape = tuple([(name, len(value) if isinstance(value, list) else None) for name, value in parameters.items()])
    compiled = _compiled(statement, shape, connection.dialect)
    values = dict(compiled.constants)
    for name, value in parameters.items():
        values.update(zip(compiled.names[name], value if isinstance(value, list) else (value,), strict=True))
    rows = sqlite.fetch(connection, compiled.sql, [values[name] for name in compiled.order])
    return [*map(compiled.row, rows)]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """SQL text for one shape of parameters.

    Attributes:
        names: under which names the values of each parameter are bound.
        constants: what the statement binds by itself.
        order: of the bound names.
        row: makes a row of its values.
    """

    sql: str
    names: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, Any]
    order: tuple[str, ...]
    row: Any


@lru_cache(maxsize=_STATEMENTS)
def _compiled(statement: Select[Any], shape: _Shape, dialect: Dialect) -> _Compiled:
    sample = {name: None if length is None else [None] * length for name, length in shape}
    compiled: Any = statement.compile(dialect=dialect)
    expanded = compiled.construct_expanded_state(sample)
    names = {name: tuple(expanded.parameter_expansion.get(name, (name,))) for name in sample}
    given = {bound for several in names.values() for bound in several}
    return _Compiled(
        sql=expanded.statement,
        names=names,
        constants={name: value for name, value in expanded.parameters.items() if name not in given},
        order=tuple(expanded.positiontup),
        row=_row(tuple(statement.selected_columns.keys())),
    )


@lru_cache(maxsize=_STATEMENTS)
def _row(columns: tuple[str, ...]) -> Any:
    """One type for all lengths of lists: making a type takes longer than any statement."""
    row: Any = namedtuple("Row", columns)  # type: ignore[misc]
    return row._make
