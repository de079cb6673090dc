"""Every rule that a database must keep is reported when it is broken by hand, and nothing is said of a sound one."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from agentmem import AgentMemory, Document, Message, Scope
from agentmem.ids import EDGE, EPISODE, MEMORY, RUN, new_id
from agentmem.operations import Add, Link, Mark, Record, Retire, Revise, Run, Unlink
from agentmem.protocols import Cursor, Deferred
from agentmem.store.audit import audit, audit_run
from agentmem.store.invariants import INVARIANTS
from agentmem.testing import FakeEmbedder
from agentmem.types import Edge, Episode, EpisodeKind, Memory, Source


@pytest.fixture
def told(store, handle, clock):
    """A database with something of everything: two scopes, versions, a retired memory, a summary, work for later."""
    ids = handle.add([Message(f"otter {n}\x00!", session="s", ref=f"r{n}") for n in range(4)]).ids
    store.scope("other").add("walrus")
    handle.update(ids[0], text="seal")
    handle.update(ids[0], metadata={"a": 1})
    handle.retire(ids[1])
    summary = replace(handle.get(ids[2]), id=new_id(MEMORY), kind="summary", text="gist", sources=())
    edge = Edge(new_id(EDGE), "summarises", summary.id, ids[2])
    with store.parts.store.write(handle.scope) as writer:
        writer.apply(Run(new_id(RUN), {"verb": "test"}), [Add(summary), Link(edge)])
        writer.defer("structure:x", [Deferred(1)])
        writer.set_cursor("structure:x", Cursor(writer.head()))
        writer.keep_reply(b"k" * 32, "reply")
    return handle


@pytest.fixture
def broken(store, database):
    """Runs SQL behind the library's back; returns what is said then."""

    def run(*statements):
        with sqlite3.connect(database) as raw:
            for statement in statements:
                assert raw.execute(statement).rowcount > 0, statement
        raw.close()
        return store.check()

    return run


ROW = "(SELECT max(row) FROM memories WHERE kind = 'chunk')"
SCOPED = ("episodes", "memories", "edges", "vectors", "journal", "runs", "cursors", "deferred", "replies")
BREAKING = [
    *((f"rows of {table} in a scope that is not there", f"UPDATE {table} SET scope_id = 99") for table in SCOPED),
    ("memories whose versions are not numbered", "UPDATE memories SET version = 7 WHERE version = 2"),
    ("memories whose versions are not numbered", "UPDATE memories SET version = 2 WHERE kind = 'summary'"),
    ("memories whose versions are not numbered", "UPDATE memories SET superseded_at = NULL"),
    ("memories whose versions are not numbered", "UPDATE memories SET superseded_at = 5 WHERE kind = 'summary'"),
    (
        "memories whose versions are not numbered",
        "UPDATE memories SET superseded_at = CASE version WHEN 1 THEN NULL ELSE 5 END WHERE kind = 'chunk'",
    ),
    ("memories with versions in several scopes", "UPDATE memories SET scope_id = 2 WHERE version = 2"),
    ("memory versions that no journal entry opened", "UPDATE journal SET op = 'mark' WHERE op = 'add'"),
    ("memory versions that no journal entry opened", "UPDATE journal SET subject = 'mem_x' WHERE op = 'revise'"),
    ("episodes that no journal entry recorded", "UPDATE journal SET op = 'mark' WHERE op = 'record'"),
    ("memories made of nothing", f"DELETE FROM sources WHERE memory_row = {ROW}"),
    ("memories made of nothing", "DELETE FROM edges"),
    ("sources of memory versions that are not there", f"DELETE FROM memories WHERE row = {ROW}"),
    ("memory versions with a source that is not there", "DELETE FROM episodes WHERE ref = 'r3'"),
    ("memory versions with a source that is not there", "UPDATE episodes SET scope_id = 2 WHERE ref = 'r3'"),
    ("edges to or from a memory that is not there", "UPDATE edges SET source = 'mem_x'"),
    ("edges to or from a memory that is not there", "UPDATE edges SET target = 'mem_x'"),
    (
        "edges to or from a memory that is not there",
        "UPDATE edges SET target = (SELECT id FROM memories WHERE scope_id = 2)",
    ),
    ("vectors of memory versions that are not there", f"DELETE FROM memories WHERE row = {ROW}"),
    ("vectors of memory versions that are not there", "UPDATE vectors SET scope_id = 3 - scope_id"),
    ("journal entries without the entry before them", "DELETE FROM journal WHERE seq = 5"),
    ("journal entries without the entry before them", "DELETE FROM journal WHERE seq = 1"),
    ("journal entries of a run that is not there", "DELETE FROM runs WHERE cause LIKE '%retire%'"),
    ("journal entries of a run that is not there", "UPDATE runs SET scope_id = 3 - scope_id"),
    ("retired memory versions that no journal entry retired", "UPDATE journal SET op = 'mark' WHERE op = 'retire'"),
    ("retired memory versions that no journal entry retired", "UPDATE journal SET detail = '{}' WHERE op = 'revise'"),
    ("retired memory versions that no journal entry retired", "UPDATE memories SET state = 'retired'"),
    ("deferred work on episodes or memories that are not there", "UPDATE deferred SET row = 99"),
    ("followers that are ahead of the journal", "UPDATE cursors SET position = 99"),
    ("memory versions with a source span outside its episode", 'UPDATE sources SET "end" = 999'),
    ("memory versions with a source span outside its episode", "UPDATE sources SET start = -1"),
    ("memory versions with a source span outside its episode", 'UPDATE sources SET start = "end"'),
]


