"""The graph and the trees of a scope as networkx graphs."""

from __future__ import annotations

import asyncio

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem import AgentMemory, AsyncAgentMemory
from agentmem.engine.shapes import TREES, _depths
from agentmem.errors import InvalidInput
from agentmem.testing import FakeEmbedder


def test_the_graph_names_entities_texts_and_what_relates_them(linked, said) -> None:
    graph = linked.graph()
    assert {node for node, kind in graph.nodes(data="kind") if kind == "entity"} == {
        "entity:ana",
        "entity:lisbon",
        "entity:aquarium",
    }
    assert graph.nodes["entity:ana"]["label"] == "Ana" and graph.nodes["entity:lisbon"]["passages"] >= 2
    passages = {node: found for node, found in graph.nodes(data=True) if found["kind"] == "passage"}
    assert sorted(found["text"] for found in passages.values()) == sorted(said)
    assert all(linked.get(node).text == found["text"] for node, found in passages.items())
    related = graph.edges["entity:ana", "entity:lisbon"]
    assert related["kind"].startswith("relation") and related["relations"] == 2 and related["weight"] > 0
    assert related["said"] == "Ana moved to Lisbon; ana lives in Lisbon"
    mention = next(found for _, other, found in graph.edges("entity:ana", data=True) if other.startswith("mem_"))
    assert mention["kind"] == "mention" and mention["said"] == ""


def test_what_is_forgotten_leaves_the_graph(linked) -> None:
    before = linked.graph()
    linked.forget(about="aquarium")
    after = linked.graph()
    assert "entity:aquarium" in before and "entity:aquarium" not in after
    assert "aquarium" not in str([found.get("text") for _, found in after.nodes(data=True)])


def test_a_scope_without_anything_has_empty_shapes(store) -> None:
    nobody = store.scope("nobody")
    assert len(nobody.graph()) == 0
    for kind in TREES:
        assert len(nobody.tree(kind)) == 0
    assert store.scopes() == ()  # looking leaves no trace
    nobody.add("Only text.")
    assert len(nobody.graph()) == 0 and len(nobody.tree()) == 0 and nobody.tree().graph["alone"] == 1


def test_scopes_are_apart(linked) -> None:
    other = linked._owner.scope("acme")
    other.add("Ana moved to Lisbon.")
    assert len(other.graph()) == 0 and len(other.tree("rolling")) == 0


@pytest.mark.parametrize("kind", TREES)
def test_a_tree_holds_memories_and_what_they_summarise(trees, kind) -> None:
    tree = trees.tree(kind)
    assert networkx.is_directed_acyclic_graph(tree)
    texts = [node for node, of in tree.nodes(data="kind") if of == "chunk"]
    assert len(texts) + tree.graph["alone"] == 6 and tree.graph["kind"] == kind
    for node, found in tree.nodes(data=True):
        assert trees.get(node).text == found["text"]
        assert found["kind"] in (*TREES[kind], "chunk") and (found["kind"] != "chunk") == bool(tree.out_degree(node))
        above = [tree.nodes[parent]["depth"] for parent in tree.predecessors(node)]
        assert found["depth"] == (min(above) + 1 if above else 0)


def test_rolling_summaries_lead_to_their_predecessors(trees) -> None:
    tree = trees.tree("rolling")
    (current,) = [node for node, degree in tree.in_degree() if not degree]
    former = [node for node in tree.successors(current) if tree.nodes[node]["kind"] == "rolling"]
    assert len(former) == 1 and tree.nodes[former[0]]["state"] == "retired" and tree.graph["alone"] == 0


def test_another_kind_of_tree_is_refused(store) -> None:
    with pytest.raises(InvalidInput, match="memtree, raptor, memwalker, rolling, hierarchy"):
        store.scope("a").tree("chunk")


def test_both_verbs_can_be_awaited(linked, database) -> None:
    async def main():
        async with AsyncAgentMemory.open(database, embedder=FakeEmbedder()) as store:
            handle = store.scope("acme", "ana")
            return await handle.graph(), await handle.tree("memtree")

    graph, tree = asyncio.run(main())
    assert networkx.utils.graphs_equal(graph, linked.graph()) and len(tree) == 0


def test_a_store_without_a_model_shows_the_same_but_for_synonyms(linked, database) -> None:
    with AgentMemory.open(database, embedder="none") as store:
        plain = store.scope("acme", "ana").graph()
    assert set(plain) == set(linked.graph()) and not any("synonym" in kind for *_, kind in plain.edges(data="kind"))


@given(st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30))
def test_depths_are_the_least_steps_from_a_top(edges) -> None:
    shape = networkx.DiGraph((str(one), str(other)) for one, other in edges if one != other)
    depths = _depths(shape)
    assert depths.keys() == set(shape)
    tops = [node for node, parents in shape.in_degree() if not parents]
    for node in shape:
        ways = [networkx.shortest_path_length(shape, top, node) for top in tops if networkx.has_path(shape, top, node)]
        if ways:
            assert depths[node] == min(ways)
