"""What structures work on: new episodes, as sessions and documents, or new memories; and what was left undone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from agentmem.engine.parts import Parts
from agentmem.kinds import CHUNK
from agentmem.protocols import Cursor, Deferred, Reader, Writer
from agentmem.structures.structure import Structure, Unit
from agentmem.types import Episode, EpisodeKind, Memory, Scope, State

LEASE = timedelta(minutes=2)
"""How long a structure's work is left to the process that claimed it; a heartbeat and each proposal renew it."""
MOST_TRIES = 8
"""How often something that fails is tried again by itself; then it waits until a person asks for it."""
_AT_ONCE = 2_000
"""How much is taken up in one transaction."""
_ALL = 10**9
_T = TypeVar("_T")


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
    taken = _AT_ONCE
    while taken == _AT_ONCE:  # in short transactions: others write meanwhile
        with parts.store.write(scope) as writer:
            cursor = writer.cursor(follower)
            if cursor.owner not in (None, parts.owner) and cursor.lease_until is not None and cursor.lease_until > now:
                return None
            fresh = _fresh(writer, structure, cursor.position, _AT_ONCE)
            writer.defer(follower, [Deferred(row) for row in fresh])
            writer.set_cursor(follower, Cursor(fresh[-1] if fresh else cursor.position, parts.owner, now + LEASE))
            taken = len(fresh)
    with parts.store.read(scope) as reader:
        undone = reader.deferred(follower)
        due = [item.row for item in undone if item.retry_at is None or item.retry_at <= now]
        gather = _memories if structure.reads else _sessions
        found = gather(reader, due, {item.row for item in undone}, limit)
    if found.idle:
        with parts.store.write(scope) as writer:
            if renew(parts, writer, follower):
                writer.settle(follower, sorted(found.idle))
    return Work(tuple(found.units[:limit]), found.rows, {item.row: item.attempts for item in undone})


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
        return len(reader.deferred(follower)) + len(_fresh(reader, structure, reader.cursor(follower).position, _ALL))


def behind(parts: Parts, scope: Scope, structure: Structure) -> int:
    """How many journal rows, of whatever kind, a structure has not read."""
    with parts.store.read(scope) as reader:
        return reader.head() - reader.cursor(follower_of(structure)).position


def release(parts: Parts, scope: Scope, structure: Structure) -> int:
    """Give the lease back; returns how many episodes or memories are left to do."""
    follower = follower_of(structure)
    with parts.store.write(scope) as writer:
        cursor = writer.cursor(follower)
        if cursor.owner == parts.owner:
            writer.set_cursor(follower, Cursor(cursor.position))
    with parts.store.read(scope) as reader:
        return len(reader.deferred(follower))


def _fresh(reader: Reader, structure: Structure, position: int, limit: int) -> Sequence[int]:
    if structure.reads:
        return reader.memories_after(position, structure.reads)[:limit]
    return [row for row, _episode in reader.episodes_after(position, limit)]


@dataclass(slots=True)
class _Found:
    """Units, numbers by identifier, and what needs no work: nothing of it can be searched, or it is in a unit."""

    units: list[Unit] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    idle: set[int] = field(default_factory=set)


def _memories(reader: Reader, due: Sequence[int], _undone: Set[int], limit: int | None) -> _Found:
    """A unit for each memory version that still stands, in order of number; at least ``limit`` if there are so many."""
    found = _Found()
    for part in _parts_of(sorted(due), limit):
        standing = {
            row: memory
            for row, memory in sorted(reader.hydrate(part).items())
            if memory.superseded_at is None and memory.state is State.ACTIVE
        }
        found.units += [Unit(None, (), (memory,)) for memory in standing.values()]
        found.rows.update((memory.id, row) for row, memory in standing.items())
        found.idle.update(set(part) - standing.keys())
        if limit is not None and len(found.units) >= limit:
            break
    return found


def _sessions(reader: Reader, due: Sequence[int], undone: Set[int], limit: int | None) -> _Found:
    """Sessions and documents with something searchable in them, in order of time; at least ``limit`` if there are.

    A chunk that was reworded has several episodes, and is worked on with the first that is ``undone``: with its
    session, or, when that was done before, with its correction alone.
    """
    numbered = reader.episodes_of(due)
    found = _Found(rows={episode.id: row for row, episode in numbered})
    known = found.rows.keys() | {episode.id for _row, episode in reader.episodes_of(sorted(undone - set(due)))}
    corrections = {episode.id for _row, episode in numbered if episode.kind == EpisodeKind.CORRECTION}
    groups: dict[Hashable, list[Episode]] = defaultdict(list)
    for _row, episode in numbered:
        groups[_group(episode)].append(episode)
    for episodes in groups.values():
        episodes.sort(key=lambda episode: episode.at)  # stable: equal times stay in order of arrival
    found.idle.update(set(due) - set(found.rows.values()))
    for part in _parts_of(sorted(groups.values(), key=lambda episodes: episodes[0].at), limit):
        looked_at = {found.rows[episode.id] for episodes in part for episode in episodes}
        chunks: dict[str, list[Memory]] = defaultdict(list)
        for _position, memory in reader.made_of(sorted(looked_at), CHUNK):
            chunks[next(source.episode for source in memory.sources if source.episode in known)].append(memory)
        for episodes in part:
            told = tuple(episode for episode in episodes if episode.id in chunks)
            if told:
                texts = tuple(chunk for episode in told for chunk in chunks[episode.id])
                found.units.append(Unit(told[0].session, told, texts))
                looked_at.update(found.rows[source] for source in _sources(texts) & corrections)
        found.idle.update(looked_at)
        if limit is not None and len(found.units) >= limit:
            break
    found.idle -= {found.rows[episode.id] for unit in found.units for episode in unit.episodes}
    found.units.sort(key=lambda unit: unit.episodes[0].at)
    return found


def _sources(memories: Sequence[Memory]) -> set[str]:
    return {source.episode for memory in memories for source in memory.sources}


def _parts_of(items: Sequence[_T], size: int | None) -> Iterator[Sequence[_T]]:
    """So many at a time; all at once without a size."""
    step = max(1, len(items) if size is None else size)
    return (items[start : start + step] for start in range(0, len(items), step))


def _group(episode: Episode) -> Hashable:
    """A document stands alone; turns go by session, and by day where they have none."""
    if episode.kind != EpisodeKind.TURN:
        return episode.id
    return ("session", episode.session) if episode.session is not None else ("day", episode.at.date())