def test_nothing_is_said_of_a_sound_database(told, store):
    assert store.check() == audit(store.parts.store) == audit(store.parts.store, told.scope) == ()


def test_an_empty_database_is_sound(store):
    assert store.check() == ()
    assert audit(store.parts.store, Scope("nobody")) == ()


@pytest.mark.parametrize(("rule", "statement"), BREAKING)
def test_every_broken_rule_is_told(told, broken, rule, statement):
    said = [words for words in broken(statement) if words.startswith(rule)]
    assert len(said) == 1, broken
    assert "otter" not in said[0] and "seal" not in said[0]


def test_every_rule_is_broken_by_some_test():
    untold = [rule.broken for rule in INVARIANTS if not any(rule.broken.startswith(words) for words, _sql in BREAKING)]
    assert untold == ["rows of tombstones in a scope that is not there"]


def test_a_forgotten_refs_scope_is_looked_at_too(told, broken):
    told.forget(session="s")
    (said,) = broken("UPDATE tombstones SET scope_id = 99")
    assert said == "rows of tombstones in a scope that is not there: 99"


def test_the_first_offenders_are_named_and_the_others_counted(store, handle, broken):
    ids = sorted(handle.add([f"otter {n}" for n in range(25)]).ids)
    (said,) = broken("DELETE FROM sources")
    assert said.endswith(f"{', '.join(ids[:10])} and 15 more")


def test_one_scope_is_not_blamed_for_another(told, store, broken):
    other = Scope("other")
    broken("DELETE FROM sources WHERE memory_row IN (SELECT row FROM memories WHERE scope_id = 2)")
    assert len(audit(store.parts.store, other)) == 1 and audit(store.parts.store, told.scope) == ()


def test_what_a_text_holds_after_a_nul_counts(store, handle):
    handle.add(Document("\x00 otters " * 40))
    assert store.check() == ()


@pytest.fixture
def check_run(store, handle):
    """Applies operations, and then SQL, in one transaction that is rolled back; returns what is said of the run."""

    def run(operations, *statements):
        made = Run(new_id(RUN), {"verb": "test"})
        with store.parts.store.write(handle.scope) as writer, writer.connection.begin_nested() as attempt:
            writer.apply(made, operations)
            for statement in statements:
                assert writer.connection.exec_driver_sql(statement).rowcount > 0
            said = audit_run(writer.connection, writer.scope_id, made.id)
            attempt.rollback()
        return said

    return run


