"""Statements compiled once give what SQLAlchemy gives, for lists of any length, and fail as every other one does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, String, Table, bindparam, create_engine, select

from agentmem.errors import StoreError
from agentmem.store.bulk import insert_rows
from agentmem.store.prepared import run_prepared

NUMBERS = Table(
    "numbers",
    MetaData(),
    Column("row", Integer, primary_key=True),
    Column("scope_id", Integer),
    Column("count", String),  # a method of every tuple, too
)
SINGLES = Table("singles", MetaData(), Column("row", Integer, primary_key=True))
STORED = [{"row": row, "scope_id": row % 3, "count": f"n{row}"} for row in range(40)]
BOTH = (
    select(NUMBERS)
    .where(NUMBERS.c.scope_id + 0 == bindparam("scope_id"), NUMBERS.c.row.in_(bindparam("rows", expanding=True)))
    .order_by(NUMBERS.c.row)
    .limit(5)
)


@pytest.fixture(scope="module")
def connection():
    with create_engine("sqlite://").connect() as connection:
        for table in (NUMBERS, SINGLES):
            table.create(connection)
        insert_rows(connection, NUMBERS, STORED)
        yield connection


@given(scope=st.integers(0, 3), rows=st.lists(st.integers(-1, 41), max_size=30))
def test_rows_are_those_of_sqlalchemy(connection, scope, rows):
    parameters = {"scope_id": scope, "rows": rows}
    expected = connection.execute(BOTH, parameters).all()
    found = run_prepared(connection, BOTH, parameters)
    assert [tuple(row) for row in found] == [tuple(row) for row in expected]
    assert [(row.row, row.count, row._asdict()) for row in found] == [
        (row.row, row[2], row._asdict()) for row in expected
    ]


def test_a_parameter_that_is_missing_is_told(connection):
    with pytest.raises(Exception, match="rows"):
        run_prepared(connection, BOTH, {"scope_id": 1})


def test_an_error_of_the_database_is_a_typed_one(connection):
    missing = Table("missing", MetaData(), Column("row", Integer))
    with pytest.raises(StoreError, match=r":memory:.*no such table"):
        run_prepared(connection, select(missing), {})


def test_a_table_of_one_column_is_filled(connection):
    insert_rows(connection, SINGLES, [{"row": 1}, {"row": 2}])
    assert [row.row for row in run_prepared(connection, select(SINGLES), {})] == [1, 2]
