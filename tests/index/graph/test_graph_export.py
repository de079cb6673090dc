"""The graph as other programs get it."""

from __future__ import annotations

import pytest

from agentmem.index.graph.export import to_networkx
from agentmem.index.graph.memory_graph import MemoryGraph


@pytest.fixture
def graph() -> MemoryGraph:
    found = MemoryGraph()
    found.add_passage(2, [("Ada", "knew", "Byron")])
    found.add_passage(1, [("Ada", "built", "東京")])
    found.set_synonyms("byron", {"ada": 0.9, "東京": 0.8})
    return found


def test_nodes_and_edges_with_what_they_are(graph: MemoryGraph) -> None:
    found = to_networkx(graph, {1: "the first"})
    assert list(found) == ["entity:ada", "entity:byron", "entity:東京", "passage:1", "passage:2"]
    assert found.nodes["entity:ada"] == {"kind": "entity", "label": "ada", "passages": 2}
    assert [found.nodes[node]["label"] for node in ("passage:1", "passage:2")] == ["the first", "2"]
    kinds = {tuple(sorted(ends)): found.edges[ends]["kind"] for ends in found.edges}
    assert kinds == {
        ("entity:ada", "entity:byron"): "relation+synonym",
        ("entity:ada", "entity:東京"): "relation",
        ("entity:byron", "entity:東京"): "synonym",
        ("entity:ada", "passage:1"): "mention",
        ("entity:ada", "passage:2"): "mention",
        ("entity:byron", "passage:2"): "mention",
        ("entity:東京", "passage:1"): "mention",
    }
    assert found.edges["entity:ada", "entity:byron"]["weight"] == pytest.approx(3.8)
