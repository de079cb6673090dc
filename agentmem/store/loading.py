"""Records that dumping.py wrote become rows of a scope again, under new journal numbers.

sifting.py decides which of them do.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import UTC, datetime
from sqlite3 import IntegrityError
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table

from agentmem.clock import to_micros
from agentmem.errors import InvalidInput, StoreError
from agentmem.ids import RUN
from agentmem.operations import Op
from agentmem.protocols import Follower
from agentmem.store import schema
from agentmem.store.audit import audit
from agentmem.store.bulk import insert_rows
from agentmem.store.dumping import EDGE, EPISODE, MEMORY, TIMES, Record
from agentmem.store.followed import FOLLOWER, load_followers
from agentmem.store.rows import digest_of, dump
from agentmem.store.sifting import Given, Sifting, new_among
from agentmem.types import EpisodeKind, Scope, State

if TYPE_CHECKING:
    from agentmem.store.writing import ScopeWriter

_BATCH = 1_000


class Loading:
    """One import, inside a write transaction. What is there already is left alone; what was forgotten is refused."""

    def __init__(self, writer: ScopeWriter, followers: Sequence[Follower] = ()) -> None:
        self._writer = writer
        self._followers = followers
        self._sifting = Sifting(writer)
        self._seq = writer.next_seq()
        self._episode_rows: dict[str, int] = {}
        self._opened: dict[tuple[str, int], Record] = {}
        self._inserts: dict[Table, list[Record]] = defaultdict(list)
        self._runs: dict[str, str] = {}  # new names for runs
        self.counts = {"episodes": 0, "memories": 0, "edges": 0, "present": 0, "refused": 0}

    def load(self, records: Iterable[Given]) -> None:
        """Insert every record that is new.

        Raises:
            InvalidInput: a record of an unknown type, one that refers to something the file does not hold, or records
                with which the scope would be unsound.
        """
        by_type: dict[str, list[Given]] = defaultdict(list)
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

    def _load(self, by_type: Mapping[str, list[Given]]) -> None:
        if unknown := set(by_type) - {"run", "episode", "memory", "edge", "change", FOLLOWER}:
            raise InvalidInput(f"This is no export of agentmem's: unknown record types {', '.join(sorted(unknown))}.")
        sifting = self._sifting
        sifting.sift(by_type["episode"], by_type["memory"], by_type["change"], by_type["edge"])
        self.counts |= {"present": sifting.present, "refused": sifting.refused}
        self._open_runs(by_type["run"])
        episodes = {record["id"]: record for record in sifting.kept(by_type["episode"])}
        memories = {(record["id"], record["version"]): record for record in sifting.kept(by_type["memory"])}
        for change in by_type["change"]:
            self._change(change, episodes, memories)
        self._check_opened(episodes.keys(), memories.keys())
        self._edges(sifting.kept(by_type["edge"]))
        self._flush()
        opened = {id: row["row"] for (id, _version), row in self._opened.items()}
        load_followers(self._writer, by_type[FOLLOWER], self._followers, {**self._episode_rows, **opened})
        if broken := audit(self._writer.connection, Scope.from_path(self._writer.path)):
            raise InvalidInput(f"With this file the scope would be unsound: {broken[0]}. Nothing was imported.")

    def _open_runs(self, records: list[Given]) -> None:
        """Insert the runs that are new. One that another scope of this database knows gets another name here.

        That other scope may hold nothing any more: what is forgotten leaves its runs in the journal.
        """
        ids = [record["id"] for record in records if isinstance(record["id"], str)]
        taken = self._writer.runs_elsewhere(ids)
        self._runs = {id: _named_anew(id, self._writer.path) for id in taken}
        renamed: list[Given] = [{**record, "id": self._run(record["id"])} for record in records]
        for run in new_among(self._writer, schema.runs, renamed):
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

    def _change(self, change: Given, episodes: Mapping[str, Given], memories: Mapping[tuple[str, int], Given]) -> None:
        subject, version = change["subject"], change["version"]
        if subject in self._sifting.left_out:
            return
        if not isinstance(change["detail"], Mapping | None):
            raise ValueError(f"the detail of a change cannot be {change['detail']!r:.40}")
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

    def _check_opened(self, episodes: Set[str], memories: Set[tuple[str, int]]) -> None:
        """Nobody could reach what no change opened."""
        if missing := sorted(episodes - self._episode_rows.keys()):
            raise InvalidInput(f"No change in the file records episode {missing[0]}. Nothing was imported.")
        if lacking := sorted(memories - self._opened.keys()):
            id, version = lacking[0]
            raise InvalidInput(f"No change in the file opens version {version} of {id}. Nothing was imported.")

    def _open_episode(self, record: Given) -> None:
        columns = {name: record.get(name) for name in EPISODE}
        self._episode_rows[record["id"]] = self._seq
        self.counts["episodes"] += 1
        self._inserts[schema.episodes].append(
            {**self._stored(columns), "row": self._seq, "scope_id": self._writer.scope_id, "digest": digest_of(columns)}
        )

    def _open_memory(self, record: Given) -> None:
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

    def _edges(self, records: list[Given]) -> None:
        for record in new_among(self._writer, schema.edges, records):
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
