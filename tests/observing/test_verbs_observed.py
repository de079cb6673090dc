"""Every verb is a span, with what is done for it inside."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from opentelemetry.trace import SpanKind, StatusCode

from agentmem import AsyncAgentMemory, ScopeHandle
from agentmem.errors import InvalidInput, NotFound
from agentmem.testing import FakeEmbedder


def test_adding_is_a_span_with_the_embedding_inside(opened, watched):
    receipt = opened().scope("acme", "ana").add("I moved to Lisbon.")
    added, embedded = watched.one("agentmem.add"), watched.one("embeddings fake:64")
    assert watched.parent(embedded) == "agentmem.add" and added.parent is None
    assert added.attributes["agentmem.run"] == receipt.run
    assert (added.attributes["agentmem.episodes"], added.attributes["agentmem.memories"]) == (1, 1)
    assert embedded.kind is SpanKind.CLIENT and added.kind is SpanKind.INTERNAL
    assert dict(embedded.attributes) == {
        "gen_ai.operation.name": "embeddings",
        "gen_ai.provider.name": "_OTHER",
        "gen_ai.request.model": "fake:64",
        "agentmem.texts": 1,
    }
    assert watched.metric("agentmem.embedded.texts")[0][1] == 1


def test_asking_is_a_span_that_tells_how_much_was_found(opened, watched):
    memory = opened().scope("acme", "ana")
    memory.add("I moved to Lisbon.")
    hits = memory.retrieve("Where do I live?")
    span = watched.one("agentmem.retrieve")
    assert span.attributes["agentmem.hits"] == len(hits) == 1
    assert span.attributes["agentmem.recipe"] == "default"
    assert watched.metric("agentmem.hits") == [({"agentmem.verb": "retrieve"}, 1, 1)]
    block = memory.context("Where do I live?", tokens=200, recipe="texts")
    packed = watched.one("agentmem.context")
    assert packed.attributes["agentmem.tokens"] == block.tokens > 0
    assert packed.attributes["agentmem.recipe"] == "texts"
    assert watched.metric("agentmem.tokens") == [({"agentmem.verb": "context"}, block.tokens, 1)]
    assert {"verb": "context", "recipe": "texts"} in [
        {key.removeprefix("agentmem."): value for key, value in labels.items()}
        for labels, _sum, _count in watched.metric("agentmem.verb.duration")
    ]


def test_every_verb_is_a_span(opened, watched, tmp_path):
    store, elsewhere = opened(), opened(path=tmp_path / "other.db")
    memory = store.scope("a")
    (id,) = memory.add("Ana lives in Lisbon.").ids
    episode = memory.get(id).sources[0].episode
    memory.update(id, text="Ana lives in Porto.")
    calls = {
        "retrieve": lambda: memory.retrieve("Porto"),
        "context": lambda: memory.context("Porto"),
        "order": lambda: memory.order("Ana", "Porto"),
        "consolidate": memory.consolidate,
        "waiting": memory.waiting,
        "retry": memory.retry,
        "graph": memory.graph,
        "tree": memory.tree,
        "episode": lambda: memory.episode(episode),
        "list": memory.list,
        "history": lambda: memory.history(id),
        "retire": lambda: memory.retire(id),
        "restore": lambda: memory.restore(id),
        "pin": lambda: memory.pin(id),
        "feedback": lambda: memory.feedback(id, useful=True),
        "expires_at": lambda: memory.expires_at(id, None),
        "undo": lambda: memory.undo(memory.history(id)[-1].changes[-1].run),
        "stats": memory.stats,
        "export": lambda: memory.export(tmp_path / "a.jsonl"),
        "import": lambda: elsewhere.scope("a").import_(tmp_path / "a.jsonl"),
        "reindex": lambda: store.reindex(FakeEmbedder(32)),
        "forget": lambda: memory.forget(everything=True),
        "compact": store.compact,
        "check": store.check,
    }
    public = {name for name in vars(ScopeHandle) if not name.startswith("_")} - {"scope", "reading"}
    assert {name.rstrip("_") for name in public} <= set(calls) | {"add", "get", "update"}, "call the new verb here too"
    for call in calls.values():
        call()
    assert {f"agentmem.{verb}" for verb in (*calls, "add", "get", "update")} <= {span.name for span in watched.spans}
    assert all(span.status.status_code is StatusCode.UNSET for span in watched.spans)
    made = [span for span in watched.named("embeddings fake:32") if watched.parent(span) == "agentmem.reindex"]
    texts = sum(span.attributes["agentmem.texts"] for span in made)
    assert texts == watched.one("agentmem.reindex").attributes["agentmem.count"] > 0


def test_scopes_are_told_apart_and_not_named(opened, watched):
    store = opened()
    for scope in ("ana", "ben", "ana"):
        store.scope("acme", scope).add("otter")
    first, second, third = (span.attributes["agentmem.scope"] for span in watched.named("agentmem.add"))
    assert first == third != second and len(first) == 16
    assert "ana" not in watched.exported()


def test_an_error_is_told_by_its_type_alone(opened, watched):
    memory = opened().scope("a")
    with pytest.raises(NotFound):
        memory.get("mem_of_gustavo")
    with pytest.raises(InvalidInput):
        memory.retrieve("otter", recipe="gustavo")
    for name, kind in (("agentmem.get", "NotFound"), ("agentmem.retrieve", "InvalidInput")):
        span = watched.one(name)
        assert span.status.status_code is StatusCode.ERROR and span.status.description is None and not span.events
        assert span.attributes["error.type"] == kind
    assert ({"agentmem.verb": "get", "error.type": "NotFound"}) in [
        labels for labels, _sum, _count in watched.metric("agentmem.verb.duration")
    ]
    assert "gustavo" not in watched.exported()


def test_a_failing_embedder_is_an_error_of_its_own_span_only(opened, watched):
    class Offline(FakeEmbedder):
        def embed_documents(self, texts):
            raise TimeoutError(f"no answer about {texts}")

    opened(embedder=Offline()).scope("a").add("gustavo")
    assert watched.one("embeddings fake:64").attributes["error.type"] == "TimeoutError"
    added = watched.one("agentmem.add")
    assert added.status.status_code is StatusCode.UNSET and added.attributes["agentmem.pending"] == ("vectors",)
    assert watched.metric("agentmem.failures") == [
        ({"agentmem.follower": "vectors", "error.type": "EmbedderError"}, 1, 1)
    ]
    assert "gustavo" not in watched.exported()


def test_verbs_are_inside_the_span_of_whoever_calls_them(opened, watched):
    memory = opened().scope("a")
    with watched.tracer.start_as_current_span("turn of the agent"):
        memory.add("otter")
        memory.retrieve("otter")
    assert watched.parent(watched.one("agentmem.add")) == "turn of the agent"
    assert watched.parent(watched.one("agentmem.retrieve")) == "turn of the agent"
    query = watched.named("embeddings fake:64")[-1]
    assert watched.parent(query) == "agentmem.retrieve"


def test_awaited_verbs_are_inside_too_each_in_its_own(database, clock, watched):
    async def turn(store, name):
        with watched.tracer.start_as_current_span(f"turn of {name}"):
            await asyncio.sleep(0)
            await store.scope(name).add(f"I am {name}")
            await store.scope(name).retrieve("Who am I?")

    async def main():
        options = {"embedder": FakeEmbedder(), "clock": clock, "observer": watched.observer}
        async with AsyncAgentMemory.open(database, **options) as store:
            await asyncio.gather(*(turn(store, name) for name in "abc"))

    asyncio.run(main())
    for name in "abc":
        around = watched.one(f"turn of {name}")
        inside = [span for span in watched.spans if span.context.trace_id == around.context.trace_id]
        assert [span.name for span in inside if watched.parent(span) == around.name] == [
            "agentmem.add",
            "agentmem.retrieve",
        ]
        assert {watched.parent(span) for span in inside if span.name.startswith("embeddings")} == {
            "agentmem.add",
            "agentmem.retrieve",
        }


def test_durations_are_those_of_the_spans(opened, watched):
    memory = opened().scope("a")
    memory.add("otter", ttl=timedelta(days=1))
    span = watched.one("agentmem.add")
    ((labels, seconds, count),) = watched.metric("agentmem.verb.duration")
    assert labels == {"agentmem.verb": "add"} and count == 1
    assert 0 < seconds <= (span.end_time - span.start_time) / 1e9
