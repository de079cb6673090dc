"""kill -9 at every statement and commit of something, and what must hold of the database that is left.

One child process forks once for each point of death, so that Python and the library are loaded only once.
"""

from __future__ import annotations

import json
import sqlite3
import textwrap
from datetime import timedelta
from typing import Any

from agentmem import AgentMemory
from agentmem.testing import FakeClock, FakeEmbedder

STEPS = """
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

# The driver's commit is between the event above and this:
commit = DefaultDialect.do_commit
def counted(self, connection):
    commit(self, connection)
    step()
DefaultDialect.do_commit = counted
"""

_FORK_AT_EVERY_POINT = """
import json, shutil
from pathlib import Path

prepare()
folder = Path(database).parent
for n in range(0, 1_000_000, EVERY):
    copy = folder / f"{n}.db"
    shutil.copy(database, copy)
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        database = str(copy)
        store = begin()
        steps["left"] = n
        done = act(store)
        steps["left"] = None
        os.write(write, b"done" if done else b"left")
        die()
    os.close(write)
    os.waitpid(pid, 0)
    finished = os.read(read, 10) == b"done"
    os.close(read)
    print(json.dumps({"copy": str(copy), "finished": finished}), flush=True)
    if finished:
        break
"""


def outcomes(child, code: str, *, every: int = 1) -> list[dict[str, Any]]:
    """Let processes die at one point after the other, until one lives to the end.

    Args:
        child: the fixture of that name.
        code: defines ``prepare()``, which makes the database; ``begin()``, which opens a copy of it and returns the
            store; and ``act(store)``, which does what the process dies of, and returns whether all is done.
        every: die at every so many points only.

    Returns:
        For each death ``copy``, the path of what it left, and ``finished``, true for the last one only.
    """
    _status, output = child.run(f"{textwrap.dedent(code)}\nEVERY = {every}\n{STEPS}{_FORK_AT_EVERY_POINT}")
    found = [json.loads(line) for line in output.splitlines()]
    assert len(found) > 10 and found[-1]["finished"] and not any(one["finished"] for one in found[:-1])
    return found


def check_invariants(path) -> None:
    """What must hold in any database, whatever happened."""
    with sqlite3.connect(path) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
    raw.close()
    with AgentMemory.open(path, embedder="none") as store:
        assert store.check() == ()


def reopened(path, *, after: timedelta = timedelta(minutes=5), **arguments: Any) -> AgentMemory:
    """The database as the next process finds it, when the lease of the dead has run out."""
    clock = FakeClock()
    clock.advance(after)
    return AgentMemory.open(path, embedder=FakeEmbedder(), clock=clock, **arguments)
