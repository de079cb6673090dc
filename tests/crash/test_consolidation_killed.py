"""kill -9 in the middle of ``consolidate``, and several processes at it at once: nothing is lost, or built twice."""

from __future__ import annotations

import json
import sqlite3
import sys
import textwrap
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from agentmem import AgentMemory
from agentmem.testing import FakeClock, FakeEmbedder

KINDS = ["fact", "triple", "entity", "summary"]
WORLD = f"sys.path.insert(0, {str(Path(__file__).parents[1] / 'flows')!r})\n" + textwrap.dedent(
    """
    from small_world import CONVERSATION, DOCUMENTS, calls, scripted

    def open_with(chat, **arguments):
        return opened(recipe="mixed", llm=chat, **arguments)
    """
)

FORK_AT_EVERY_POINT = """
    import json, shutil
    from pathlib import Path
    from sqlalchemy import event
    from sqlalchemy.engine import Engine
    from sqlalchemy.engine.default import DefaultDialect

    steps = {"left": None}

    def step(*_arguments):
        if steps["left"] is not None:
            steps["left"] -= 1
            if steps["left"] < 0:
                die()

    for name in ("before_cursor_execute", "commit"):
        event.listen(Engine, name, step)
    commit = DefaultDialect.do_commit
    def counted(self, connection):
        commit(self, connection)
        step()
    DefaultDialect.do_commit = counted

    with open_with(scripted()) as store:
        store.scope("a").add([*CONVERSATION[1:4], DOCUMENTS[0]])
    folder = Path(database).parent
    n = 0
    while True:
        copy = folder / f"{n}.db"
        shutil.copy(database, copy)
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            database = str(copy)
            store = open_with(scripted() if MODEL else None)
            steps["left"] = n
            done = store.scope("a").consolidate()
            steps["left"] = None
            os.write(write, b"done" if done.done else b"left")
            die()
        os.close(write)
        os.waitpid(pid, 0)
        finished = os.read(read, 10) == b"done"
        os.close(read)
        print(json.dumps({"copy": str(copy), "finished": finished}), flush=True)
        if finished:
            break
        n += 3
"""


def memories(handle):
    found = []
    for kind in KINDS:
        page = handle.list(kinds=[kind], state=None, limit=1000)
        found += [(memory.kind, memory.text) for memory in page]
    return Counter(found)


def check_invariants(path):
    with sqlite3.connect(path) as raw:
        one = lambda sql: raw.execute(sql).fetchall()  # noqa: E731
        assert one("PRAGMA integrity_check") == [("ok",)] and one("PRAGMA foreign_key_check") == []
        assert one("SELECT row FROM memories WHERE row NOT IN (SELECT seq FROM journal)") == []
        assert one("SELECT row FROM memories WHERE row NOT IN (SELECT memory_row FROM sources)") == []
        assert one("SELECT memory_row FROM vectors WHERE memory_row NOT IN (SELECT row FROM memories)") == []
        assert one("SELECT seq FROM journal WHERE run != 'embed' AND run NOT IN (SELECT id FROM runs)") == []
    raw.close()


@pytest.mark.parametrize("model", [False, True], ids=["rules", "model"])
@pytest.mark.timeout(300)
def test_killed_anywhere_the_next_consolidation_does_exactly_the_rest(child, model):
    sys.path.insert(0, str(Path(__file__).parents[1] / "flows"))
    from small_world import scripted

    _status, output = child.run(f"{WORLD}\nMODEL = {model}\n" + textwrap.dedent(FORK_AT_EVERY_POINT))
    found = [json.loads(line) for line in output.splitlines()]
    assert len(found) > 10 and found[-1]["finished"]
    wanted = None
    for one in reversed(found):
        clock = FakeClock()
        clock.advance(timedelta(minutes=20))  # the lease of the dead has run out
        check_invariants(one["copy"])
        with AgentMemory.open(
            one["copy"], embedder=FakeEmbedder(), clock=clock, recipe="mixed", llm=scripted() if model else None
        ) as store:
            handle = store.scope("a")
            done = handle.consolidate()
            assert done.done and not done.failures
            built = memories(handle)
            wanted = built if wanted is None else wanted
            assert built == wanted
            assert handle.stats().pending_vectors == 0
            assert handle.retrieve("Luis", recipe="facts") and handle.retrieve("Luis", recipe="hipporag2")
            assert handle.consolidate().run is None
        check_invariants(one["copy"])


def test_while_the_lease_of_the_dead_runs_others_wait_and_then_go_on(child, database):
    sys.path.insert(0, str(Path(__file__).parents[1] / "flows"))
    from small_world import scripted

    status, _output = child.run(
        WORLD
        + textwrap.dedent(
            """
            store = open_with(scripted(extract=lambda request: die()))
            store.scope("a").add(CONVERSATION)
            store.scope("a").consolidate()
            """
        )
    )
    assert status == -9
    clock = FakeClock()
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe="mixed", llm=scripted()) as store:
        handle = store.scope("a")
        waiting = handle.consolidate()
        assert waiting.built[0].stopped == "another process is at it" and not memories(handle)
        assert not waiting.done
        clock.advance(minutes=11)
        assert handle.consolidate().done and sum(memories(handle).values())


@pytest.mark.timeout(120)
def test_several_processes_at_once_build_each_unit_once(child, database):
    sys.path.insert(0, str(Path(__file__).parents[1] / "flows"))
    from small_world import said, scripted

    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=FakeClock()) as store:
        store.scope("a").add([said(f"I have {n} cats named Tom{n}.", "Ana", f"s{n}") for n in range(40)])
    code = WORLD + textwrap.dedent(
        """
        chat = scripted()
        with open_with(chat) as store:
            for _ in range(20):
                store.scope("a").consolidate()
        print(calls(chat))
        """
    )
    children = [child.start(code) for _ in range(3)]
    outputs = [process.communicate(timeout=100) for process in children]
    assert [process.returncode for process in children] == [0, 0, 0], outputs
    assert sum(int(output) for output, _errors in outputs) == 40
    with AgentMemory.open(
        database, embedder=FakeEmbedder(), clock=FakeClock(), recipe="mixed", llm=scripted()
    ) as store:
        handle = store.scope("a")
        assert handle.consolidate().done
        built = memories(handle)
        assert set(built.values()) == {1} and sum(kind == "fact" for kind, _text in built) == 40