def proposals(handle, ids):
    """Operations of every sort."""
    episode = Episode(new_id(EPISODE), EpisodeKind.TURN, "new", handle.get(ids[0]).at, handle.get(ids[0]).at)
    memory = Memory(new_id(MEMORY), 1, "fact", "new", episode.at, episode.at, None, episode.at)
    old = handle.get(ids[3])
    return [
        Record(episode),
        Add(replace(memory, sources=(Source(episode.id, 0, 3),))),
        Revise(replace(old, version=old.version + 1, text="otter 9"), expected=old.version),
        Retire(ids[2]),
        Mark(ids[0], True, None),
        Link(Edge(new_id(EDGE), "next", ids[0], ids[3])),
    ]


def test_nothing_is_said_of_a_sound_run(told, check_run):
    ids = [memory.id for memory in told.list(kinds=["chunk"], state=None)]
    assert check_run(proposals(told, ids)) == ()
    assert check_run([]) == ()


@pytest.mark.parametrize(
    ("rule", "statement"),
    [
        ("memories whose versions are not numbered", "UPDATE memories SET superseded_at = 5 WHERE text = 'otter 9'"),
        ("memories with versions in several scopes", "UPDATE memories SET scope_id = 2 WHERE text = 'otter 9'"),
        ("memory versions that no journal entry opened", "UPDATE journal SET subject = 'mem_x' WHERE op = 'revise'"),
        ("episodes that no journal entry recorded", "UPDATE journal SET subject = 'epi_x' WHERE op = 'record'"),
        (
            "memories made of nothing",
            "DELETE FROM sources WHERE memory_row = (SELECT row FROM memories WHERE kind = 'fact')",
        ),
        ("memory versions with a source that is not there", "UPDATE episodes SET scope_id = 2 WHERE text = 'new'"),
        ("edges to or from a memory that is not there", "UPDATE edges SET target = 'mem_x' WHERE kind = 'next'"),
        (
            "journal entries without the entry before them",
            "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal) - 1",
        ),
        ("journal entries of a run that is not there", "DELETE FROM runs WHERE cause LIKE '%test%'"),
        ("retired memory versions that no journal entry", "UPDATE journal SET op = 'mark' WHERE op = 'retire'"),
        ("followers that are ahead of the journal", "UPDATE cursors SET position = 999"),
        ("memory versions with a source span outside", 'UPDATE sources SET "end" = 999'),
    ],
)
def test_what_a_run_broke_is_told_before_it_is_committed(told, check_run, rule, statement):
    ids = [memory.id for memory in told.list(kinds=["chunk"], state=None)]
    assert any(words.startswith(rule) for words in check_run(proposals(told, ids), statement))


def test_every_rule_that_a_run_can_break_is_looked_at():
    assert sum(rule.of_run() is not None for rule in INVARIANTS) == 11  # and the spans


def test_a_summary_that_loses_its_last_edge_is_told(told, check_run, store):
    (summary,) = told.list(kinds=["summary"])
    with store.parts.store.read(told.scope) as reader:
        (edge,) = reader.edges(summary.id)
    (said,) = check_run([Unlink(edge)])
    assert said.startswith("memories made of nothing") and said.endswith(summary.id)
    assert check_run([Unlink(edge), Retire(summary.id)]) == (said,)  # what is retired can be restored
    assert check_run([Retire(summary.id)]) == ()


def test_what_was_broken_before_is_not_the_runs_fault(told, broken, check_run):
    broken(f"DELETE FROM sources WHERE memory_row = {ROW}")
    ids = [memory.id for memory in told.list(kinds=["chunk"], state=None)]
    assert check_run([Mark(ids[0], True, None)]) == ()


def test_a_database_in_memory_can_be_checked(clock):
    with AgentMemory.open(":memory:", embedder=FakeEmbedder(), clock=clock) as store:
        store.scope("a").add("otter")
        assert store.check() == ()
