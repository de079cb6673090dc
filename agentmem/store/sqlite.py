"""Everything that is particular to SQLite: the connection's settings, locking, error messages and compaction."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, get_args

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool, StaticPool

from agentmem.errors import (
    AgentMemError,
    InvalidInput,
    NotAnAgentMemDatabase,
    StoreBusy,
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreReadOnly,
)

Durability = Literal["normal", "full"]

IN_MEMORY = ":memory:"
BUSY_TIMEOUT_MS = 30_000
_WRITE = {"agentmem_begin": "BEGIN IMMEDIATE"}


def open_engine(path: str, durability: Durability) -> Engine:
    """A connection pool on a database file (or ``:memory:``), created if it is not there.

    WAL mode: readers never wait for the writer. ``durability="normal"`` syncs at checkpoints, so that a committed
    transaction survives the death of the process; ``"full"`` syncs at every commit, so that it survives power loss.

    Raises:
        InvalidInput: a durability that there is none of.
    """
    if durability not in get_args(Durability):
        raise InvalidInput(f"durability must be 'normal' or 'full', not {durability!r}.")
    in_memory = path == IN_MEMORY
    engine = create_engine(
        URL.create("sqlite", database=None if in_memory else path),  # not parsed: a path may hold '?' or '%'
        hide_parameters=True,  # no memory's text in an error message
        poolclass=StaticPool if in_memory else QueuePool,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000},
        **({} if in_memory else {"pool_size": 4, "max_overflow": 12}),
    )

    @event.listens_for(engine, "connect")
    def _settings(dbapi: sqlite3.Connection, _record: Any) -> None:
        dbapi.isolation_level = None  # transactions are begun by _begin below, not guessed by the driver
        try:
            _apply_settings(dbapi, durability)
        except sqlite3.Error as error:
            dbapi.close()
            raise translate(error, path) from error

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        fetch(connection, connection.get_execution_options().get("agentmem_begin", "BEGIN"))

    @event.listens_for(engine, "handle_error")
    def _translate(context: Any) -> None:
        if isinstance(context.original_exception, sqlite3.Error):
            raise translate(context.original_exception, path) from context.original_exception

    return engine


def _apply_settings(dbapi: sqlite3.Connection, durability: Durability) -> None:
    cursor = dbapi.cursor()
    cursor.execute("PRAGMA schema_version")  # reads the header: a file that is no database fails here
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute(f"PRAGMA synchronous = {'FULL' if durability == 'full' else 'NORMAL'}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")  # deleted content is overwritten, not only unlinked
    cursor.execute("PRAGMA temp_store = MEMORY")  # no forgotten text in temporary files
    cursor.execute("PRAGMA cache_size = -65536")
    cursor.close()


def fetch(connection: Connection, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Send a statement past SQLAlchemy, in the connection's transaction, and fetch all rows."""
    try:
        rows: list[tuple[Any, ...]] = connection.connection.cursor().execute(sql, parameters).fetchall()
    except sqlite3.Error as error:
        raise translate(error, connection.engine.url.database or IN_MEMORY) from error
    return rows


def keep_log(engine: Engine, path: str) -> None:
    """Put the database in WAL mode, in which it stays. Not before it is known to be ours: this changes the file."""
    if path == IN_MEMORY:
        return
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if not isinstance(translate(error, path), StoreReadOnly):  # a read-only file can still be read
            raise translate(error, path) from error
    finally:
        connection.close()


def writing(connection: Connection) -> Connection:
    """The connection, set to take the write lock when its transaction begins (so that none fails half-way)."""
    return connection.execution_options(**_WRITE)


def compact(engine: Engine, path: str) -> bool:
    """Rewrite the file so that no free page, and no log, holds deleted content. False: another process is in the way.

    Balancing a B-tree leaves stale copies of cells even under ``secure_delete``, hence the VACUUM.
    """
    if path == IN_MEMORY:
        return True
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        try:
            cursor.execute("VACUUM")
        except sqlite3.OperationalError as error:
            if not isinstance(translate(error, path), StoreBusy):
                raise translate(error, path) from error
            return False
        busy, _log, _done = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.close()
        return not busy
    finally:
        connection.close()


def files(path: str) -> tuple[Path, ...]:
    """The database's file, and those that SQLite keeps beside it (log, its index, rollback journal), there or not."""
    if path in ("", IN_MEMORY):
        return ()
    found = os.path.realpath(path)  # beside the file itself, wherever a link to it is
    return tuple(Path(found + ending) for ending in ("", "-wal", "-shm", "-journal"))


def bytes_on_disk(path: str) -> int:
    """The size of the database file and its log, in bytes."""
    if path == IN_MEMORY:
        return 0
    files = (Path(path), Path(path + "-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def check_folder(path: str) -> None:
    """Refuse a path in a folder that does not exist, rather than SQLite's "unable to open database file"."""
    if path == IN_MEMORY:
        return
    folder = Path(path).resolve().parent
    if not folder.is_dir():
        raise StoreError(f"The folder {folder} does not exist. Create it first: mkdir -p {folder}")
    if Path(path).is_dir():
        raise StoreError(f"{path} is a folder. Give the path of a file, e.g. {Path(path) / 'memory.db'}")


def translate(error: sqlite3.Error, path: str) -> AgentMemError:
    """The typed error for one of SQLite's, with what to do next."""
    message = str(error)
    lowered = message.lower()
    if "not a database" in lowered:
        return NotAnAgentMemDatabase(f"{path} is not a SQLite database. Open another path; nothing was changed.")
    if "locked" in lowered or "busy" in lowered:
        return StoreBusy(
            f"{path} stayed locked by another process for {BUSY_TIMEOUT_MS // 1000} s. Nothing was written; try again."
        )
    if "disk is full" in lowered or "file too large" in lowered:
        return StoreFull(f"No space left for {path}. Nothing was written; free some space and try again.")
    if "readonly" in lowered or "read-only" in lowered:
        return StoreReadOnly(f"{path} (or its folder) cannot be written. Check its permissions; reading still works.")
    if "malformed" in lowered or "corrupt" in lowered:
        return StoreCorrupt(
            f"{path} is damaged ({message}). Restore a backup, or recover what is readable with "
            f"'sqlite3 {path} .recover' and 'agentmem import'."
        )
    if "unable to open" in lowered:
        return StoreError(f"{path} cannot be opened. Check that its folder exists and can be written.")
    if "disk i/o" in lowered:
        return StoreError(f"The disk failed while using {path} ({message}). Nothing was half-written; try again.")
    return StoreError(f"The database {path} refused a statement: {message}")
