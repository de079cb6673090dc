"""Idempotency keys: which episodes are stored under them, and which were forgotten."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from sqlalchemy import select

from agentmem.protocols import StoredEpisode
from agentmem.store import schema
from agentmem.store.apply import Journal
from agentmem.store.scoped import slices

_episodes, _memories = schema.episodes, schema.memories

TOMBSTONE_KEY = "tombstone_key"


class Refs(Journal):
    """A write transaction's look at refs."""

    def find_refs(self, refs: Sequence[str]) -> dict[str, StoredEpisode]:
        """See :class:`agentmem.protocols.Writer`."""
        found: dict[str, StoredEpisode] = {}
        for part in slices(refs):
            statement = self.select_in(_episodes, _episodes.c[("row", "id", "ref", "digest")])
            for row in self.rows(statement.where(_episodes.c.ref.in_(part))):
                found[row.ref] = StoredEpisode(row.id, row.digest, self._derived_from(row.row))
        return found

    def _derived_from(self, episode_row: int) -> tuple[str, ...]:
        statement = (
            self.select_in(_memories, _memories.c.id)
            .join(schema.sources, schema.sources.c.memory_row == _memories.c.row)
            .where(schema.sources.c.episode_row == episode_row)
            .where(_memories.c.superseded_at.is_(None))
            .order_by(_memories.c.start)
        )
        return tuple(row.id for row in self.rows(statement))

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
