"""No change of a few memories walks through a scope: SQLite finds by key what every statement names.

The plans are those for a database without statistics, as every one of this library's is.
"""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from agentmem import AgentMemory, Message
from agentmem.ids import EDGE, RUN, new_id
from agentmem.kinds import ABSORBS, SUPERSEDES
from agentmem.operations import Close, Link, Retire, Run, Unlink
from agentmem.testing import FakeEmbedder
from agentmem.types import Edge

AT = datetime(2025, 5, 1, tzinfo=UTC)
WALK = re.compile(r"SCAN (memories|episodes|journal|edges|vectors|sources|runs)\b|\(scope_id=\?( AND follower=\?)?\)$")
ENDS = ("ORDER BY journal.seq DESC LIMIT",)
"""The last entry is found where the walk begins."""
FORGETTING = (
    *ENDS,
    "journal.detail LIKE",  # edges that were removed: once for each forget, over the entries alone
    "DELETE FROM replies",  # all go, whoever said what
    'FROM "deferred"',  # what waits is little
    "UPDATE cursors",
)
UNDOING = (*ENDS, "runs.undone_by IS NOT NULL")
NO_TOMBSTONE = "FROM tombstones"  # whether there is any, one is read


@pytest.fixture
def spy(database, clock):
    """The database, two trees high, and the statements that are sent while something is done."""
    with AgentMemory.open(
        database, embedder=FakeEmbedder(), clock=clock, recipe="memtree", views=["bare", "spoken"]
    ) as store:
        handle = store.scope("acme")
        handle.add([Message(f"The cat {n} sleeps.", session=f"s{n % 5}", at=AT, ref=f"r{n}") for n in range(60)])
        handle.consolidate()
        yield Spy(store, handle, database)


class Spy:
    def __init__(self, store, handle, database):
        self.store, self.handle, self.database = store, handle, database
        self.seen: set[str] = set()
        self.chunks = list(handle.list(kinds=["chunk"], limit=20))
        engine = store.parts.store._engine
        event.listen(engine, "checkout", lambda dbapi, _record, _proxy: dbapi.set_trace_callback(self.see))

    def see(self, sql):
        self.seen.add(" ".join(sql.split()))

    def write(self, *operations):
        with self.store.parts.store.write(self.handle.scope) as writer:
            writer.apply(Run(new_id(RUN), {"verb": "test"}), operations)

    def walks(self, do, known=ENDS):
        """The statements sent by something that pass through a whole scope, but for those that are known to."""
        self.seen.clear()
        do()
        assert self.seen
        connection = sqlite3.connect(self.database)
        found = [
            (sql, line)
            for sql in sorted(self.seen)
            if sql.startswith(("SELECT", "UPDATE", "DELETE", "WITH")) and not any(words in sql for words in known)
            for *_numbers, line in connection.execute(f"EXPLAIN QUERY PLAN {sql}")
            if WALK.search(line)
        ]
        connection.close()
        return found


def test_a_walk_would_be_seen(spy):
    assert spy.walks(spy.handle.stats)
    assert spy.walks(lambda: spy.handle.forget(ids=[spy.chunks[0].id], compact=False))


def test_changes_of_one_memory(spy):
    handle, (a, b, c, *_rest) = spy.handle, spy.chunks
    known = (*ENDS, NO_TOMBSTONE)
    for change in (
        lambda: handle.retire(a.id),
        lambda: handle.restore(a.id),
        lambda: handle.pin(b.id),
        lambda: handle.expires_at(b.id, None),
        lambda: handle.feedback(b.id, useful=True),
        lambda: handle.update(c.id, text="The dog sleeps."),
        lambda: handle.add(Message("The otter sleeps.", session="s1", at=AT, ref="new")),
        lambda: handle.get(a.id),
        lambda: handle.history(c.id),
    ):
        assert spy.walks(change, known) == []


def test_operations_on_edges_and_usage(spy):
    a, b, c, d, *_rest = spy.chunks
    edge = Edge(new_id(EDGE), "x", a.id, b.id)

    def change():
        spy.write(Link(edge), Link(Edge(new_id(EDGE), "x", a.id, b.id, 0.5)), Unlink(edge))
        spy.write(Link(Edge(new_id(EDGE), ABSORBS, a.id, c.id)), Retire(c.id))
        spy.write(Link(Edge(new_id(EDGE), SUPERSEDES, a.id, d.id)), Close(d.id, d.at))
        with spy.store.parts.store.write(spy.handle.scope) as writer:
            writer.use({a.id: 2, b.id: 1}, writer.clock())
            writer.strengthen(a.id, 2.0)
            writer.settle("structure:x", range(200))

    assert spy.walks(change) == []


def test_undoing(spy):
    receipt = spy.handle.add(Message("The otter sleeps.", session="s1", at=AT))
    changed = spy.handle.update(spy.chunks[0].id, text="The dog sleeps.")
    rewording = spy.handle.history(changed.id)[-1].changes[0].run
    assert spy.walks(lambda: spy.handle.undo(receipt.run), UNDOING) == []
    assert spy.walks(lambda: spy.handle.undo(rewording), UNDOING) == []


@pytest.mark.parametrize("dry_run", [True, False])
def test_forgetting(spy, dry_run):
    a, b, c, d, e, *_rest = spy.chunks
    spy.handle.update(e.id, text="The dog sleeps.")
    spy.write(Link(Edge(new_id(EDGE), ABSORBS, a.id, b.id)), Retire(b.id))
    spy.write(Link(Edge(new_id(EDGE), SUPERSEDES, c.id, d.id)), Close(d.id, d.at))
    for selection in ({"ids": [e.id]}, {"session": "s4"}, {"ids": [a.id, c.id]}):
        assert spy.walks(lambda s=selection: spy.handle.forget(**s, dry_run=dry_run, compact=False), FORGETTING) == []


def test_taking_up_new_work(spy):
    """What waits for a structure is found from its cursor on, however long the scope and the database are."""
    with spy.store.parts.store.read(spy.handle.scope) as reader:
        head = reader.head()
        spy.handle.add(Message("The otter sleeps.", session="s1", at=AT))
    with spy.store.parts.store.read(spy.handle.scope) as reader:

        def look():
            assert len(reader.episodes_after(head, 9)) == 1
            assert len(reader.memories_after(head, ["chunk"])) == 1

        assert spy.walks(look) == []


def test_catching_up(spy):
    """What was written since is taken in, with the sources of what was derived, and nothing else is read again."""
    handle = spy.handle
    handle.retrieve("Where does the cat sleep?")
    handle.add([Message(f"The otter {n} swims.", session="s9", at=AT) for n in range(5)])
    handle.consolidate()
    assert spy.walks(lambda: handle.retrieve("Where does the otter swim?")) == []


def test_sources_of_what_was_derived(spy):
    with spy.store.parts.store.read(spy.handle.scope) as reader:
        rows = [row for row, _memory in reader.current("memtree")]
        assert rows and spy.walks(lambda: reader.spans(rows)) == []
