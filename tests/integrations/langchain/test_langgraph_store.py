"""What our store does beyond LangGraph's protocol: what an item holds, how it is found, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("langchain_agentmem", reason="needs langchain-agentmem: pip install -e integrations/langchain")

from langchain_agentmem import AgentMemStore
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from langgraph.store.base import GetOp, PutOp, SearchOp
from typing_extensions import TypedDict

from agentmem import AgentMemory, ScopeHandle
from agentmem.errors import InvalidInput
from agentmem.redaction import Redaction

NS = ("users", "ana")
LONG = " ".join(f"Sentence {number} is about the otter." for number in range(120))


def keys(found: Any) -> list[str]:
    return [item.key for item in found]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a.b", "c"), ("a", "b.c")),
        (("a", "b"), ('a","b',)),
        (('["a"]',), ("a",)),
        (("a", "\\"), ("a\\",)),
        (("é",), ("e\u0301",)),
    ],
)
def test_no_namespace_is_another_even_in_a_batch(items: AgentMemStore, one: Any, other: Any) -> None:
    items.batch([PutOp(one, "k", {"whose": "one"}), PutOp(other, "k", {"whose": "other"})])
    for whose, namespace in (("one", one), ("other", other)):
        got, searched = items.batch([GetOp(namespace, "k"), SearchOp(namespace)])
        assert got.value == {"whose": whose} and got.namespace == namespace  # type: ignore[union-attr]
        assert [item.value for item in searched] == [{"whose": whose}]  # type: ignore[union-attr]
    items.batch([PutOp(one, "k", None)])
    assert items.batch([GetOp(one, "k")]) == [None] and items.batch([GetOp(other, "k")]) != [None]


def test_other_memories_of_the_scope_are_no_items(items: AgentMemStore, handle: ScopeHandle) -> None:
    handle.add("The otter is called Olga.", session="monday", metadata={"key": "city", "value.text": "x"})
    items.put(NS, "city", {"text": "the otter lives in Lisbon"})
    assert keys(items.search((), query="otter")) == ["city"] == keys(items.search(()))
    assert items.list_namespaces() == [NS]
    items.forget(())
    assert [memory.text for memory in handle.list()] == ["The otter is called Olga."]


def test_an_item_that_is_reworded_often_does_not_grow(items: AgentMemStore, handle: ScopeHandle) -> None:
    items.put(NS, "count", {"text": "number 0"})
    first = items.get(NS, "count").created_at
    for number in range(1, 60):
        items.put(NS, "count", {"text": f"number {number}"})
    found = items.get(NS, "count")
    assert (found.value, found.created_at) == ({"text": "number 59"}, first)
    (memory,) = (memory for memory in handle.list() if "value.text" in memory.metadata)
    assert memory.version < 20 and len(memory.sources) < 20
    assert [item.value["text"] for item in items.versions(NS, "count")] == [f"number {number}" for number in range(60)]
    assert keys(items.search(NS, query="number 59")) == ["count"]


def test_texts_that_are_gone_from_an_item_are_not_found(items: AgentMemStore, handle: ScopeHandle) -> None:
    items.put(NS, "k", {"said": ["a ferry to Oslo", "plum cake", LONG]}, index=["said[*]"])
    items.put(NS, "other", {"text": "a green tandem"})
    assert keys(items.search(NS, query="plum cake", limit=1)) == ["k"]
    assert items.search(NS, query="Sentence 119 otter", limit=1)[0].value["said"][2] == LONG
    items.put(NS, "k", {"said": ["new brakes"]}, index=["said[*]"])
    texts = [hit.text for hit in handle.retrieve("plum cake ferry otter brakes", k=100)]
    assert "new brakes" in texts and not any("plum" in text or "otter" in text or "ferry" in text for text in texts)


def test_whole_values_are_searched_as_lines(items: AgentMemStore, handle: ScopeHandle) -> None:
    items.put(NS, "k", {"pet": {"kind": "otter", "names": ["Olga", "Otto"]}, "age": 3, "gone": None})
    assert handle.list()[0].text == "pet kind: otter\npet names: Olga\npet names: Otto\nage: 3"


def test_index_false_of_the_store_searches_what_a_put_says(handle: ScopeHandle) -> None:
    items = AgentMemStore(handle, index=False)
    items.put(NS, "hidden", {"text": "the otter Olga"})
    items.put(NS, "said", {"text": "the otter Otto"}, index=["text"])
    assert keys(items.search(NS, query="the otter Olga")) == ["said"]
    assert "Olga" not in " ".join(hit.text for hit in handle.retrieve("otter Olga"))


def test_a_filter_finds_what_is_rare_among_many(items: AgentMemStore) -> None:
    items.batch([PutOp(NS, f"k{n}", {"text": f"the otter number {n}", "rare": n == 170}) for n in range(180)])
    assert keys(items.search(NS, query="the otter number 3", filter={"rare": True})) == ["k170"]
    assert keys(items.search(("users",), query="the otter number 3", filter={"rare": True})) == ["k170"]
    assert keys(items.search(NS, filter={"rare": True})) == ["k170"]


def test_redaction_reaches_values_and_leaves_namespaces(database: Path) -> None:
    with AgentMemory.open(database, embedder="none", before_write=Redaction()) as opened:
        items = AgentMemStore(opened.scope("acme"))
        namespace = ("users", "+43 660 1234567")
        assert "[PHONE]" in Redaction()(namespace[1])
        items.put(namespace, "mail", {"text": "write to ana@example.org"})
        items.put(namespace, "mail", {"text": "do write to ana@example.org"})
        items.put((*namespace, "old"), "mail", {"text": "write to ana@example.org"})  # so that both are asked for by it
        (found, _other) = items.search(namespace, query="write")
        assert found.namespace == namespace and "ana@example.org" not in str(found.value)
        assert items.get(namespace, "mail").value == found.value


def test_a_hook_that_keeps_an_item_out_is_told(database: Path) -> None:
    def refuse(episode: Any) -> Any:
        return None if "secret" in str(episode.metadata) else episode

    with AgentMemory.open(database, embedder="none", before_write=refuse) as opened:
        items = AgentMemStore(opened.scope("acme"))
        items.put(NS, "open", {"text": "hello"})
        with pytest.raises(InvalidInput, match="hook"):
            items.put(NS, "closed", {"text": "a secret"})
        with pytest.raises(InvalidInput, match="hook"):
            items.put(NS, "open", {"text": "a secret"})
        assert items.get(NS, "open").value == {"text": "hello"} and items.get(NS, "closed") is None


def test_memories_quoted_from_a_prompt_are_kept_and_not_found_again(items: AgentMemStore, handle: ScopeHandle) -> None:
    handle.add("The otter is called Olga.")
    block = str(handle.context("otter"))
    items.put(NS, "quoted", {"text": block}, index=["text"])
    assert items.get(NS, "quoted").value == {"text": block}
    assert len(handle.retrieve("otter Olga")) >= 1 and items.search(NS, query="otter Olga") == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"index": {"dims": 3, "embed": lambda texts: [[1.0, 0.0, 0.0] for _ in texts]}}, "LangChainEmbedder"),
        ({"memory": "acme"}, "handle"),
    ],
)
def test_a_store_that_cannot_be_is_refused(handle: ScopeHandle, arguments: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        AgentMemStore(**{"memory": handle, **arguments})


def test_what_cannot_be_put_is_refused_before_anything_is_written(items: AgentMemStore) -> None:
    for value in ({"n": float("nan")}, {"n": object()}, {1: "x"}, ["x"]):
        with pytest.raises(InvalidInput):
            items.batch([PutOp(NS, "good", {"n": 1}), PutOp(NS, "bad", value)])  # type: ignore[arg-type]
    for ttl in (0, -1, float("nan")):
        with pytest.raises(InvalidInput, match="ttl"):
            items.put(NS, "bad", {"n": 1}, ttl=ttl)
    with pytest.raises(InvalidInput, match="limit"):
        items.search(NS, limit=-1)
    with pytest.raises(InvalidInput, match="limit"):
        items.list_namespaces(limit=-1)
    with pytest.raises(InvalidInput, match="filter"):
        items.search(NS, filter=["n"])  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="operation"):
        items.batch(["get"])  # type: ignore[list-item]
    assert items.search(()) == []


class Said(TypedDict):
    text: str


async def test_a_graph_uses_it(items: AgentMemStore) -> None:
    def remember(state: Said, runtime: Runtime) -> Said:
        store = runtime.store
        assert store is not None
        known = store.search(NS, query=state["text"], limit=1)
        store.put(NS, state["text"], {"text": state["text"]})
        return {"text": known[0].value["text"] if known else "nothing"}

    builder = StateGraph(Said)
    builder.add_node("remember", remember)
    builder.add_edge(START, "remember")
    builder.add_edge("remember", END)
    graph = builder.compile(store=items)
    assert graph.invoke({"text": "the otter Olga"})["text"] == "nothing"
    assert (await graph.ainvoke({"text": "which otter?"}))["text"] == "the otter Olga"


labels = st.sampled_from(["a", "b", "a.b", "c"])
namespaces = st.lists(labels, min_size=1, max_size=3).map(tuple)
prefixes = st.lists(labels, max_size=2).map(tuple)
steps = st.lists(
    st.tuples(namespaces, st.sampled_from(["x", "y"]), st.none() | st.fixed_dictionaries({"n": st.integers(0, 3)})),
    max_size=12,
)


@settings(max_examples=20)
@given(steps=steps, prefix=prefixes, least=st.integers(0, 3))
def test_it_holds_what_a_dictionary_would(steps: Any, prefix: Any, least: int) -> None:
    with AgentMemory.open(":memory:", embedder="none") as opened:
        items = AgentMemStore(opened.scope("acme"))
        model: dict[Any, Any] = {}
        for namespace, key, value in steps:
            items.batch([PutOp(namespace, key, value)])
            if value is None:
                model.pop((namespace, key), None)
            else:
                model[namespace, key] = value
        for namespace, key, _value in steps:
            (got,) = items.batch([GetOp(namespace, key)])
            assert (got and got.value) == model.get((namespace, key))  # type: ignore[union-attr]
        (found,) = items.batch([SearchOp(prefix, {"n": {"$gte": least}}, limit=100)])
        below = {place: value for place, value in model.items() if place[0][: len(prefix)] == prefix}
        expected = {place: value for place, value in below.items() if value["n"] >= least}
        assert {(item.namespace, item.key): item.value for item in found} == expected  # type: ignore[union-attr]
        assert items.list_namespaces() == sorted({namespace for namespace, _key in model})
        assert opened.check() == ()


@pytest.mark.parametrize("ttl", [1e12, float("inf"), 5e9])
def test_a_life_that_ends_after_all_calendars_is_refused(items: AgentMemStore, ttl: float) -> None:
    with pytest.raises(InvalidInput, match="ttl"):
        items.put(NS, "k", {"text": "x"}, ttl=ttl)
    assert items.get(NS, "k") is None


def test_a_filter_may_be_nested_and_not_without_end(items: AgentMemStore) -> None:
    def nested(depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {"$eq": 1}
        for _ in range(depth):
            found = {"a": found}
        return found

    value: dict[str, Any] = {"a": 1}
    for _ in range(89):
        value = {"a": value}
    items.put(NS, "k", value)
    assert keys(items.search(NS, filter=nested(90))) == ["k"]
    for depth in (101, 500, 5_000):
        with pytest.raises(InvalidInput, match="nested"):
            items.search(NS, filter=nested(depth))
