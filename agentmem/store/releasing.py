"""What a ``forget`` gives back: memories that stood behind one that is destroyed, and work to be done again.

A memory that was retired because another repeated it, or whose truth another ended, is judged on its own again when
that other is gone: what was forgotten must not go on deciding.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from agentmem.kinds import ABSORBS, ENTITY, SUMMARISES, SUPERSEDES, TRIPLE
from agentmem.operations import Op
from agentmem.protocols import Deferred, Follower
from agentmem.store import schema
from agentmem.store.doomed import Doomed
from agentmem.store.refs import Refs
from agentmem.store.rows import load
from agentmem.store.scoped import slices
from agentmem.types import State

_memories, _edges, _journal, _sources = schema.memories, schema.edges, schema.journal, schema.sources


@dataclass(frozen=True, slots=True)
class Released:
    """A row to change, the operation to log, and the values before and after."""

    op: Op
    id: str
    row: int
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def released(writer: Refs, doomed: Doomed) -> list[Released]:
    """The survivors that were retired or closed on account of a doomed memory alone."""
    touching = [
        edge
        for part in slices(sorted(doomed.memories))
        for edge in writer.rows(
            writer.select_in(_edges).where(_edges.c.source.in_(part), _edges.c.kind.in_((ABSORBS, SUPERSEDES)))
        )
    ]
    found = [_released(writer, edge, doomed) for edge in touching if edge.target not in doomed.memories]
    return list({one.id + one.op: one for one in found if one is not None}.values())


def _released(writer: Refs, edge: Any, doomed: Doomed) -> Released | None:
    others = writer.select_in(_edges, _edges.c.source).where(
        _edges.c.kind == edge.kind, _edges.c.target == edge.target, _edges.c.source != edge.source
    )
    if any(other.source not in doomed.memories for other in writer.rows(others)):
        return None
    current = writer.select_by_key(_memories).where(_memories.c.id == edge.target, _memories.c.superseded_at.is_(None))
    row = writer.connection.execute(current).first()
    if row is None:
        return None
    op = Op.RETIRE if row.state == State.RETIRED else Op.CLOSE
    change = _last(writer, row, op, edge)
    if change is None:
        return None
    if op is Op.RETIRE:
        if change["state"] == State.RETIRED:
            return None
        before = {"state": row.state, "retired_at": row.retired_at}
        return Released(Op.RESTORE, row.id, row.row, before, {"state": change["state"], "retired_at": None})
    return Released(Op.CLOSE, row.id, row.row, {"valid_to": row.valid_to}, {"valid_to": change["valid_to"]})


def _last(writer: Refs, row: Any, op: Op, edge: Any) -> Mapping[str, Any] | None:
    """What the version's last such change replaced, if the run that drew the edge made it."""
    drawn = writer.select_in(_journal, _journal.c.run).where(_journal.c.subject == edge.id, _journal.c.op == Op.LINK)
    statement = writer.select_in(_journal).where(
        _journal.c.subject == row.id, _journal.c.row == row.row, _journal.c.op == op
    )
    last = writer.connection.execute(statement.order_by(_journal.c.seq.desc()).limit(1)).first()
    if last is None or last.run not in {found.run for found in writer.connection.execute(drawn)}:
        return None
    before: Mapping[str, Any] = json.loads(last.detail)
    return before


def due_again(writer: Refs, doomed: Doomed, followers: Iterable[Follower]) -> dict[str, list[Deferred]]:
    """For each follower, the survivors of what something that goes along was made from, to be worked on anew."""
    work: dict[str, list[Deferred]] = {}
    for follower in followers:
        if follower.reads:
            rows = _below(writer, doomed, follower) - doomed.versions
        else:
            rows = _survivors(writer, doomed, follower.kinds) - doomed.episodes
            rows |= _mentions(writer, doomed) - doomed.episodes if ENTITY in follower.kinds else set()
        position = writer.cursor(follower.name).position
        if again := sorted(row for row in rows if row <= position):
            work[follower.name] = [Deferred(row) for row in again]
    return work


def _below(writer: Refs, doomed: Doomed, follower: Follower) -> set[int]:
    """The memories on which something rests that goes along, by their ``summarises`` edges."""
    found: set[int] = set()
    for part in slices(sorted(doomed.memories - doomed.asked)):
        resting = writer.select_by_key(_memories, _memories.c.id).where(
            _memories.c.id.in_(part), _memories.c.kind.in_(list(follower.kinds)), _memories.c.state == State.ACTIVE
        )
        targets = writer.select_in(_edges, _edges.c.target).where(
            _edges.c.kind == SUMMARISES, _edges.c.source.in_(resting)
        )
        statement = writer.select_by_key(_memories, _memories.c.row).where(
            _memories.c.id.in_(targets), _memories.c.kind.in_(list(follower.reads)), _memories.c.superseded_at.is_(None)
        )
        found.update(row.row for row in writer.rows(statement))
    return found


def _survivors(writer: Refs, doomed: Doomed, kinds: Sequence[str]) -> set[int]:
    found: set[int] = set()
    for part in slices(sorted(doomed.versions)):
        current = writer.select_by_key(_memories, _memories.c.row).where(
            _memories.c.row.in_(part), _memories.c.kind.in_(list(kinds)), _memories.c.state == State.ACTIVE
        )
        current = current.where(_memories.c.id.not_in(doomed.asked))  # forgotten for its own sake
        statement = select(_sources.c.episode_row).where(_sources.c.memory_row.in_(current))
        found.update(row.episode_row for row in writer.connection.execute(statement))
    return found


def _mentions(writer: Refs, doomed: Doomed) -> set[int]:
    """An episode for each name that goes with its first mention, but stands in a triple that stays."""
    lost = {
        row.text
        for part in slices(sorted(doomed.versions))
        for row in writer.rows(
            writer.select_by_key(_memories, _memories.c.text).where(
                _memories.c.row.in_(part), _memories.c.kind == ENTITY
            )
        )
    }
    if not lost:
        return set()
    triples = writer.select_in(_memories, _memories.c.row, _memories.c.metadata, _memories.c.position).where(
        _memories.c.kind == TRIPLE, _memories.c.superseded_at.is_(None), _memories.c.state == State.ACTIVE
    )
    found: dict[str, int] = {}
    for row in writer.rows(triples.order_by(_memories.c.row)):
        if row.row in doomed.versions:
            continue
        named = load(row.metadata)
        for name in lost.intersection((named.get("subject"), named.get("object"))):
            found.setdefault(name, row.position)
    return set(found.values())
