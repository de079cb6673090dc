"""Idempotency keys: which episodes are stored under them, and which were forgotten."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from agentmem.operations import Op
from agentmem.protocols import StoredEpisode
from agentmem.store import schema
from agentmem.store.apply import Journal
from agentmem.store.scoped import slices
from agentmem.store.undone import in_force
from agentmem.types import State

_episodes, _memories, _journal = schema.episodes, schema.memories, schema.journal

TOMBSTONE_KEY = "tombstone_key"


class Refs(Journal):
    """A write transaction's look at refs."""

    def find_refs(self, refs: Sequence[str]) -> dict[str, StoredEpisode]:
        """See :class:`agentmem.protocols.Writer`."""
        found: dict[str, StoredEpisode] = {}
        for part in slices(refs):
            statement = self.select_in(_episodes, _episodes.c[("row", "id", "ref", "digest")])
            for row in self.rows(statement.where(_episodes.c.ref.in_(part))):
                derived = self._derived_from(row.row)
                ids = tuple(memory.id for memory in derived)
                retired = [memory.id for memory in derived if memory.state == State.RETIRED]
                found[row.ref] = StoredEpisode(row.id, row.digest, ids, self._taken_back(row.row, retired))
        return found

    def _derived_from(self, episode_row: int) -> Sequence[Any]:
        statement = (
            self.select_in(_memories, _memories.c.id, _memories.c.state)
            .join(schema.sources, schema.sources.c.memory_row == _memories.c.row)
            .where(schema.sources.c.episode_row == episode_row)
            .where(_memories.c.superseded_at.is_(None))
            .order_by(_memories.c.start)
        )
        return self.rows(statement)

    def _taken_back(self, episode_row: int, retired: Sequence[str]) -> tuple[str, ...]:
        """Those of these memories that the run that recorded the episode added, if it is not in force any more."""
        if not retired:
            return ()
        recorded = self.select_by_key(_journal, _journal.c.run).where(_journal.c.seq == episode_row)
        run = self.connection.execute(recorded).scalar_one()
        if in_force(self, [run]).get(run, run) is not None:
            return ()
        added = {entry.subject for entry in self.run_entries(run) if entry.op == Op.ADD}
        return tuple(id for id in retired if id in added)

    def runs_elsewhere(self, ids: Sequence[str]) -> set[str]:
        """Those of these runs that another scope of the database had; runs are named once in a database."""
        runs = schema.runs
        found: set[str] = set()
        for part in slices(ids):
            statement = select(runs.c.id).where(runs.c.id.in_(part), runs.c.scope_id != self.scope_id)
            found.update(row.id for row in self.connection.execute(statement))
        return found

    def tombstoned(self, refs: Sequence[str]) -> tuple[str, ...]:
        """See :class:`agentmem.protocols.Writer`."""
        tombstones = schema.tombstones
        if self.connection.execute(self.select_in(tombstones).limit(1)).first() is None:
            return ()
        by_digest = {self.tombstone(ref): ref for ref in refs}
        found: list[str] = []
        for part in slices(list(by_digest)):
            statement = self.select_in(tombstones).where(tombstones.c.digest.in_(part))
            found += [by_digest[row.digest] for row in self.rows(statement)]
        return tuple(found)

    def tombstone(self, ref: str) -> bytes:
        """The keyed hash under which a forgotten ref of this scope is remembered."""
        meta = schema.meta
        key = self.connection.execute(select(meta.c.value).where(meta.c.key == TOMBSTONE_KEY)).scalar_one()
        return keyed_hash(key, self.path, ref)


def keyed_hash(key: str, path: str, ref: str) -> bytes:
    """HMAC-SHA256 of a ref in its scope: tells whether a ref was forgotten without keeping it."""
    return hmac.new(bytes.fromhex(key), f"{path}\x00{ref}".encode(), hashlib.sha256).digest()
