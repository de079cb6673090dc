"""Creating a database, recognising one, and upgrading an old one."""

from __future__ import annotations

import secrets
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from agentmem.errors import NotAnAgentMemDatabase, SchemaMismatch
from agentmem.store import schema
from agentmem.store.refs import TOMBSTONE_KEY
from agentmem.store.sqlite import keep_log, open_engine, writing

STORE_ID_META = "store_id"
"""Under which the database keeps a name of its own, for indexes that live elsewhere."""
MIGRATIONS = Path(__file__).parent / "migrations"


def prepare(engine: Engine, path: str) -> None:
    """Create the tables in an empty database; check the schema of one that is there.

    Raises:
        NotAnAgentMemDatabase: a SQLite file of somebody else.
        SchemaMismatch: agentmem's, from another version; the message names the command that upgrades it.
    """
    with engine.connect() as connection:
        tables = set(inspect(connection).get_table_names())
        revision = _revision(connection) if "alembic_version" in tables else None
    if not tables:
        keep_log(engine, path)
        _create(engine)
        return
    if revision is None or "journal" not in tables:
        raise NotAnAgentMemDatabase(
            f"{path} is a SQLite database, but not one of agentmem's. Open another path; nothing was changed."
        )
    if revision != schema.HEAD_REVISION:
        raise _mismatch(path, revision)
    keep_log(engine, path)


def _mismatch(path: str, revision: str) -> SchemaMismatch:
    told = f"{path} has schema {revision}, this version of agentmem reads {schema.HEAD_REVISION}. "
    if revision > schema.HEAD_REVISION:  # revisions are zero-padded numbers
        return SchemaMismatch(told + "Install the newer agentmem that wrote it: pip install -U agentmem-framework")
    return SchemaMismatch(told + f"Make a copy of the file, then run: agentmem --db {path} db upgrade")


def _create(engine: Engine) -> None:
    with writing(engine.connect()) as connection, connection.begin():
        if inspect(connection).has_table("journal"):
            return  # another process was faster
        schema.metadata.create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": schema.HEAD_REVISION})
        identity = {TOMBSTONE_KEY: secrets.token_hex(32), STORE_ID_META: secrets.token_hex(8)}
        connection.execute(schema.meta.insert(), [{"key": key, "value": value} for key, value in identity.items()])


def _revision(connection: Connection) -> str | None:
    row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
    return str(row[0]) if row else None


def upgrade(path: str) -> tuple[str | None, str]:
    """Bring a database to the newest schema; returns the revisions before and after."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    engine = open_engine(path, "full")
    try:
        with engine.connect() as connection:
            before = _revision(connection) if inspect(connection).has_table("alembic_version") else None
            tables = inspect(connection).get_table_names()
            if tables and (before is None or "journal" not in tables):
                raise NotAnAgentMemDatabase(f"{path} is not an agentmem database; nothing was changed.")
        if before is None:
            _create(engine)
            return None, schema.HEAD_REVISION
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with writing(engine.connect()) as connection, connection.begin():
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise _mismatch(path, before) from error
        return before, schema.HEAD_REVISION
    finally:
        engine.dispose()
