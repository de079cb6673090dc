"""What a ``forget`` would destroy: what is selected, and everything derived from it. Only looks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, Table, func, select

from agentmem.clock import from_micros, to_micros
from agentmem.errors import NotFound
from agentmem.kinds import ABSORBS, DERIVED, SUMMARISES, SUMMARY
from agentmem.operations import Op
from agentmem.protocols import Selection
from agentmem.store import schema
from agentmem.store.rows import load
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
        self._unlinked: dict[str, set[str]] | None = None
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
            # A correction happened when it was made, but what it words anew may lie later: it goes with its memory.
            happened = (_episodes.c.at < to_micros(selection.before)) & _episodes.c.corrects.is_(None)
            episodes |= self._matching(happened)
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
        """By text, title, speaker, session, ref or metadata.

        The phrase as whole words, whatever the case, white space or form of accents.
        """
        words = r"\s+".join(map(re.escape, _folded(about).split()))
        phrase = re.compile(rf"(?<!\w){words}(?!\w)")
        known: dict[str, bool] = {}  # names of sessions and speakers, and metadata, come again and again

        def mentions(part: str | None) -> bool:
            return part is not None and phrase.search(_folded(part)) is not None

        def mentioned(row: Any, names: Sequence[str], keys: bool) -> bool:
            if mentions(row.text):
                return True
            told = [getattr(row, name) for name in names]
            if row.metadata != "{}":
                told += strings_in(load(row.metadata), keys=keys)
            for part in told:
                if part is not None and part not in known:
                    known[part] = mentions(part)
            return any(part is not None and known[part] for part in told)

        episodes = ("title", "speaker", "session", "ref")
        statement = self._scoped.select_in(_episodes, *_episodes.c[("row", "text", "metadata", *episodes)])
        rows = {row.row for row in self._scoped.rows(statement) if mentioned(row, episodes, keys=True)}
        memories = ("title", "speaker", "session")
        statement = self._scoped.select_in(_memories, *_memories.c[("id", "kind", "text", "metadata", *memories)])
        ids = {
            row.id
            for row in self._scoped.rows(statement)
            if mentioned(row, memories, keys=row.kind not in DERIVED)  # there, the keys are this library's own words
        }
        return rows, ids

    def _closure(self, episodes: set[int], memories: set[str], *, alone: bool) -> tuple[set[int], set[str]]:
        """Follow sources: a selected memory takes its sources along, a lost source takes every memory made from it.

        A summary, made from what its edges lead to or from a whole session, goes with any part of it, but takes none
        of them along, or forgetting a name that the summary of everything holds would forget everything.
        """
        if not alone:
            rows = self._column(_memories, "id", memories, "row", _memories.c.kind != SUMMARY)
            episodes = episodes | self._column(_sources, "memory_row", rows, "episode_row")
        while True:
            derived_rows = self._column(_sources, "episode_row", episodes, "memory_row")
            derived = {str(id) for id in self._column(_memories, "row", derived_rows, "id")}
            derived |= self._summaries(memories | derived)
            corrections = self._corrections(memories | derived)
            if derived <= memories and corrections <= episodes:
                return episodes, memories
            memories, episodes = memories | derived, episodes | corrections

    def _corrections(self, memories: set[str]) -> set[int]:
        """The rewordings of these memories; each is a source of the version that it made."""
        versions = self._column(_memories, "id", memories, "row")
        sources = self._column(_sources, "memory_row", versions, "episode_row")
        found: set[int] = set()
        for part in slices(sorted(sources)):
            statement = self._scoped.select_by_key(_episodes, _episodes.c.row, _episodes.c.corrects)
            statement = statement.where(_episodes.c.row.in_(part), _episodes.c.corrects.is_not(None))
            found.update(row.row for row in self._scoped.rows(statement) if row.corrects in memories)
        return found

    def _summaries(self, memories: set[str]) -> set[str]:
        """The summaries made from any of these memories, now or in a former version."""
        edges = schema.edges
        statement = self._scoped.select_in(edges, edges.c.source).where(edges.c.kind == SUMMARISES)
        parts = slices(sorted(memories))
        found = {str(row[0]) for part in parts for row in self._scoped.rows(statement.where(edges.c.target.in_(part)))}
        former = self._former()
        return found.union(*(former[id] for id in memories & former.keys()))

    def _former(self) -> dict[str, set[str]]:
        """By what was summarised, the summaries that an edge no longer leads from: former versions hold its words."""
        if self._unlinked is None:
            self._unlinked = {}
            journal = schema.journal
            statement = self._scoped.select_in(journal, journal.c.detail).where(journal.c.op == Op.UNLINK)
            for row in self._scoped.rows(statement.where(journal.c.detail.contains(f'"{SUMMARISES}"'))):
                edge = load(row.detail)
                self._unlinked.setdefault(edge["target"], set()).add(edge["source"])
            there = {id for sources in self._unlinked.values() for id in sources}
            there = {str(id) for id in self._column(_memories, "id", there, "id")}
            self._unlinked = {target: sources & there for target, sources in self._unlinked.items()}
        return self._unlinked

    def _column(self, table: Table, where: str, values: Iterable[Any], wanted: str, *conditions: Any) -> set[Any]:
        found: set[Any] = set()
        for part in slices(sorted(set(values))):
            statement = self._selecting(table, where, wanted).where(*conditions)
            found.update(row[0] for row in self._scoped.connection.execute(statement.where(table.c[where].in_(part))))
        found.discard(None)
        return found

    def _selecting(self, table: Table, where: str, wanted: str) -> Select[Any]:
        column = table.c[wanted]
        if table is _sources:  # they carry no scope; the rows they are asked for were selected in this one
            return select(column)
        by_key = where in ("id", "row")
        return self._scoped.select_by_key(table, column) if by_key else self._scoped.select_in(table, column)

    def _all(self, table: Table, column: str) -> set[Any]:
        return {row[0] for row in self._scoped.rows(self._scoped.select_in(table, table.c[column]))}

    def _matching(self, condition: Any) -> set[int]:
        return {
            row.row for row in self._scoped.rows(self._scoped.select_in(_episodes, _episodes.c.row).where(condition))
        }

    def _count(self, table: Table, column: Any, values: Iterable[Any]) -> int:
        counted = self._scoped.select_by_key(table, func.count())
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


def strings_in(value: Any, *, keys: bool) -> Iterator[str]:
    """Every string in a value made of JSON's types; also the keys of its objects, where ``keys``."""
    match value:
        case str():
            yield value
        case Mapping():
            for key, part in value.items():
                if keys:
                    yield key
                yield from strings_in(part, keys=keys)
        case list() | tuple():
            for part in value:
                yield from strings_in(part, keys=keys)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
