"""What a ``forget`` would destroy: what is selected, and everything derived from it. Only looks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, Table, func, select

from agentmem.clock import from_micros, to_micros
from agentmem.errors import NotFound
from agentmem.kinds import ABSORBS, SUMMARISES, SUMMARY
from agentmem.protocols import Selection
from agentmem.store import schema
from agentmem.store.scoped import Scoped, slices
from agentmem.types import Certificate

_memories, _episodes, _sources = schema.memories, schema.episodes, schema.sources


class Doomed:
    """Rows of the episodes, ids of the memories and rows of their versions that a selection takes along.

    ``asked`` are the ids that were named in it.
    """

    def __init__(self, scoped: Scoped, selection: Selection) -> None:
        self._scoped = scoped
        self.now = scoped.now()
        self.asked = frozenset(selection.ids)
        self.episodes, self.memories = self._closure(*self._selected(selection), alone=selection.alone)
        self.versions = self._column(_memories, "id", self.memories, "row")

    def count(self) -> Certificate:
        """What would be destroyed."""
        rows = self.versions
        touching = self._column(schema.edges, "source", self.memories, "id") | self._column(
            schema.edges, "target", self.memories, "id"
        )
        return Certificate(
            run=None,
            at=from_micros(self.now),
            dry_run=True,
            episodes=len(self.episodes),
            memories=len(self.memories),
            versions=len(rows),
            sources=sum(self._count_sources(part) for part in slices(sorted(rows))),
            edges=len(touching),
            vectors=self._count(schema.vectors, schema.vectors.c.memory_row, rows),
            tombstones=len(self.refs()),
        )

    def _selected(self, selection: Selection) -> tuple[set[int], set[str]]:
        """Rows of the episodes and ids of the memories that are meant, before following the sources."""
        if selection.everything:
            return self._all(_episodes, "row"), self._all(_memories, "id")
        episodes: set[int] = set()
        memories: set[str] = set()
        if selection.ids:
            episodes, memories = self._named(selection.ids)
            memories |= self._repetitions(memories)
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

    def _repetitions(self, memories: set[str]) -> set[str]:
        """What was merged into these memories: it says the same, and is the same to whoever names one of them."""
        edges = schema.edges
        found: set[str] = set()
        new = set(memories)
        while new:
            statement = self._scoped.select_in(edges, edges.c.target).where(edges.c.kind == ABSORBS)
            parts = slices(sorted(new))
            targets = {r[0] for part in parts for r in self._scoped.rows(statement.where(edges.c.source.in_(part)))}
            new = targets - found - memories
            found |= new
        return found

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
                    for row in self._scoped.rows(self._scoped.select_in(table, *columns))
                    if any(part and phrase.search(_folded(part)) for part in row[1:])
                }
            )
        return found[0], found[1]

    def _closure(self, episodes: set[int], memories: set[str], *, alone: bool) -> tuple[set[int], set[str]]:
        """Follow sources: a selected memory takes its sources along, a lost source takes every memory made from it.

        A summary, made from what its edges lead to or from a whole session, goes with any part of it, but takes none
        of them along, or forgetting a name that the summary of everything holds would forget everything.
        """
        if not alone:
            summaries = self._all(_memories, "row", _memories.c.kind == SUMMARY)
            rows = self._column(_memories, "id", memories, "row") - summaries
            episodes = episodes | self._column(_sources, "memory_row", rows, "episode_row")
        while True:
            derived_rows = self._column(_sources, "episode_row", episodes, "memory_row")
            derived = {str(id) for id in self._column(_memories, "row", derived_rows, "id")}
            derived |= self._summaries(memories | derived)
            corrections = self._column(_episodes, "corrects", memories | derived, "row")
            if derived <= memories and corrections <= episodes:
                return episodes, memories
            memories, episodes = memories | derived, episodes | corrections

    def _summaries(self, memories: set[str]) -> set[str]:
        """The summaries made from any of these memories."""
        edges = schema.edges
        statement = self._scoped.select_in(edges, edges.c.source).where(edges.c.kind == SUMMARISES)
        parts = slices(sorted(memories))
        return {str(row[0]) for part in parts for row in self._scoped.rows(statement.where(edges.c.target.in_(part)))}

    def _column(self, table: Table, where: str, values: Iterable[Any], wanted: str) -> set[Any]:
        found: set[Any] = set()
        for part in slices(sorted(set(values))):
            statement = self._selecting(table, where, wanted)
            found.update(row[0] for row in self._scoped.connection.execute(statement.where(table.c[where].in_(part))))
        found.discard(None)
        return found

    def _selecting(self, table: Table, where: str, wanted: str) -> Select[Any]:
        column = table.c[wanted]
        if table is _sources:  # they carry no scope; the rows they are asked for were selected in this one
            return select(column)
        by_key = where in ("id", "row")
        return self._scoped.select_by_key(table, column) if by_key else self._scoped.select_in(table, column)

    def _all(self, table: Table, column: str, *conditions: Any) -> set[Any]:
        return {row[0] for row in self._scoped.rows(self._scoped.select_in(table, table.c[column]).where(*conditions))}

    def _matching(self, condition: Any) -> set[int]:
        return {
            row.row for row in self._scoped.rows(self._scoped.select_in(_episodes, _episodes.c.row).where(condition))
        }

    def _count(self, table: Table, column: Any, values: Iterable[Any]) -> int:
        counted = self._scoped.select_in(table, func.count())
        parts = slices(sorted(values))
        return sum(
            int(self._scoped.connection.execute(counted.where(column.in_(part))).scalar() or 0) for part in parts
        )

    def _count_sources(self, rows: list[int]) -> int:
        statement = select(func.count()).select_from(_sources).where(_sources.c.memory_row.in_(rows))
        return int(self._scoped.connection.execute(statement).scalar() or 0)

    def refs(self) -> list[str]:
        """The refs of the episodes that go."""
        return [str(ref) for ref in self._column(_episodes, "row", self.episodes, "ref")]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
