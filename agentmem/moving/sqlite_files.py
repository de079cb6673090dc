"""Other systems' SQLite files, opened so that nothing in them is changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from agentmem.errors import InvalidInput


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that can only read.

    Raises:
        InvalidInput: the file cannot be read, or is no SQLite database. Also when that shows only while it is read.
    """
    try:
        with closing(_connected(path)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise InvalidInput(f"{path} cannot be read as a SQLite database ({error}). Give the path of one.") from error


def columns(connection: sqlite3.Connection, table: str) -> frozenset[str]:
    """The columns of a table; none if it is not there."""
    rows = connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
    return frozenset(name for (name,) in rows)


def copied(source: Path, target: Path) -> None:
    """A consistent copy of a database, even while somebody writes to it.

    Raises:
        InvalidInput: it cannot be read.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with opened(source) as origin, closing(sqlite3.connect(target)) as copy:
        origin.backup(copy)


def _connected(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise InvalidInput(f"There is no file {path}.")
    location = f"file:{quote(str(path.absolute()))}"
    connection = sqlite3.connect(f"{location}?mode=ro", uri=True)
    try:
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except sqlite3.OperationalError:  # a write-ahead log needs a file beside it, which a read-only folder refuses
        connection.close()
        connection = sqlite3.connect(f"{location}?mode=ro&immutable=1", uri=True)
    return connection
