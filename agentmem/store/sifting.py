"""What of an import comes in: all but what is there already, what was forgotten here, and what hangs on either.

What was forgotten stays so: its refs have tombstones, and the journal knows by their identifiers the episodes and
memories that are gone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table

from agentmem.kinds import SUMMARISES
from agentmem.operations import Op
from agentmem.store import schema
from agentmem.store.scoped import slices

if TYPE_CHECKING:
    from agentmem.store.writing import ScopeWriter

Given = Mapping[str, Any]
"""A record as it came from a file."""


class Sifting:
    """One look at the records of an import. It writes nothing.

    Attributes:
        left_out: the identifiers of episodes, memories and edges, also former ones, that do not come in.
        present: how many episodes are there already, or belong to a memory that is.
        refused: how many episodes were forgotten here, or belong to a memory that was.
    """

    def __init__(self, writer: ScopeWriter) -> None:
        self._writer = writer
        self._barred: set[str] = set()  # on account of something forgotten
        self.left_out: set[str] = set()
        self.present = 0
        self.refused = 0

    def sift(self, episodes: list[Given], memories: list[Given], changes: list[Given], edges: list[Given]) -> None:
        """Decide on every record of a file.

        Raises:
            ValueError: a ref that is no text.
        """
        self._select_episodes(episodes)
        removed = [{"id": change["subject"], **change["detail"]} for change in changes if change["op"] == Op.UNLINK]
        ever = [*edges, *removed]
        self._select_memories(memories)
        self._leave_out_summaries(ever)
        self._leave_out_corrections(episodes)
        self._leave_out_edges(ever)

    def kept(self, records: list[Given]) -> list[Given]:
        """Those records that come in."""
        return [record for record in records if record["id"] not in self.left_out]

    def _select_episodes(self, records: list[Given]) -> None:
        refs = [record["ref"] for record in records if record.get("ref") is not None]
        if wrong := [ref for ref in refs if not isinstance(ref, str)]:
            raise ValueError(f"a ref cannot be {wrong[0]!r:.40}")
        forgotten = set(self._writer.tombstoned(refs))
        gone = self._gone(schema.episodes, records, Op.RECORD)
        taken = self._writer.find_refs(refs)
        fresh = {record["id"] for record in new_among(self._writer, schema.episodes, records)}
        for record in records:
            if record.get("ref") in forgotten or record["id"] in gone:
                self.refused += 1
                self._barred.add(record["id"])
                self.left_out.add(record["id"])
            elif record["id"] not in fresh or record.get("ref") in taken:
                self.present += 1
                self.left_out.add(record["id"])

    def _select_memories(self, records: list[Given]) -> None:
        present = {r["id"] for r in records} - {r["id"] for r in new_among(self._writer, schema.memories, records)}
        gone = self._gone(schema.memories, records, Op.ADD)
        without_source = {
            record["id"] for record in records if any(s["episode"] in self.left_out for s in record["sources"])
        }
        self._barred |= gone | {
            record["id"] for record in records if any(s["episode"] in self._barred for s in record["sources"])
        }
        self.left_out |= gone | present | without_source

    def _leave_out_summaries(self, edges: list[Given]) -> None:
        """Summaries of what is left out, at any height: they would hold its words, and no longer go with it."""
        above: dict[str, list[str]] = defaultdict(list)
        for edge in edges:
            if edge["kind"] == SUMMARISES:
                above[edge["target"]].append(edge["source"])
        for marked in (self.left_out, self._barred):
            waiting = list(marked)
            while waiting:
                parents = [parent for parent in above.get(waiting.pop(), ()) if parent not in marked]
                marked.update(parents)
                waiting += parents

    def _leave_out_corrections(self, records: list[Given]) -> None:
        """The rewordings of memories that are left out: of a forgotten one, nothing comes back."""
        for record in records:
            if record["id"] not in self.left_out and record.get("corrects") in self.left_out:
                if record["corrects"] in self._barred:
                    self.refused += 1
                else:
                    self.present += 1
                self.left_out.add(record["id"])

    def _leave_out_edges(self, records: list[Given]) -> None:
        """Edges, also former ones, that touch a memory that is left out, and those that were imported before."""
        ends = {edge["id"]: (edge["source"], edge["target"]) for edge in records}
        self.left_out |= {id for id, pair in ends.items() if self.left_out.intersection(pair)}
        journal = schema.journal
        statement = self._writer.select_in(journal, journal.c.subject).where(journal.c.op.in_((Op.LINK, Op.UNLINK)))
        self.left_out |= {row.subject for row in self._writer.rows(statement)}

    def _gone(self, table: Table, records: list[Given], opened: Op) -> set[str]:
        """The identifiers of those that were here once and were forgotten: a journal entry opened them, that is all."""
        missing = [r["id"] for r in new_among(self._writer, table, records) if isinstance(r["id"], str)]
        journal = schema.journal
        found: set[str] = set()
        for part in slices(missing):
            statement = self._writer.select_in(journal, journal.c.subject).where(journal.c.subject.in_(part))
            found.update(row.subject for row in self._writer.rows(statement.where(journal.c.op == opened)))
        return found


def new_among(writer: ScopeWriter, table: Table, records: list[Given]) -> list[Given]:
    """Those records whose identifiers the scope's rows of a table do not have."""
    present = {row[0] for row in writer.rows(writer.select_in(table, table.c.id))}
    return [record for record in records if record["id"] not in present]
