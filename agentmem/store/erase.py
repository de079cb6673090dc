"""Destruction: what is selected, everything derived from it, every version, every vector. The one way to lose data.

The journal keeps the identifiers of what was destroyed, so that followers in other processes drop it too; it never
held text. A tombstone, a keyed hash of the forgotten ``ref``, refuses to learn it again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table, delete, func, select

from agentmem.clock import from_micros, to_micros
from agentmem.errors import NotFound
from agentmem.operations import Op, Run
from agentmem.protocols import Selection
from agentmem.store import schema
from agentmem.store.bulk import insert_rows
from agentmem.store.refs import Refs
from agentmem.store.scoped import slices
from agentmem.types import Certificate

_memories, _episodes, _sources = schema.memories, schema.episodes, schema.sources


class Eraser:
    """One ``forget``: finds what must go, then destroys it."""

    def __init__(self, writer: Refs, selection: Selection, reach: int) -> None:
        self._writer = writer
        self._connection = writer.connection
        self._reach = reach
        self._now = writer.now()
        self._episodes, self._memories = self._closure(*self._selected(selection))
        self._versions = self._column(_memories, "id", self._memories, "row")

    def count(self) -> Certificate:
        """What would be destroyed."""
        rows = self._versions
        touching = self._column(schema.edges, "source", self._memories, "id") | self._column(
            schema.edges, "target", self._memories, "id"
        )
        return Certificate(
            run=None,
            at=from_micros(self._now),
            dry_run=True,
            episodes=len(self._episodes),
            memories=len(self._memories),
            versions=len(rows),
            sources=sum(self._count_sources(part) for part in slices(sorted(rows))),
            edges=len(touching),
            vectors=self._count(schema.vectors, schema.vectors.c.memory_row, rows),
            tombstones=len(self._refs()),
        )

    def destroy(self, run: Run) -> Certificate:
        """Destroy it all, inside the writer's transaction; returns the counts."""
        counted = self.count()
        refreshed = self._dependants()
        self._writer.open_run(run, self._now)
        self._bury(self._refs())
        self._drop_vectors(self._versions | refreshed)
        for part in slices(sorted(self._versions)):
            self._connection.execute(delete(_sources).where(_sources.c.memory_row.in_(part)))
        self._delete(schema.edges, "source", self._memories)
        self._delete(schema.edges, "target", self._memories)
        self._delete(_memories, "row", self._versions)
        self._delete(_episodes, "row", self._episodes)
        cursors = schema.cursors
        self._connection.execute(self._writer.update_in(cursors).values(last_error=None))  # may have quoted the text
        self._log(run.id, refreshed)
        return Certificate(
            run=run.id,
            at=counted.at,
            dry_run=False,
            episodes=counted.episodes,
            memories=counted.memories,
            versions=counted.versions,
            sources=counted.sources,
            edges=counted.edges,
            vectors=counted.vectors,
            tombstones=counted.tombstones,
        )

    # -- what must go -----------------------------------------------------------------------------------------------

    def _selected(self, selection: Selection) -> tuple[set[int], set[str]]:
        """Rows of the episodes and ids of the memories that are meant, before following the sources."""
        if selection.everything:
            return self._all(_episodes, "row"), self._all(_memories, "id")
        episodes: set[int] = set()
        memories: set[str] = set()
        if selection.ids:
            episodes, memories = self._named(selection.ids)
        if selection.session is not None:
            episodes |= self._matching(_episodes.c.session == selection.session)
        if selection.before is not None:
            episodes |= self._matching(_episodes.c.at < to_micros(selection.before))
        if selection.about is not None:
            more_episodes, more_memories = self._mentioning(selection.about)
            episodes |= more_episodes
            memories |= more_memories
        return episodes, memories

    def _named(self, ids: tuple[str, ...]) -> tuple[set[int], set[str]]:
        episodes = self._column(_episodes, "id", ids, "row")
        memories = {str(id) for id in self._column(_memories, "id", ids, "id")}
        known = memories | {str(id) for id in self._column(_episodes, "id", ids, "id")}
        if unknown := sorted(set(ids) - known):
            raise NotFound(f"Nothing was forgotten: no such memory or episode in this scope: {', '.join(unknown)}.")
        return episodes, memories

    def _mentioning(self, about: str) -> tuple[set[int], set[str]]:
        """By speaker, title or text: the phrase as whole words, whatever the case, white space or form of accents."""
        words = r"\s+".join(map(re.escape, _folded(about).split()))
        phrase = re.compile(rf"(?<!\w){words}(?!\w)")
        found: list[set[Any]] = []
        for table, key in ((_episodes, "row"), (_memories, "id")):
            columns = table.c[(key, "text", "title", "speaker")]
            found.append(
                {
                    row[0]
                    for row in self._writer.rows(self._writer.select_in(table, *columns))
                    if any(part and phrase.search(_folded(part)) for part in row[1:])
                }
            )
        return found[0], found[1]

    def _closure(self, episodes: set[int], memories: set[str]) -> tuple[set[int], set[str]]:
        """Follow sources: a selected memory takes its sources along, a lost source takes every memory made from it."""
        rows = self._column(_memories, "id", memories, "row")
        episodes = episodes | self._column(_sources, "memory_row", rows, "episode_row")
        while True:
            derived_rows = self._column(_sources, "episode_row", episodes, "memory_row")
            derived = {str(id) for id in self._column(_memories, "row", derived_rows, "id")}
            corrections = self._column(_episodes, "corrects", memories | derived, "row")
            if derived <= memories and corrections <= episodes:
                return episodes, memories
            memories, episodes = memories | derived, episodes | corrections

    def _dependants(self) -> set[int]:
        """Surviving versions whose ``spoken`` view may have been made with text that goes.

        A memory's view holds the ``reach`` memories before it that were there when it was embedded; those that came
        later, and former versions of the same memory, do not count.
        """
        lost = [*self._writer.hydrate(sorted(self._versions)).values()] if self._reach else []
        found: set[int] = set()
        for session in {memory.session for memory in lost if memory.session is not None}:
            place = (_memories.c.at, _memories.c.position, _memories.c.start)
            statement = self._writer.select_in(_memories, _memories.c.row, _memories.c.id).order_by(*place)
            order = [(row[0], row[1]) for row in self._writer.rows(statement.where(_memories.c.session == session))]
            found |= self._made_with_lost(order)
        return found

    def _made_with_lost(self, order: list[tuple[int, str]]) -> set[int]:
        first: dict[str, int] = {}
        for row, id in order:
            first[id] = min(row, first.get(id, row))
        found: set[int] = set()
        for place, (row, id) in enumerate(order):
            between: set[str] = set()
            for step in range(place - 1, -1, -1):
                before, other = order[step]
                if row in self._versions or len(between) == self._reach:
                    break
                if before in self._versions:
                    found.add(row)
                    break
                if other != id and first[other] < row:
                    between.add(other)
        return found

    # -- statements -------------------------------------------------------------------------------------------------

    def _column(self, table: Table, where: str, values: Iterable[Any], wanted: str) -> set[Any]:
        found: set[Any] = set()
        for part in slices(sorted(set(values))):
            column = table.c[wanted]
            statement = (
                select(column) if table is _sources else self._writer.select_in(table, column)
            )  # sources carry no scope; the rows they are asked for were selected in this one
            found.update(row[0] for row in self._connection.execute(statement.where(table.c[where].in_(part))))
        found.discard(None)
        return found

    def _all(self, table: Table, column: str) -> set[Any]:
        return {row[0] for row in self._writer.rows(self._writer.select_in(table, table.c[column]))}

    def _matching(self, condition: Any) -> set[int]:
        return {
            row.row for row in self._writer.rows(self._writer.select_in(_episodes, _episodes.c.row).where(condition))
        }

    def _count(self, table: Table, column: Any, values: Iterable[Any]) -> int:
        return sum(
            int(
                self._connection.execute(self._writer.select_in(table, func.count()).where(column.in_(part))).scalar()
                or 0
            )
            for part in slices(sorted(values))
        )

    def _count_sources(self, rows: list[int]) -> int:
        statement = select(func.count()).select_from(_sources).where(_sources.c.memory_row.in_(rows))
        return int(self._connection.execute(statement).scalar() or 0)

    def _delete(self, table: Table, column: str, values: Iterable[Any]) -> None:
        for part in slices(sorted(values)):
            self._connection.execute(self._writer.delete_in(table).where(table.c[column].in_(part)))

    def _drop_vectors(self, rows: set[int]) -> None:
        self._delete(schema.vectors, "memory_row", rows)

    def _refs(self) -> list[str]:
        return [str(ref) for ref in self._column(_episodes, "row", self._episodes, "ref")]

    def _bury(self, refs: list[str]) -> None:
        digests = [self._writer.tombstone(ref) for ref in refs]
        tombstones = schema.tombstones
        present = {row.digest for row in self._writer.rows(self._writer.select_in(tombstones))}
        if new := [digest for digest in digests if digest not in present]:
            rows = [{"scope_id": self._writer.scope_id, "digest": digest} for digest in new]
            insert_rows(self._connection, tombstones, rows)

    def _log(self, run: str, refreshed: set[int]) -> None:
        """One entry for each version and episode that is gone, one for each survivor to be embedded again."""
        seq = self._writer.next_seq()
        subjects = [(Op.FORGET, None, row) for row in sorted(self._versions)]
        subjects += [(Op.FORGET, None, None)] * len(self._episodes)
        subjects += [(Op.REFRESH, None, row) for row in sorted(refreshed)]
        entries = [
            self._writer.entry(seq + i, run, op, subject, row, self._now)
            for i, (op, subject, row) in enumerate(subjects)
        ]
        if entries:
            insert_rows(self._connection, schema.journal, entries)
        for row, entry in ((e["row"], e) for e in entries if e["op"] == Op.REFRESH):
            statement = self._writer.update_in(_memories).where(_memories.c.row == row)
            self._connection.execute(statement.values(seq=entry["seq"]))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
