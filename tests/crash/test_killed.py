"""kill -9 at every statement and commit: the old state or the new one, and what a receipt promised is there.

One child process forks once for each point of death, so that Python and the library are loaded only once.
"""

from __future__ import annotations

import json
import sqlite3
import textwrap
from datetime import timedelta
from pathlib import Path

import pytest

from agentmem import AgentMemory
from agentmem.errors import NotFound
from agentmem.testing import FakeClock, FakeEmbedder

FORK_AT_EVERY_POINT = """
    import json, shutil
    from pathlib import Path
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    steps = {"left": None}

    def step(*_arguments):
        if steps["left"] is not None:
            steps["left"] -= 1
            if steps["left"] < 0:
                die()

    for name in ("before_cursor_execute", "commit"):
        event.listen(Engine, name, step)

    # The driver's commit is between the event above and this:
    from sqlalchemy.engine.default import DefaultDialect
    commit = DefaultDialect.do_commit
    def counted(self, connection):
        commit(self, connection)
        step()
    DefaultDialect.do_commit = counted

    def prepare(store):
        handle = store.scope("a")
        handle.add([Message(f"otter {i}", session="s", ref=f"r{i}") for i in range(4)])
        handle.add(Message("doomed walrus", session="gone", ref="gone", speaker="Zoe"))
        handle.retrieve("otter")

    def verb(store):
        handle = store.scope("a")
        if KIND == "add":
            receipt = handle.add([Message(f"new seal {i}", session="s", ref=f"n{i}") for i in range(3)])
            assert receipt.pending == ()
        elif KIND == "update":
            (memory,) = [m for m in handle.list() if m.text == "otter 1"]
            handle.update(memory.id, text="new seal")
        elif KIND == "undo":
            (memory,) = [m for m in handle.list() if m.text == "otter 1"]
            handle.undo(handle.history(memory.id)[0].changes[0].run)
        else:
            handle.forget(session="gone")

    with opened() as store:
        prepare(store)
    folder = Path(database).parent
    for n in range(10_000):
        copy = folder / f"{n}.db"
        shutil.copy(database, copy)
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            database = str(copy)
            store = opened()
            steps["left"] = n
            verb(store)
            steps["left"] = None
            os.write(write, b"done")
            die()
        os.close(write)
        os.waitpid(pid, 0)
        finished = os.read(read, 10) == b"done"
        os.close(read)
        print(json.dumps({"copy": str(copy), "finished": finished}), flush=True)
        if finished:
            break
"""


def outcomes(child, kind):
    _status, output = child.run(f"KIND = {kind!r}\n" + textwrap.dedent(FORK_AT_EVERY_POINT))
    found = [json.loads(line) for line in output.splitlines()]
    assert len(found) > 10 and found[-1]["finished"] and not any(one["finished"] for one in found[:-1])
    return found


def check_invariants(path):
    """What must hold in any database, whatever happened."""
    with sqlite3.connect(path) as raw:
        one = lambda sql: raw.execute(sql).fetchall()  # noqa: E731
        assert one("PRAGMA integrity_check") == [("ok",)] and one("PRAGMA foreign_key_check") == []
        assert one("SELECT id FROM memories GROUP BY id HAVING sum(superseded_at IS NULL) != 1") == []
        assert one("SELECT row FROM memories WHERE row NOT IN (SELECT seq FROM journal)") == []
        assert one("SELECT row FROM memories WHERE row NOT IN (SELECT memory_row FROM sources)") == []
        assert one("SELECT memory_row FROM vectors WHERE memory_row NOT IN (SELECT row FROM memories)") == []
        assert one("SELECT seq FROM journal WHERE run != 'embed' AND run NOT IN (SELECT id FROM runs)") == []
        assert one("SELECT count(*), max(seq) FROM journal")[0][0] == one("SELECT max(seq) FROM journal")[0][0]
    raw.close()


def reopened(path):
    clock = FakeClock()
    clock.advance(timedelta(minutes=5))  # the lease of the dead has run out
    return AgentMemory.open(path, embedder=FakeEmbedder(), clock=clock)


@pytest.mark.parametrize("kind", ["add", "update", "undo"])
@pytest.mark.timeout(120)
def test_a_change_that_was_killed_anywhere_is_there_or_not_there(child, kind):
    before, after = {
        "add": (5, 8),
        "update": (0, 1),
        "undo": (5, 1),
    }[kind]
    states = set()
    for outcome in outcomes(child, kind):
        check_invariants(outcome["copy"])
        with reopened(outcome["copy"]) as store:
            handle = store.scope("a")
            texts = [memory.text for memory in handle.list()]
            count = texts.count("new seal") if kind == "update" else len(texts)
            assert count in (before, after), outcome
            assert count == after or not outcome["finished"]
            states.add(count)
            handle.retrieve("anything")
            assert handle.stats().pending_vectors == 0
    assert states == {before, after}


