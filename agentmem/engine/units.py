"""What structures work on: new episodes, as sessions and documents, or new memories; and what was left undone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import timedelta

from agentmem.engine.parts import Parts
from agentmem.kinds import CHUNK
from agentmem.protocols import Cursor, Deferred, Reader, Writer
from agentmem.structures.structure import Structure, Unit
from agentmem.types import Episode, EpisodeKind, Memory, Scope, State

LEASE = timedelta(minutes=2)
"""How long a structure's work is left to the process that claimed it; a heartbeat and each proposal renew it."""
MOST_TRIES = 8
"""How often something that fails is tried again by itself; then it waits until a person asks for it."""
_ALL = 10**9


@dataclass(frozen=True, slots=True)
class Work:
    """What a follower has claimed: units in order of time; numbers by identifier; earlier attempts by number."""

    units: tuple[Unit, ...]
    rows: Mapping[str, int]
    attempts: Mapping[int, int]

    def rows_of(self, unit: Unit) -> list[int]:
        """The numbers of a unit's episodes; or of its memory, where it has no episodes."""
        return [self.rows[item.id] for item in unit.episodes or unit.chunks]


def follower_of(structure: Structure) -> str:
    """The name under which a structure's cursor is kept."""
    return f"structure:{structure.name}"


def claim(parts: Parts, scope: Scope, structure: Structure, limit: int | None = None) -> Work | None:
    """Take what is new and what is due again, under a lease; ``None`` while another process is at it.

    Whatever is new is written down as undone before the cursor passes it, so that a process that dies, or stops,
    leaves it to the next. At most ``limit`` units of it are returned.
    """
    follower = follower_of(structure)
    now = parts.clock()
    with parts.store.write(scope) as writer:
        cursor = writer.cursor(follower)
        if cursor.owner not in (None, parts.owner) and cursor.lease_until is not None and cursor.lease_until > now:
            return None
        fresh = _fresh(writer, structure, cursor.position)
        writer.defer(follower, [Deferred(row) for row in fresh])
        writer.set_cursor(follower, Cursor(fresh[-1] if fresh else cursor.position, parts.owner, now + LEASE))
        undone = writer.deferred(follower)
        due = [item.row for item in undone if item.retry_at is None or item.retry_at <= now]
        if structure.reads:
            units, rows = _memories(writer, due)
        else:
            units, rows = _sessions(writer, due, {item.row for item in undone})
        idle = set(due) - {rows[item.id] for unit in units for item in unit.episodes or unit.chunks}
        writer.settle(follower, sorted(idle))  # nothing of them can be searched: there is nothing to build
    return Work(tuple(units[:limit]), rows, {item.row: item.attempts for item in undone})


def renew(parts: Parts, writer: Writer, follower: str) -> bool:
    """Keep the lease; False if another process has taken it."""
    cursor = writer.cursor(follower)
    if cursor.owner != parts.owner:
        return False
    writer.set_cursor(follower, Cursor(cursor.position, parts.owner, parts.clock() + LEASE))
    return True


def left(parts: Parts, scope: Scope, structure: Structure) -> int:
    """How many episodes or memories wait for a structure, whoever is at them."""
    follower = follower_of(structure)
    with parts.store.read(scope) as reader:
        return len(reader.deferred(follower)) + len(_fresh(reader, structure, reader.cursor(follower).position))


def release(parts: Parts, scope: Scope, structure: Structure) -> int:
    """Give the lease back; returns how many episodes or memories are left to do."""
    follower = follower_of(structure)
    with parts.store.write(scope) as writer:
        cursor = writer.cursor(follower)
        if cursor.owner == parts.owner:
            writer.set_cursor(follower, Cursor(cursor.position))
        return len(writer.deferred(follower))


def _fresh(reader: Reader, structure: Structure, position: int) -> Sequence[int]:
    if structure.reads:
        return reader.memories_after(position, structure.reads)
    return [row for row, _episode in reader.episodes_after(position, _ALL)]


def _memories(reader: Reader, due: Sequence[int]) -> tuple[list[Unit], dict[str, int]]:
    """A unit for each memory version that still stands, in order of number."""
    found = sorted(reader.hydrate(due).items())
    standing = [(row, memory) for row, memory in found if memory.superseded_at is None and memory.state is State.ACTIVE]
    return [Unit(None, (), (memory,)) for _row, memory in standing], {memory.id: row for row, memory in standing}


def _sessions(reader: Reader, due: Sequence[int], undone: Set[int]) -> tuple[list[Unit], dict[str, int]]:
    """Sessions and documents with something searchable in them, in order of time.

    A chunk that was reworded has several episodes, and is worked on with the first that is ``undone``: with its
    session, or, when that was done before, with its correction alone.
    """
    numbered = reader.episodes_of(due)
    waiting = {episode.id for _row, episode in reader.episodes_of(sorted(undone - set(due)))}
    known = waiting | {episode.id for _row, episode in numbered}
    chunks: dict[str, list[Memory]] = defaultdict(list)
    for _position, memory in reader.made_of(sorted(due), CHUNK):
        chunks[next(source.episode for source in memory.sources if source.episode in known)].append(memory)
    groups: dict[Hashable, list[Episode]] = defaultdict(list)
    for _row, episode in numbered:
        if episode.id in chunks:
            groups[_group(episode)].append(episode)
    units = []
    for episodes in groups.values():
        episodes.sort(key=lambda episode: episode.at)  # stable: equal times stay in order of arrival
        found = tuple(chunk for episode in episodes for chunk in chunks[episode.id])
        units.append(Unit(episodes[0].session, tuple(episodes), found))
    units.sort(key=lambda unit: unit.episodes[0].at)
    return units, {episode.id: row for row, episode in numbered}


def _group(episode: Episode) -> Hashable:
    """A document stands alone; turns go by session, and by day where they have none."""
    if episode.kind != EpisodeKind.TURN:
        return episode.id
    return ("session", episode.session) if episode.session is not None else ("day", episode.at.date())
