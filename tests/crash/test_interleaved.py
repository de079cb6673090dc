"""Adds, rewordings, consolidations, forgets and undos in any order, broken off anywhere: the database stays sound.

One process after the other takes up the same database, does some deeds and is killed at a random step.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from dying import STEPS, check_invariants

from agentmem import AgentMemory
from agentmem.testing import FakeClock, FakeEmbedder

LIVES = """
import json, random
from contextlib import suppress

PLACES = ("Rome", "Ghent", "Porto", "Oslo")
random.seed(SEED)
clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
told, forgotten = [], []

def deed(store, kind, number):
    handle = store.scope("a")
    chunks = list(handle.list(kinds=["chunk"], state=None, limit=1000))
    chosen = chunks[number % len(chunks)] if chunks else None
    if kind == "add" or chosen is None:
        word = f"zq{number}zq"
        text = f"I moved to {PLACES[number % 4]} with my cat {word}. My sister Clara works at the harbour."
        handle.add(Message(text, speaker=("Ana", "Ben")[number % 2], session=f"s{number % 5}"))
    elif kind == "update":
        handle.update(chosen.id, text=f"I moved to {PLACES[number % 4]} with my dog uq{number}uq.")
    elif kind == "consolidate":
        handle.consolidate(max_retired=1.0)
    elif kind == "forget":
        handle.forget(about=forgotten[-1])
    elif kind == "undo":
        run = handle.history(chosen.id)[-1].changes[-1].run
        with suppress(CannotUndo):
            handle.undo(run)
    else:
        handle.retire(chosen.id) if number % 2 else handle.restore(chosen.id)

KINDS = ["add"] * 4 + ["update", "consolidate", "consolidate", "consolidate", "forget", "undo", "retire"]
for life in range(LIVES):
    deeds = [(random.choice(KINDS), random.randrange(10**6)) for _ in range(5)]
    words = [f"zq{number}zq" for kind, number in deeds if kind == "add"]
    if any(kind == "forget" for kind, _number in deeds) and told:
        forgotten.append(told.pop(random.randrange(len(told))))
    else:
        deeds = [(kind, number) for kind, number in deeds if kind != "forget"]
    steps["left"] = random.randrange(900)
    pid = os.fork()
    if pid == 0:
        with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe=RECIPE) as store:
            for kind, number in deeds:
                deed(store, kind, number)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    steps["left"] = None
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, deeds
    told += words
    clock.advance(minutes=3)
    with AgentMemory.open(database, embedder="none", clock=clock) as store:
        assert store.check() == (), (life, deeds)
with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe=RECIPE) as store:
    for word in forgotten:  # of those that were cut short
        store.scope("a").forget(about=word, compact=False)
    store.compact()
    while not store.scope("a").consolidate(max_retired=1.0).done:
        pass
print(json.dumps({"forgotten": forgotten}))
"""


@pytest.mark.parametrize("recipe", ["default", "mixed", "memtree"])
def test_whatever_is_broken_off_the_database_stays_sound(child, database: Path, recipe: str) -> None:
    status, output = child.run(f"RECIPE = {recipe!r}\nSEED = 5\nLIVES = 15\n" + STEPS + LIVES)
    forgotten = json.loads(output)["forgotten"]
    assert status == 0 and forgotten
    check_invariants(database)
    for file in database.parent.glob(f"{database.name}*"):
        content = file.read_bytes()
        assert [word for word in forgotten if word.encode() in content] == [], file.name
    with sqlite3.connect(database) as raw:
        assert raw.execute("SELECT count(*) FROM memories").fetchone()[0] > 20
    raw.close()
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=FakeClock(), recipe=recipe) as store:
        assert store.scope("a").retrieve("Who moved?", k=50)
