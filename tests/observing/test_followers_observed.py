"""Followers of the journal tell how far they were behind, how much they took in, and what they could not do."""

from __future__ import annotations

import pytest

from agentmem import AgentMemory
from agentmem.engine.units import MOST_TRIES
from agentmem.errors import LLMRefused
from agentmem.testing import BrokenEmbedder, FakeEmbedder, ScriptedChat


def lag_and_rows(span):
    return span.attributes["agentmem.follower.lag"], span.attributes["agentmem.follower.rows"]


def test_indexes_tell_how_far_they_were_behind(opened, watched):
    memory = opened().scope("a")
    memory.add(["one otter", "two otters", "three otters"])
    memory.retrieve("otter")
    mirror, vectors = watched.one("agentmem.follow mirror"), watched.one("agentmem.follow index")
    assert watched.parent(mirror) == watched.parent(vectors) == "agentmem.retrieve"
    with_vectors, rows = lag_and_rows(vectors)
    assert rows == 3 and lag_and_rows(mirror) == (with_vectors, 3)
    # Three episodes, three memories, and one entry for their vectors are seven rows at least.
    assert with_vectors >= 7
    memory.retrieve("otter")
    assert len(watched.named("agentmem.follow mirror")) == 1, "there was nothing to catch up with"
    assert ({"agentmem.follower": "mirror"}, 3, 1) in watched.metric("agentmem.follower.rows")
    assert ({"agentmem.follower": "index"}, with_vectors, 1) in watched.metric("agentmem.follower.lag")


def test_the_embedder_catches_up_with_what_failed_before(opened, watched, clock):
    embedder = BrokenEmbedder(BrokenEmbedder.raise_timeout)
    memory = opened(embedder=embedder).scope("a")
    memory.add(["one otter", "two otters"])
    embedder.mode = None
    clock.advance(seconds=30)
    watched.clear()
    memory.retrieve("otter")
    caught = watched.one("agentmem.follow vectors")
    assert lag_and_rows(caught)[1] == 2 and watched.parent(caught) == "agentmem.retrieve"
    assert watched.parent(watched.named("embeddings fake:64")[0]) == "agentmem.follow vectors"


def test_the_graph_is_a_follower_too(opened, watched):
    memory = opened(recipe="hipporag2").scope("a")
    memory.add("Ana's sister Rita has a bakery in Porto.", speaker="Ana")
    memory.consolidate()
    assert memory.graph().number_of_nodes()
    follower = watched.one("agentmem.follow graph")
    assert watched.parent(follower) == "agentmem.graph" and lag_and_rows(follower)[1] >= 1
    memory.graph()
    assert len(watched.named("agentmem.follow graph")) == 1


def test_a_structure_tells_what_it_did_and_what_waits(opened, watched, chat):
    memory = opened(recipe="facts", llm=chat).scope("a")
    memory.add("I moved to Lisbon.", speaker="Ana", session="s1")
    memory.consolidate()
    span = watched.one("agentmem.follow extract:fact")
    assert span.attributes["agentmem.follower.rows"] == 1 and span.attributes["agentmem.follower.waiting"] == 0
    assert span.attributes["agentmem.follower.lag"] >= 2 and span.attributes["agentmem.stopped"] is False
    assert ({"agentmem.follower": "extract:fact"}, 0, 1) in watched.metric("agentmem.follower.waiting")


def test_what_fails_too_often_is_counted_as_dead(opened, watched, clock):
    chat = ScriptedChat({"extract": LLMRefused("gustavo")})
    memory = opened(recipe="facts", llm=chat).scope("a")
    memory.add("I moved to Lisbon.", session="s1")
    for _ in range(MOST_TRIES):
        memory.consolidate()
        clock.advance(days=2)
    assert watched.metric("agentmem.dead_letters") == [({"agentmem.follower": "extract:fact"}, 1, 1)]
    assert watched.metric("agentmem.failures") == [
        ({"agentmem.follower": "extract:fact", "error.type": "LLMRefused"}, MOST_TRIES, 1)
    ]
    (waiting,) = [one for one in memory.waiting() if one.follower == "extract:fact"]
    assert waiting.dead == 1 and watched.named("agentmem.waiting")[-1].attributes["agentmem.dead"] == 1


def test_each_turn_of_a_worker_is_a_trace_of_its_own(opened, watched, chat):
    store = opened(recipe="facts", llm=chat)
    for name in "ab":
        store.scope(name).add("I moved to Lisbon.", speaker="Ana", session="s1")
    watched.clear()
    with watched.tracer.start_as_current_span("the service"):
        store.work(jobs=2)
    turns = watched.named("agentmem.turn")
    assert len(turns) >= 2 and all(turn.parent is None for turn in turns)
    assert len({turn.context.trace_id for turn in turns}) == len(turns)
    assert len({turn.attributes["agentmem.scope"] for turn in turns}) == 2
    exchanges = watched.named("chat gpt-test")
    assert {watched.parent(span) for span in exchanges} == {"agentmem.follow extract:fact"}
    assert {watched.parent(span) for span in watched.named("agentmem.follow extract:fact")} == {"agentmem.turn"}
    assert sum(turn.attributes["agentmem.units"] for turn in turns) == 2
    assert sum(count for _labels, _sum, count in watched.metric("agentmem.turn.duration")) == len(turns)


def test_a_defect_of_a_structure_is_counted_by_its_type(opened, watched):
    def broken(_request):
        raise ZeroDivisionError("gustavo")

    store = opened(recipe="facts", llm=ScriptedChat({"extract": broken}))
    store.scope("a").add("I moved to Lisbon.", session="s1")
    assert store.work().broken == 1
    failures = [labels for labels, _sum, _count in watched.metric("agentmem.failures")]
    assert failures == [{"agentmem.follower": "extract:fact", "error.type": "ZeroDivisionError"}]
    assert "gustavo" not in watched.exported()


def test_a_turn_that_an_error_ended_has_it(opened, watched, monkeypatch):
    store = opened(recipe="facts")
    store.scope("a").add("I moved to Lisbon.", session="s1")

    def break_down(*_arguments):
        raise ZeroDivisionError("gustavo")

    monkeypatch.setattr("agentmem.engine.building.claim", break_down)
    assert store.work().broken == 1
    assert watched.named("agentmem.turn")[0].attributes["error.type"] == "ZeroDivisionError"
    assert "gustavo" not in watched.exported()


@pytest.mark.parametrize("observer", [None, "log"])
def test_followers_do_the_same_whoever_watches(database, clock, observer):
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, observer=observer) as store:
        memory = store.scope("a")
        memory.add(["one otter", "two beavers"])
        assert [hit.text for hit in memory.retrieve("beaver", k=1)] == ["two beavers"]
