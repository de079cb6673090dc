"""Records that dumping.py wrote become rows of a scope again, under new journal numbers.

What was forgotten in the scope stays so: its refs have tombstones, and the journal knows by their identifiers the
episodes and memories that are gone.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from sqlite3 import IntegrityError
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table

from agentmem.clock import to_micros
from agentmem.errors import InvalidInput, StoreError
from agentmem.ids import RUN
from agentmem.kinds import SUMMARISES
from agentmem.operations import Op
from agentmem.store import schema
from agentmem.store.bulk import insert_rows
from agentmem.store.dumping import EDGE, EPISODE, MEMORY, TIMES, Record
from agentmem.store.followed import FOLLOWER, load_followers
from agentmem.store.rows import digest_of, dump
from agentmem.store.scoped import slices
from agentmem.types import EpisodeKind, State

if TYPE_CHECKING:
    from agentmem.store.writing import ScopeWriter

_BATCH = 1_000


class Loading:
    """One import, inside a write transaction. What is there already is left alone; what was forgotten is refused."""

    def __init__(self, writer: ScopeWriter) -> None:
        self._writer = writer
        self._seq = writer.next_seq()
        self._episode_rows: dict[str, int] = {}
        self._opened: dict[tuple[str, int], Record] = {}
        self._inserts: dict[Table, list[Record]] = defaultdict(list)
        self._left_out: set[str] = set()
        self._refused: set[str] = set()
        self._runs: dict[str, str] = {}  # new names for runs
        self.counts = {"episodes": 0, "memories": 0, "edges": 0, "present": 0, "refused": 0}

    def load(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Insert every record that is new.

        Raises:
            InvalidInput: a record of an unknown type, or one that refers to something the file does not hold.
        """
        by_type: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for record in records:
            by_type[str(record.get("type"))].append(record)
        try:
            self._load(by_type)
        except StoreError as error:
            if not isinstance(error.__cause__, IntegrityError):
                raise
            raise InvalidInput(
                "Some of these memories are in another scope of this database already, and identifiers are "
                "unique in a database. Import the file into another database. Nothing was imported."
            ) from error
        except (KeyError, IndexError, TypeError, AttributeError, ValueError, OverflowError) as error:
            if isinstance(error, InvalidInput):
                raise
            raise InvalidInput(
                f"A record of the file lacks something, or holds what does not belong there "
                f"({type(error).__name__}: {error}). Nothing was imported."
            ) from error

    def _load(self, by_type: Mapping[str, list[Mapping[str, Any]]]) -> None:
        if unknown := set(by_type) - {"run", "episode", "memory", "edge", "change", FOLLOWER}:
            raise InvalidInput(f"This is no export of agentmem's: unknown record types {', '.join(sorted(unknown))}.")
        self._select_episodes(by_type["episode"])
        removed = [{"id": c["subject"], **c["detail"]} for c in by_type["change"] if c["op"] == Op.UNLINK]
        edges = [*by_type["edge"], *removed]
        memories = self._select_memories(by_type["memory"], edges)
        self._leave_out_corrections(by_type["episode"])
        self._leave_out_edges(edges)
        self._open_runs(by_type["run"])
        episodes = {record["id"]: record for record in by_type["episode"] if record["id"] not in self._left_out}
        for change in by_type["change"]:
            self._change(change, episodes, memories)
        self._edges(by_type["edge"])
        self._flush()
        load_followers(self._writer, by_type[FOLLOWER], self._episode_rows)

    def _select_episodes(self, records: list[Mapping[str, Any]]) -> None:
        refs = [record["ref"] for record in records if record.get("ref") is not None]
        if wrong := [ref for ref in refs if not isinstance(ref, str)]:
            raise ValueError(f"a ref cannot be {wrong[0]!r:.40}")
        forgotten = set(self._writer.tombstoned(refs))
        gone = self._gone(schema.episodes, records, Op.RECORD)
        taken = self._writer.find_refs(refs)
        fresh = {record["id"] for record in self._new(schema.episodes, records, "id")}
        for record in records:
            if record.get("ref") in forgotten or record["id"] in gone:
                self.counts["refused"] += 1
                self._refused.add(record["id"])
                self._left_out.add(record["id"])
            elif record["id"] not in fresh or record.get("ref") in taken:
                self.counts["present"] += 1
                self._left_out.add(record["id"])

    def _select_memories(
        self, records: list[Mapping[str, Any]], edges: list[Mapping[str, Any]]
    ) -> dict[tuple[str, int], Mapping[str, Any]]:
        present = {record["id"] for record in records} - {r["id"] for r in self._new(schema.memories, records, "id")}
        gone = self._gone(schema.memories, records, Op.ADD)
        without_source = {
            record["id"] for record in records if any(s["episode"] in self._left_out for s in record["sources"])
        }
        self._refused |= gone | {
            record["id"] for record in records if any(s["episode"] in self._refused for s in record["sources"])
        }
        self._left_out |= gone | present | without_source
        self._leave_out_summaries(edges)
        return {(r["id"], r["version"]): r for r in records if r["id"] not in self._left_out}

    def _leave_out_summaries(self, edges: list[Mapping[str, Any]]) -> None:
        """Summaries of what is left out, at any height: they would hold its words, and no longer go with it."""
        above: dict[str, list[str]] = defaultdict(list)
        for edge in edges:
            if edge["kind"] == SUMMARISES:
                above[edge["target"]].append(edge["source"])
        for marked in (self._left_out, self._refused):
            waiting = list(marked)
            while waiting:
                parents = [parent for parent in above.get(waiting.pop(), ()) if parent not in marked]
                marked.update(parents)
                waiting += parents

    def _leave_out_corrections(self, records: list[Mapping[str, Any]]) -> None:
        """The rewordings of memories that are left out: of a forgotten one, nothing comes back."""
        for record in records:
            if record["id"] not in self._left_out and record.get("corrects") in self._left_out:
                self.counts["refused" if record["corrects"] in self._refused else "present"] += 1
                self._left_out.add(record["id"])

    def _leave_out_edges(self, records: list[Mapping[str, Any]]) -> None:
        """Edges, also former ones, that touch a memory that is left out, and those that were imported before."""
        ends = {edge["id"]: (edge["source"], edge["target"]) for edge in records}
        self._left_out |= {id for id, pair in ends.items() if self._left_out.intersection(pair)}
        journal = schema.journal
        statement = self._writer.select_in(journal, journal.c.subject).where(journal.c.op.in_((Op.LINK, Op.UNLINK)))
        self._left_out |= {row.subject for row in self._writer.rows(statement)}

    def _gone(self, table: Table, records: list[Mapping[str, Any]], opened: Op) -> set[str]:
        """The identifiers of those that were here once and were forgotten: a journal entry opened them, that is all."""
        missing = [record["id"] for record in self._new(table, records, "id") if isinstance(record["id"], str)]
        journal = schema.journal
        found: set[str] = set()
        for part in slices(missing):
            statement = self._writer.select_in(journal, journal.c.subject).where(journal.c.subject.in_(part))
            found.update(row.subject for row in self._writer.rows(statement.where(journal.c.op == opened)))
        return found

    def _open_runs(self, records: list[Mapping[str, Any]]) -> None:
        """Insert the runs that are new. One that another scope of this database knows gets another name here.

        That other scope may hold nothing any more: what is forgotten leaves its runs in the journal.
        """
        ids = [record["id"] for record in records if isinstance(record["id"], str)]
        taken = self._writer.runs_elsewhere(ids)
        self._runs = {id: _named_anew(id, self._writer.path) for id in taken}
        renamed: list[Mapping[str, Any]] = [{**record, "id": self._run(record["id"])} for record in records]
        for run in self._new(schema.runs, renamed, "id"):
            cause = {name: self._run(value) if name == "of" else value for name, value in run["cause"].items()}
            self._inserts[schema.runs].append(
                {
                    "id": run["id"],
                    "scope_id": self._writer.scope_id,
                    "at": _micros(run["at"]),
                    "cause": json.dumps(cause, sort_keys=True),
                    "usage": json.dumps(run["usage"]),
                    "undone_by": self._run(run["undone_by"]),
                }
            )

    def _run(self, id: Any) -> Any:
        return self._runs.get(id, id)

    def _new(self, table: Table, records: list[Mapping[str, Any]], key: str) -> list[Mapping[str, Any]]:
        present = {row[0] for row in self._writer.rows(self._writer.select_in(table, table.c[key]))}
        return [record for record in records if record[key] not in present]

    def _change(
        self,
        change: Mapping[str, Any],
        episodes: Mapping[str, Mapping[str, Any]],
        memories: Mapping[tuple[str, int], Mapping[str, Any]],
    ) -> None:
        subject, version = change["subject"], change["version"]
        if subject in self._left_out:
            return
        row = None
        if change["op"] == Op.RECORD:
            self._open_episode(episodes[subject])
        elif change["op"] in (Op.ADD, Op.REVISE):
            row = self._seq
            self._open_memory(memories[(subject, version)])
        elif version is not None:
            row = self._opened[(subject, version)]["row"]
            self._opened[(subject, version)]["seq"] = self._seq
        if change["op"] == Op.REVISE:
            self._opened[(subject, version - 1)]["seq"] = self._seq
        entry = self._writer.entry(
            self._seq, self._run(change["run"]), Op(change["op"]), subject, row, _micros(change["at"]), change["detail"]
        )
        self._inserts[schema.journal].append(entry)
        self._seq += 1

    def _open_episode(self, record: Mapping[str, Any]) -> None:
        columns = {name: record.get(name) for name in EPISODE}
        self._episode_rows[record["id"]] = self._seq
        self.counts["episodes"] += 1
        self._inserts[schema.episodes].append(
            {**self._stored(columns), "row": self._seq, "scope_id": self._writer.scope_id, "digest": digest_of(columns)}
        )

    def _open_memory(self, record: Mapping[str, Any]) -> None:
        sources = record["sources"]
        if missing := [s["episode"] for s in sources if s["episode"] not in self._episode_rows]:
            raise InvalidInput(f"Memory {record['id']} names a source the file does not hold: {missing[0]}.")
        row = {
            **self._stored({name: record.get(name) for name in MEMORY}),
            "row": self._seq,
            "seq": self._seq,
            "scope_id": self._writer.scope_id,
            "position": min((self._episode_rows[s["episode"]] for s in sources), default=self._seq),
            "start": sources[0]["start"] if sources else 0,
        }
        self._opened[(record["id"], record["version"])] = row
        self._inserts[schema.memories].append(row)
        self.counts["memories"] += record["version"] == 1
        self._inserts[schema.sources] += [
            {
                "memory_row": self._seq,
                "episode_row": self._episode_rows[s["episode"]],
                "start": s["start"],
                "end": s["end"],
            }
            for s in sources
        ]

    def _edges(self, records: list[Mapping[str, Any]]) -> None:
        for record in self._new(schema.edges, records, "id"):
            if record["id"] not in self._left_out:
                self.counts["edges"] += 1
                row = {**{name: record[name] for name in EDGE}, "scope_id": self._writer.scope_id, "seq": self._seq}
                self._inserts[schema.edges].append(row)

    def _stored(self, columns: Record) -> Record:
        return {
            name: _micros(value)
            if name in TIMES and value is not None
            else dump(value or {})
            if name == "metadata"
            else value
            for name, value in columns.items()
        }

    def _flush(self) -> None:
        order = (schema.runs, schema.episodes, schema.memories, schema.sources, schema.edges, schema.journal)
        for table in order:
            rows = self._inserts[table]
            _check(table, rows)
            for start in range(0, len(rows), _BATCH):
                insert_rows(self._writer.connection, table, rows[start : start + _BATCH])


def _check(table: Table, rows: list[Record]) -> None:
    """Refuse what the columns cannot hold, or what nobody could read back."""
    for row in rows:
        for name, value in row.items():
            column = table.c[name]
            expected = column.type.python_type
            fits = isinstance(value, (int, float) if expected is float else expected)
            if not fits and not (value is None and column.nullable):
                raise ValueError(f"{table.name}.{name} cannot be {value!r:.40}")
        if table is schema.episodes:
            EpisodeKind(row["kind"])
        elif table is schema.memories:
            State(row["state"])


def _named_anew(run: str, path: str) -> str:
    """The same name each time, so that what is imported twice is known again."""
    return RUN + hashlib.blake2b(f"{path}\x00{run}".encode(), digest_size=13).hexdigest()


def _micros(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return to_micros(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
