"""How far structures have come with a scope, as records of an export: what was built is not built again elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agentmem.protocols import Deferred, Follower
from agentmem.store import schema
from agentmem.store.scoped import Scoped
from agentmem.types import State

if TYPE_CHECKING:
    from agentmem.store.writing import ScopeWriter

FOLLOWER = "follower"
"""The records' type."""
_STRUCTURES = "structure:"
_ALL = 10**9
_episodes, _memories = schema.episodes, schema.memories


def dump_followers(reader: Scoped, known: Iterable[Follower] = ()) -> Iterator[dict[str, Any]]:
    """For each structure's follower, what it reads, and the episodes or memories it has yet to work on."""
    cursors = schema.cursors
    kinds = {follower.name: tuple(follower.reads) for follower in known}
    statement = reader.select_in(cursors).where(cursors.c.follower.startswith(_STRUCTURES))
    for cursor in reader.rows(statement.order_by(cursors.c.follower)):
        reads = kinds.get(cursor.follower, ())
        ids = _undone(reader, cursor.follower, cursor.position, reads)
        yield {"type": FOLLOWER, "name": cursor.follower, "reads": list(reads), "undone": ids}


def _undone(reader: Scoped, follower: str, position: int, reads: Sequence[str]) -> list[str]:
    """The identifiers of what is new to a follower, and of what it has put off, in order of number."""
    deferred = schema.deferred
    left = reader.select_in(deferred, deferred.c.row).where(deferred.c.follower == follower)
    if reads:
        standing = (_memories.c.superseded_at.is_(None), _memories.c.state == State.ACTIVE)
        fresh = (_memories.c.row > position) & _memories.c.kind.in_(list(reads))
        statement = reader.select_in(_memories, _memories.c.id, _memories.c.row).where(*standing)
        statement = statement.where(fresh | _memories.c.row.in_(left)).order_by(_memories.c.row)
    else:
        statement = reader.select_in(_episodes, _episodes.c.id, _episodes.c.row)
        statement = statement.where((_episodes.c.row > position) | _episodes.c.row.in_(left)).order_by(_episodes.c.row)
    return [row.id for row in reader.rows(statement)]


def load_followers(
    writer: ScopeWriter, records: Iterable[Mapping[str, Any]], known: Iterable[Follower], imported: Mapping[str, int]
) -> None:
    """Let each follower go on from where it stood in the file, and with what it had yet to do here.

    Args:
        writer: the transaction in which all the rest was inserted.
        records: of :func:`dump_followers`.
        known: the structures that are known here; of others, the file says what they read.
        imported: the numbers of the episodes, and of the memories' current versions, that the file brought, by id.

    Raises:
        ValueError: a record that is no follower's.
    """
    brought = set(imported.values())
    kinds = {follower.name: tuple(follower.reads) for follower in known}
    for record in records:
        name, reads, undone = record["name"], record["reads"], record["undone"]
        if not isinstance(name, str) or not name.startswith(_STRUCTURES):
            raise ValueError(f"a follower cannot be {name!r:.40}")
        if not (_are_names(undone) and _are_names(reads)):
            raise ValueError("what a follower reads and has yet to do are lists of names")
        if not brought:
            continue
        cursor = writer.cursor(name)
        fresh = _fresh(writer, cursor.position, kinds.get(name, tuple(reads)))
        own = [row for row in fresh if row not in brought]
        writer.defer(name, [Deferred(row) for row in (*own, *(imported[id] for id in undone if id in imported))])
        writer.set_cursor(name, replace(cursor, position=max(fresh, default=cursor.position)))


def _fresh(writer: ScopeWriter, position: int, reads: Sequence[str]) -> Sequence[int]:
    """The numbers of what is new here to a follower, now that the import is in."""
    if reads:
        return writer.memories_after(position, reads)
    return [row for row, _episode in writer.episodes_after(position, _ALL)]


def _are_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)
