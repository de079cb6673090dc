"""Settings of the whole database, by key."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, insert, select

from agentmem.store.schema import meta

_GET = select(meta.c.value).where(meta.c.key == bindparam("key"))  # read on every write, so built once


def get_meta(connection: Connection, key: str) -> str | None:
    """A setting, ``None`` when it was never made."""
    return connection.execute(_GET, {"key": key}).scalar()


def put_meta(connection: Connection, key: str, value: str) -> None:
    """Make a setting, or replace it."""
    connection.execute(delete(meta).where(meta.c.key == key))
    connection.execute(insert(meta).values(key=key, value=value))
