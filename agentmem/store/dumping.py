"""A whole scope as plain records: the format of ``export`` (loading.py reads it back).

Records come in journal order, so that each only refers to earlier ones. They hold identifiers, never row numbers, so
that a scope can move to another database. Vectors are left out (they are made again), and so are journal entries
about them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from agentmem.clock import from_micros
from agentmem.operations import Op
from agentmem.protocols import Follower
from agentmem.store import schema
from agentmem.store.followed import dump_followers
from agentmem.store.rows import load
from agentmem.store.scoped import Scoped

Record = dict[str, Any]

TIMES = frozenset(
    {"at", "recorded_at", "valid_from", "valid_to", "superseded_at", "retired_at", "expires_at", "used_at"}
)
EPISODE = (
    "id",
    "kind",
    "ref",
    "session",
    "speaker",
    "role",
    "title",
    "at",
    "recorded_at",
    "text",
    "metadata",
    "indexed",
    "corrects",
)
MEMORY = (
    *("id", "version", "kind", "text", "title", "session", "speaker", "role", "at", "valid_from", "valid_to"),
    *("recorded_at", "superseded_at", "retired_at", "state", "metadata", "strength", "uses", "used_at"),
    *("pinned", "expires_at"),
)
EDGE = ("id", "kind", "source", "target", "weight")
_SKIPPED_OPS = (Op.EMBED, Op.REFRESH, Op.FORGET)


def dump_records(reader: Scoped, followers: Sequence[Follower] = ()) -> Iterator[Record]:
    """Every run, episode, memory version, edge and journal entry of the scope, and how far structures have come."""
    yield from _runs(reader)
    for row in reader.rows(reader.select_in(schema.episodes).order_by(schema.episodes.c.row)):
        yield {"type": "episode", **_plain(row, EPISODE)}
    yield from _memories(reader)
    for row in reader.rows(reader.select_in(schema.edges).order_by(schema.edges.c.seq)):
        yield {"type": "edge", **_plain(row, EDGE)}
    yield from _changes(reader)
    yield from dump_followers(reader, followers)


def _runs(reader: Scoped) -> Iterator[Record]:
    for row in reader.rows(reader.select_in(schema.runs).order_by(schema.runs.c.at, schema.runs.c.id)):
        yield {
            "type": "run",
            "id": row.id,
            "at": _moment(row.at),
            "cause": json.loads(row.cause),
            "usage": json.loads(row.usage),
            "undone_by": row.undone_by,
        }


def _memories(reader: Scoped) -> Iterator[Record]:
    memories, sources, episodes = schema.memories, schema.sources, schema.episodes
    named: dict[int, list[Record]] = defaultdict(list)
    statement = (
        reader.select_in(episodes, sources, episodes.c.id)
        .join(sources, sources.c.episode_row == episodes.c.row)
        .order_by(sources.c.memory_row, sources.c.episode_row, sources.c.start)
    )
    for row in reader.rows(statement):
        named[row.memory_row].append({"episode": row.id, "start": row.start, "end": row.end})
    for row in reader.rows(reader.select_in(memories).order_by(memories.c.row)):
        yield {"type": "memory", **_plain(row, MEMORY), "sources": named.get(row.row, [])}


def _changes(reader: Scoped) -> Iterator[Record]:
    journal, memories = schema.journal, schema.memories
    versions = {
        row.row: row.version for row in reader.rows(reader.select_in(memories, memories.c.row, memories.c.version))
    }
    known = {
        row.id for table in (schema.episodes, memories) for row in reader.rows(reader.select_in(table, table.c.id))
    }
    statement = reader.select_in(journal).where(journal.c.op.not_in(_SKIPPED_OPS)).order_by(journal.c.seq)
    for row in reader.rows(statement):
        if row.op not in (Op.LINK, Op.UNLINK) and row.subject not in known:
            continue  # about something that was forgotten since
        yield {
            "type": "change",
            "op": row.op,
            "subject": row.subject,
            "version": versions.get(row.row),
            "run": row.run,
            "at": _moment(row.at),
            "detail": json.loads(row.detail) if row.detail else None,
        }


def _plain(row: Any, names: Iterable[str]) -> Record:
    """A row as JSON values: moments as ISO text, metadata as an object; absent values left out."""
    found: Record = {}
    for name in names:
        value = getattr(row, name)
        if value is not None:
            found[name] = _moment(value) if name in TIMES else load(value) if name == "metadata" else value
    return found


def _moment(micros: int) -> str:
    return from_micros(micros).isoformat()
