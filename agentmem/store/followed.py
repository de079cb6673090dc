"""How far structures have come with a scope, as records of an export: what was built is not built again elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from agentmem.protocols import Deferred, Writer
from agentmem.store import schema
from agentmem.store.scoped import Scoped

FOLLOWER = "follower"
"""The records' type."""
_STRUCTURES = "structure:"
_ALL = 10**9


def dump_followers(reader: Scoped) -> Iterator[dict[str, Any]]:
    """For each structure's follower, the episodes it has yet to work on."""
    cursors, deferred, episodes = schema.cursors, schema.deferred, schema.episodes
    statement = reader.select_in(cursors).where(cursors.c.follower.startswith(_STRUCTURES))
    for cursor in reader.rows(statement.order_by(cursors.c.follower)):
        left = reader.select_in(deferred, deferred.c.row).where(deferred.c.follower == cursor.follower)
        undone = reader.select_in(episodes, episodes.c.id).where(
            (episodes.c.row > cursor.position) | episodes.c.row.in_(left)
        )
        ids = [row.id for row in reader.rows(undone.order_by(episodes.c.row))]
        yield {"type": FOLLOWER, "name": cursor.follower, "undone": ids}


def load_followers(writer: Writer, records: Iterable[Mapping[str, Any]], imported: Mapping[str, int]) -> None:
    """Let each follower go on from where it stood in the file, and with what it had yet to do here.

    ``imported``: the numbers of the episodes that the file brought, by id.

    Raises:
        ValueError: a record that is no follower's.
    """
    brought = set(imported.values())
    for record in records:
        name, undone = record["name"], record["undone"]
        if not isinstance(name, str) or not name.startswith(_STRUCTURES) or not isinstance(undone, list):
            raise ValueError(f"a follower cannot be {name!r:.40}")
        if not brought:
            continue
        cursor = writer.cursor(name)
        fresh = [row for row, _episode in writer.episodes_after(cursor.position, _ALL)]
        own = [row for row in fresh if row not in brought]
        writer.defer(name, [Deferred(row) for row in (*own, *(imported[id] for id in undone if id in imported))])
        writer.set_cursor(name, replace(cursor, position=max(fresh, default=cursor.position)))
