"""A policy of forgetting at work: soft first, restorable, journalled, and destroyed only after a grace period."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agentmem import AgentMemory, Forgetting
from agentmem.errors import CannotUndo, InvalidInput, NotFound
from agentmem.testing import FakeEmbedder

AT_ONCE = timedelta(0)


@pytest.fixture
def opened(database, clock):
    """Open the database with a policy."""
    stores = []

    def open_with(recipe="texts", **policy):
        policy.setdefault("min_age", AT_ONCE)
        store = AgentMemory.open(
            database, embedder=FakeEmbedder(), clock=clock, recipe=recipe, forgetting=Forgetting(**policy)
        )
        stores.append(store)
        return store.scope("ana")

    yield open_with
    for store in stores:
        store.close()


def add(handle, count, **more):
    words = "apple brick cloud daisy eagle flute grape horse igloo jelly".split()
    texts = [f"Ana keeps {words[i % 10]} number {i} in drawer {i * 7}." for i in range(count)]
    return [handle.add(text, speaker="Ana", session="s", ref=f"r{i}", **more).ids[0] for i, text in enumerate(texts)]


def states(handle, state):
    return {memory.id for memory in handle.list(state=state, limit=1000)}


def report(consolidation):
    return dict(consolidation.built[-1].changed)


def test_without_a_policy_nothing_is_ever_retired(database, clock):
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe="texts") as store:
        handle = store.scope("ana")
        ids = add(handle, 3)
        handle.expires_at(ids[0], clock() + timedelta(days=1))
        clock.advance(days=4000)
        assert handle.consolidate().built == ()
        assert states(handle, "retired") == set()


def test_what_is_over_capacity_is_retired_and_can_be_had_back(opened, clock):
    handle = opened(max_memories=10)
    ids = add(handle, 15)
    handle.pin(ids[0])
    dry = handle.consolidate(dry_run=True)
    assert report(dry) == {"over capacity": 5} and states(handle, "retired") == set()
    done = handle.consolidate()
    retired = states(handle, "retired")
    assert report(done) == {"over capacity": 5} and len(retired) == 5 and ids[0] not in retired
    assert {handle.history(id)[-1].changes[-1].reason for id in retired} == {"over capacity"}
    assert not retired & {hit.id for hit in handle.retrieve("What does Ana keep?", k=15)}
    handle.undo(done.run)
    assert states(handle, "retired") == set()
    assert len(states(handle, "active")) == 15


def test_a_run_never_takes_more_than_its_share(opened):
    handle = opened(max_memories=10)
    add(handle, 60)
    stopped = handle.consolidate()
    assert stopped.run is None and "max_retired" in stopped.built[-1].stopped
    assert states(handle, "retired") == set()
    assert report(handle.consolidate(max_retired=1.0)) == {"over capacity": 50}


def test_a_share_is_a_share(opened):
    with pytest.raises(InvalidInput, match="max_retired"):
        opened(max_memories=10).consolidate(max_retired=20)


def test_capacity_in_bytes(opened):
    handle = opened(max_bytes=2_000)
    add(handle, 8)
    handle.consolidate()
    kept = handle.list(limit=100)
    assert 0 < sum(len(memory.text) + 64 * 4 for memory in kept) <= 2_000


def test_expired_memories_are_retired_and_purged_after_their_grace(opened, clock, database):
    handle = opened(expire=True, grace=timedelta(days=10))
    ids = add(handle, 3)
    handle.expires_at(ids[1], clock() + timedelta(days=1))
    clock.advance(days=2)
    done = handle.consolidate()
    assert report(done) == {"expired": 1} and states(handle, "retired") == {ids[1]}
    clock.advance(days=9)
    assert report(handle.consolidate()) == {}
    clock.advance(days=2)
    assert report(handle.consolidate()) == {"purged": 1}
    with pytest.raises(NotFound):
        handle.get(ids[1])
    assert handle.stats().episodes == 2
    with pytest.raises(CannotUndo):
        handle.undo(done.run)


def test_what_was_restored_is_not_purged(opened, clock):
    handle = opened(decay="ebbinghaus", grace=timedelta(days=10))
    ids = add(handle, 2)
    clock.advance(days=60)
    assert report(handle.consolidate()) == {"faded": 2}
    handle.restore(ids[0])
    clock.advance(days=11)
    assert report(handle.consolidate()) == {"purged": 1}
    assert states(handle, "active") == {ids[0]}


def test_what_a_person_retired_is_never_purged(opened, clock):
    handle = opened(decay="ebbinghaus", grace=timedelta(days=1))
    ids = add(handle, 2)
    handle.retire(ids[0])
    clock.advance(days=60)
    handle.consolidate()
    clock.advance(days=60)
    handle.consolidate()
    assert states(handle, "retired") == {ids[0]}


def test_what_is_used_stays(opened, clock):
    handle = opened(decay="ebbinghaus")
    ids = add(handle, 3)
    for _ in range(4):
        clock.advance(days=7)
        assert handle.retrieve("Ana keeps apple number 0 in drawer 0.", k=1)[0].id == ids[0]
    handle.consolidate()
    assert states(handle, "active") == {ids[0]}
    kept = handle.get(ids[0])
    assert kept.uses == 4 and kept.used_at == clock()


def test_feedback_decides_what_has_room(opened, clock):
    handle = opened(max_memories=3)
    ids = add(handle, 4)
    for id in ids[:3]:
        assert handle.feedback(id, useful=True).strength > 1
    handle.feedback(handle.retrieve("Ana keeps daisy number 3 in drawer 21.", k=1)[0], useful=False)
    handle.consolidate()
    assert states(handle, "retired") == {ids[3]}
    with pytest.raises(NotFound):
        handle.feedback("mem_nobody", useful=True)


def test_purging_a_fact_leaves_its_turn_and_purging_a_turn_takes_its_facts(opened, clock):
    handle = opened(recipe="facts", decay="ebbinghaus", grace=timedelta(days=10))
    turn = handle.add("I moved to the old harbour of Ostia in spring.", speaker="Ana", session="s").ids[0]
    handle.pin(turn)
    handle.consolidate()
    fact = handle.list(kinds=["fact"])[0]
    clock.advance(days=60)
    assert report(handle.consolidate()) == {"faded": 1}
    clock.advance(days=11)
    assert report(handle.consolidate()) == {"purged": 1}
    assert handle.get(turn).text and handle.stats().episodes == 1
    with pytest.raises(NotFound):
        handle.get(fact.id)
    handle.pin(turn, pinned=False)
    handle.consolidate()
    clock.advance(days=11)
    handle.consolidate()
    assert handle.stats().episodes == 0


def test_uses_are_written_when_the_store_is_closed(database, clock):
    policy = Forgetting(decay="ebbinghaus")
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe="texts", forgetting=policy) as store:
        id = add(store.scope("ana"), 1)[0]
        store.scope("ana").retrieve("apple")
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe="texts") as store:
        assert store.scope("ana").get(id).uses == 1
        store.scope("ana").retrieve("apple")
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe="texts") as store:
        assert store.scope("ana").get(id).uses == 1  # nobody asked for it to be counted


def test_many_uses_are_written_without_waiting_for_the_end(opened, monkeypatch):
    monkeypatch.setattr("agentmem.engine.uses.MOST_WAITING", 2)
    handle = opened(decay="ebbinghaus")
    ids = add(handle, 2)
    handle.retrieve("Ana keeps apple number 0 in drawer 0.", k=1)
    assert handle.get(ids[0]).uses == 0
    handle.retrieve("Ana keeps apple number 0 in drawer 0.", k=2)
    assert (handle.get(ids[0]).uses, handle.get(ids[1]).uses) == (2, 1)


def test_strength_and_uses_move_with_an_export(opened, clock, tmp_path):
    handle = opened(decay="ebbinghaus")
    id = add(handle, 1)[0]
    handle.feedback(id, useful=True)
    handle.retrieve("apple")
    handle.consolidate()
    handle.export(tmp_path / "out.jsonl")
    with AgentMemory.open(tmp_path / "other.db", embedder=FakeEmbedder(), clock=clock) as other:
        other.scope("b").import_(tmp_path / "out.jsonl")
        moved = other.scope("b").get(id)
    assert (moved.uses, moved.strength, moved.used_at) == (1, 1.5, clock())


def test_what_is_added_for_a_time_is_found_so_long_and_so_is_what_is_made_of_it(opened, clock):
    handle = opened(recipe="mixed", expire=True)
    handle.add("I moved to the old harbour of Ostia in spring.", speaker="Ana", session="s", ttl=timedelta(days=3))
    handle.consolidate()
    kinds = ["chunk", "fact", "summary", "triple"]
    assert {memory.kind for memory in handle.list(kinds=kinds)} >= {"chunk", "fact", "summary"}
    clock.advance(days=4)
    assert handle.retrieve("Where did Ana move?") == [] and list(handle.list()) == []
    assert report(handle.consolidate())["expired"] == 2


@pytest.mark.parametrize("ttl", [timedelta(0), 3, timedelta(days=-1)])
def test_a_time_to_live_is_a_duration(opened, ttl):
    with pytest.raises(InvalidInput, match="ttl"):
        opened(expire=True).add("x", ttl=ttl)