@pytest.mark.timeout(120)
def test_a_forget_that_was_killed_anywhere_happened_wholly_or_not_at_all(child):
    states = set()
    for outcome in outcomes(child, "forget"):
        check_invariants(outcome["copy"])
        with reopened(outcome["copy"]) as store:
            handle = store.scope("a")
            texts = {memory.text for memory in handle.list()}
            gone = "doomed walrus" not in texts
            assert gone or not outcome["finished"]
            states.add(gone)
            assert {hit.text for hit in handle.retrieve("otter walrus", k=10)} == texts
            if gone:
                assert handle.stats().episodes == 4
                assert store.compact() is True
                content = Path(outcome["copy"]).read_bytes()
                assert b"walrus" not in content and b"Zoe" not in content
            else:
                assert handle.forget(session="gone").memories == 1
    assert states == {True, False}


def test_what_a_receipt_named_survives_the_death_of_the_process(child, database):
    _status, output = child.run(
        """
        store = opened()
        for i in range(5):
            receipt = store.scope("a").add(f"otter {i}")
            print(receipt.ids[0], flush=True)
        die()
        """
    )
    ids = output.split()
    assert len(ids) == 5
    with reopened(database) as store:
        assert [store.scope("a").get(id).text for id in ids] == [f"otter {i}" for i in range(5)]


def test_a_stream_that_was_killed_goes_on_where_it_stopped_without_doubles(child, database):
    status, output = child.run(
        """
        def stream():
            for i in range(100):
                if i == 57:
                    die()
                yield f"otter {i}"
        opened().scope("a").add(stream(), ref="s", batch_size=10, progress=lambda p: print(p.done, flush=True))
        """
    )
    assert status == -9 and output.split()[-1] == "50"
    with reopened(database) as store:
        handle = store.scope("a")
        assert handle.stats().episodes == 50
        receipt = handle.add((f"otter {i}" for i in range(100)), ref="s")
        assert receipt.duplicates == 50 and handle.stats().episodes == 100 and handle.stats().pending_vectors == 0


def test_a_process_killed_while_embedding_leaves_texts_found_by_words_and_vectors_for_the_next(child, database):
    child.run(
        """
        class Dying(FakeEmbedder):
            def embed_documents(self, texts):
                die()
        opened(embedder=Dying()).scope("a").add(["otters swim", "cats sleep"])
        """
    )
    clock = FakeClock()
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock) as store:
        handle = store.scope("a")
        assert handle.retrieve("otters")[0].text == "otters swim"
        assert handle.add("dogs bark").pending in ((), ("vectors",))
        clock.advance(minutes=2)
        handle.retrieve("otters")
        assert handle.stats().pending_vectors == 0


def test_a_process_killed_while_reindexing_leaves_the_old_model_serving(child, database):
    child.run(
        """
        class Dying(FakeEmbedder):
            def embed_documents(self, texts):
                if "bark" in "".join(texts):
                    die()
                return super().embed_documents(texts)
        store = opened()
        store.scope("a").add("otters swim")
        store.scope("b").add("dogs bark")
        store.reindex(Dying(32))
        """
    )
    with reopened(database) as store:
        assert store.scope("a").retrieve("otters")[0].signals["dense"] > 0
        assert store.reindex(FakeEmbedder(32)) == 1  # the other one was made before
        assert store.scope("b").retrieve("dogs")[0].text == "dogs bark"


def test_a_killed_import_leaves_nothing(child, database, tmp_path):
    child.run(
        f"""
        from agentmem.store import sqlite
        store = opened()
        store.scope("a").add([f"otter {{i}}" for i in range(20)])
        store.scope("a").export({str(tmp_path / "x")!r})
        import sqlalchemy
        other = AgentMemory.open(database + ".other", embedder=FakeEmbedder(), clock=FakeClock())
        sqlalchemy.event.listen(other.parts.store._engine, "commit", lambda _c: die())
        other.scope("a").import_({str(tmp_path / "x")!r})
        """
    )
    with AgentMemory.open(f"{database}.other", embedder=FakeEmbedder()) as store:
        assert store.scopes() == ()
        assert store.scope("a").import_(tmp_path / "x").episodes == 20
        with pytest.raises(NotFound):
            store.scope("b").get("mem_0")
