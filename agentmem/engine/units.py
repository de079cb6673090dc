"""What structures work on: new episodes, and those left undone before, gathered into sessions and documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import timedelta

from agentmem.engine.parts import Parts
from agentmem.kinds import CHUNK
from agentmem.protocols import Cursor, Deferred, Reader, Writer
from agentmem.structures.structure import Unit
from agentmem.types import Episode, EpisodeKind, Memory, Scope

LEASE = timedelta(minutes=10)
"""How long a structure's work is left to the process that claimed it; each committed proposal renews it."""
_ALL = 10**9


@dataclass(frozen=True, slots=True)
class Work:
    """What a follower has claimed: units in order of time, and for each episode its number and earlier attempts."""

    units: tuple[Unit, ...]
    rows: Mapping[str, int]
    attempts: Mapping[int, int]

    def rows_of(self, unit: Unit) -> list[int]:
        """The numbers of a unit's episodes."""
        return [self.rows[episode.id] for episode in unit.episodes]


def claim(parts: Parts, scope: Scope, follower: str) -> Work | None:
    """Take everything new, and everything due again, under a lease; ``None`` while another process is at it.

    Whatever is new is written down as undone before the cursor passes it, so that a process that dies, or stops,
    leaves it to the next.
    """
    now = parts.clock()
    with parts.store.write(scope) as writer:
        cursor = writer.cursor(follower)
        if cursor.owner not in (None, parts.owner) and cursor.lease_until is not None and cursor.lease_until > now:
            return None
        fresh = writer.episodes_after(cursor.position, _ALL)
        writer.defer(follower, [Deferred(row) for row, _episode in fresh])
        position = fresh[-1][0] if fresh else cursor.position
        writer.set_cursor(follower, Cursor(position, parts.owner, now + LEASE))
        undone = writer.deferred(follower)
        due = [item for item in undone if item.retry_at is None or item.retry_at <= now]
        numbered = writer.episodes_of([item.episode_row for item in due])
        units = _units(writer, numbered, {item.episode_row for item in undone})
    rows = {episode.id: row for row, episode in numbered}
    idle = [row for row, episode in numbered if episode.id not in {e.id for unit in units for e in unit.episodes}]
    if idle:  # nothing of them is searchable: there is nothing to build
        with parts.store.write(scope) as writer:
            writer.settle(follower, idle)
    return Work(tuple(units), rows, {item.episode_row: item.attempts for item in due})


def renew(parts: Parts, writer: Writer, follower: str) -> bool:
    """Keep the lease; False if another process has taken it."""
    cursor = writer.cursor(follower)
    if cursor.owner != parts.owner:
        return False
    writer.set_cursor(follower, Cursor(cursor.position, parts.owner, parts.clock() + LEASE))
    return True


def left(parts: Parts, scope: Scope, follower: str) -> int:
    """How many episodes wait for a follower, whoever is at them."""
    with parts.store.read(scope) as reader:
        fresh = reader.episodes_after(reader.cursor(follower).position, _ALL)
        return len(reader.deferred(follower)) + len(fresh)


def release(parts: Parts, scope: Scope, follower: str) -> int:
    """Give the lease back; returns how many episodes are left to do."""
    with parts.store.write(scope) as writer:
        cursor = writer.cursor(follower)
        if cursor.owner == parts.owner:
            writer.set_cursor(follower, Cursor(cursor.position))
        return len(writer.deferred(follower))


def _units(reader: Reader, numbered: Sequence[tuple[int, Episode]], undone: Set[int]) -> list[Unit]:
    """Sessions and documents with something searchable in them, in order of time.

    A chunk that was reworded has several episodes, and is worked on with the first that is ``undone``: with its
    session, or, when that was done before, with its correction alone.
    """
    due = {row for row, _episode in numbered}
    waiting = {episode.id for _row, episode in reader.episodes_of(sorted(undone - due))}
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
    return units


def _group(episode: Episode) -> Hashable:
    """A document stands alone; turns go by session, and by day where they have none."""
    if episode.kind != EpisodeKind.TURN:
        return episode.id
    return ("session", episode.session) if episode.session is not None else ("day", episode.at.date())
