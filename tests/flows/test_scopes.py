"""Whose memory it is: scopes never see each other, however their names look, and there may be many."""

from __future__ import annotations

import pytest

from agentmem import AgentMemory, Scope
from agentmem.errors import InvalidInput, NotFound, StoreClosed
from agentmem.testing import FakeEmbedder

LOOKALIKES = [
    ("a",),
    ("a", "b"),
    ("a/b",),
    ("a%2Fb",),
    ("A",),
    ("a ",),
    ("\u00e9",),
    ("e\u0301",),
    ("a", "b", "c"),
    ("%",),
    ("..",),
    ("a_",),
    ("\U0001f9a6",),
]


def test_names_that_look_alike_are_different_scopes(store):
    for names in LOOKALIKES:
        store.scope(*names).add(f"otter of {names!r}")
    for names in LOOKALIKES:
        handle = store.scope(*names)
        assert [hit.text for hit in handle.retrieve("otter", k=50)] == [f"otter of {names!r}"]
        assert [memory.text for memory in handle.list()] == [f"otter of {names!r}"]
        assert handle.stats().episodes == 1
    assert set(store.scopes()) == {Scope(*names) for names in LOOKALIKES}


def test_no_verb_reaches_a_memory_of_another_scope(store):
    mine, theirs = store.scope("a"), store.scope("b")
    theirs.add("their own")
    receipt = mine.add("otter", ref="r")
    (id,) = receipt.ids
    before = mine.history(id)
    calls = [
        lambda: theirs.get(id),
        lambda: theirs.history(id),
        lambda: theirs.episode(receipt.episodes[0]),
        lambda: theirs.update(id, text="stolen"),
        lambda: theirs.retire(id),
        lambda: theirs.restore(id),
        lambda: theirs.pin(id),
        lambda: theirs.expires_at(id, None),
        lambda: theirs.undo(receipt.run),
        lambda: theirs.forget(ids=[id]),
        lambda: theirs.forget(ids=[receipt.episodes[0]]),
    ]
    for call in calls:
        with pytest.raises(NotFound):
            call()
    theirs.forget(everything=True)
    assert mine.history(id) == before and len(mine.retrieve("otter")) == 1


def test_a_handle_that_reads_another_scope_still_changes_only_its_own(store):
    mine, team = store.scope("a"), store.scope("b")
    (id,) = team.add("the team's otter").ids
    both = mine.reading(team.scope)
    assert [hit.id for hit in both.retrieve("otter")] == [id]
    for verb in (both.get, both.retire, both.history, lambda one: both.forget(ids=[one])):
        with pytest.raises(NotFound):
            verb(id)
    both.forget(session="x", about="otter")
    assert team.get(id)


@pytest.mark.parametrize(
    "names", [(), ("",), ("a", ""), ("a\x00",), ("a\n",), ("\ud800",), (7,), (None,), ("x" * 201,), (b"a",)]
)
def test_names_that_cannot_name_a_scope_are_refused(store, names):
    with pytest.raises(InvalidInput):
        store.scope(*names)
    with pytest.raises(InvalidInput):
        Scope(*names)


def test_a_scope_can_be_named_by_parts_or_whole(store):
    assert store.scope(Scope("a", "b")).scope == store.scope("a", "b").scope == store.scope(Scope("a"), "b").scope


def test_every_path_leads_back_to_its_scope():
    for names in LOOKALIKES:
        assert Scope.from_path(Scope(*names).path) == Scope(*names)
    assert len({Scope(*names).path for names in LOOKALIKES}) == len(LOOKALIKES)


def test_a_thousand_scopes_live_side_by_side(database, store, clock):
    with AgentMemory.open(database, embedder="none", clock=clock) as writer:  # quicker, and vectors come when asked for
        for i in range(1_000):
            writer.scope("tenant", f"user-{i}").add(f"otter number {i}")
    assert len(store.scopes()) == 1_000
    for i in range(0, 1_000, 50):
        assert [hit.text for hit in store.scope("tenant", f"user-{i}").retrieve("otter")] == [f"otter number {i}"]


def test_a_database_in_memory_has_every_verb_and_leaves_no_file(tmp_path, monkeypatch, clock):
    monkeypatch.chdir(tmp_path)
    with AgentMemory.open(":memory:", embedder=FakeEmbedder(), clock=clock) as store:
        handle = store.scope("a")
        receipt = handle.add(["otter one", "otter two"], ref="r", progress=lambda _: handle.stats())
        handle.update(receipt.ids[0], text="otter three")
        assert {hit.text for hit in handle.retrieve("otter")} == {"otter three", "otter two"}
        handle.undo(handle.history(receipt.ids[0])[-1].changes[0].run)
        assert handle.forget(ids=[receipt.ids[1]]).compacted
        assert handle.stats().bytes_on_disk == 0
        handle.reading(Scope("b")).retrieve("otter")
        assert store.reindex(FakeEmbedder(32)) > 0
        assert [hit.text for hit in handle.retrieve("otter")] == ["otter one"]
    assert list(tmp_path.iterdir()) == []


def test_two_databases_in_memory_share_nothing(clock):
    with (
        AgentMemory.open(":memory:", embedder=FakeEmbedder(), clock=clock) as one,
        AgentMemory.open(":memory:", embedder=FakeEmbedder(), clock=clock) as two,
    ):
        one.scope("a").add("otter")
        assert two.scopes() == () and two.scope("a").retrieve("otter") == []


def test_every_verb_of_a_closed_store_says_that_it_is_closed(store, handle, tmp_path):
    (id,) = handle.add("otter").ids
    store.close()
    store.close()
    calls = [
        lambda: handle.add("x"),
        lambda: handle.retrieve("x"),
        lambda: handle.context("x"),
        lambda: handle.get(id),
        handle.list,
        lambda: handle.history(id),
        lambda: handle.episode("epi_0"),
        lambda: handle.update(id, text="x"),
        lambda: handle.retire(id),
        lambda: handle.restore(id),
        lambda: handle.pin(id),
        lambda: handle.expires_at(id, None),
        lambda: handle.undo("run_0"),
        lambda: handle.forget(everything=True),
        lambda: handle.export(tmp_path / "x"),
        handle.stats,
        store.scopes,
        store.compact,
        lambda: store.reindex(FakeEmbedder(32)),
    ]
    for call in calls:
        with pytest.raises(StoreClosed):
            call()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["memory.db"]
