"""kill -9 at every statement and commit: the old state or the new one, and what a receipt promised is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from dying import check_invariants, outcomes, reopened

from agentmem import AgentMemory
from agentmem.errors import NotFound
from agentmem.testing import FakeClock, FakeEmbedder

VERBS = """
def prepare():
    with opened() as store:
        handle = store.scope("a")
        handle.add([Message(f"otter {i}", session="s", ref=f"r{i}") for i in range(4)])
        handle.add(Message("doomed walrus", session="gone", ref="gone", speaker="Zoe"))
        handle.retrieve("otter")

begin = opened

def act(store):
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
    return True
"""


def deaths(child, kind):
    return outcomes(child, f"KIND = {kind!r}\n{VERBS}")


@pytest.mark.parametrize("kind", ["add", "update", "undo"])
@pytest.mark.timeout(120)
def test_a_change_that_was_killed_anywhere_is_there_or_not_there(child, kind):
    before, after = {
        "add": (5, 8),
        "update": (0, 1),
        "undo": (5, 1),
    }[kind]
    states = set()
    for outcome in deaths(child, kind):
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
    for outcome in deaths(child, "forget"):
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
