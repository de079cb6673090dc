"""The graph in memory is the one that a fresh start would build, whatever happened on the way."""

from __future__ import annotations

import numpy as np
import pytest
from small_world import CONVERSATION, DOCUMENTS, QUESTION, in_all, said, scripted

from agentmem import AgentMemory
from agentmem.engine.graph_mirror import GraphMirror
from agentmem.recipes import RECIPES
from agentmem.testing import BrokenEmbedder


@pytest.fixture
def embedder():
    return BrokenEmbedder(None)


@pytest.fixture
def store(database, clock, embedder):
    with AgentMemory.open(database, embedder=embedder, clock=clock, recipe="hipporag2", llm=scripted()) as opened:
        yield opened


@pytest.fixture
def handle(store):
    handle = store.scope("a")
    handle.add([*CONVERSATION, *DOCUMENTS])
    return handle


def picture(graph):
    """Nodes and weights, whatever their numbers."""
    edges = [(one.one, one.other, one.relations, round(one.cosine, 4), round(one.weight, 4)) for one in graph.edges()]
    return sorted(graph.passages()[0].tolist()), list(graph.entities), edges


def graphs(store, handle):
    """The graph as it was kept up, and as it is built anew from the same layers."""
    handle.retrieve(QUESTION, recipe="hipporag2")
    parts = store.parts
    with parts.store.read(handle.scope) as reader:
        mirror = parts.followers.mirror(reader.scope_id)
        kept = mirror.graph.follow(reader, mirror.layers, parts.model)
        fresh = GraphMirror().follow(reader, mirror.layers, parts.model)
    return kept, fresh


def ranked(handle, recipe="hipporag2"):
    return [(hit.id, pytest.approx(hit.score, abs=1e-5)) for hit in handle.retrieve(QUESTION, k=20, recipe=recipe)]


def check(store, handle):
    kept, fresh = graphs(store, handle)
    for mine, theirs in zip(picture(kept), picture(fresh), strict=True):
        assert set(mine) ^ set(theirs) == set() and len(mine) == len(theirs)
    mine = [(hit.id, hit.score) for hit in handle.retrieve(QUESTION, k=20, recipe="hipporag2")]
    store.parts.followers.drop()
    assert mine == ranked(handle)


def test_an_empty_graph_ranks_by_vectors(handle):
    (hit, *_rest) = handle.retrieve(QUESTION, recipe="hipporag2")
    assert "Luis" in hit.text
    assert handle.retrieve(QUESTION, recipe="hipporag")[0].id == hit.id


def test_a_graph_that_grew_is_that_of_a_fresh_start(store, handle):
    for number in range(4):
        handle.consolidate()
        handle.retrieve(QUESTION, recipe="hipporag2")
        handle.add(said(f"I met Luis and Vera{number} in Porto.", "Ana", f"s{number + 5}"))
    handle.consolidate()
    check(store, handle)


def test_a_graph_whose_texts_were_reworded_retired_and_forgotten_is_that_of_a_fresh_start(store, handle):
    handle.consolidate()
    handle.retrieve(QUESTION, recipe="hipporag2")
    chunks = in_all(handle, "chunk")
    handle.update(chunks[0].id, text="My brother Luis lives in Braga.")
    check(store, handle)
    handle.consolidate()
    check(store, handle)
    handle.retire(in_all(handle, "chunk")[2].id)
    check(store, handle)
    handle.retire(in_all(handle, "triple")[0].id)
    check(store, handle)
    handle.retire(in_all(handle, "entity")[0].id)
    check(store, handle)
    handle.forget(about="pottery")
    check(store, handle)


def test_entities_that_are_embedded_later_become_synonymous_later(store, handle, embedder, clock):
    handle.consolidate()
    handle.retrieve(QUESTION, recipe="hipporag2")
    embedder.mode = BrokenEmbedder.raise_timeout
    handle.add(said("I saw Misty Grey and Luis Braga.", "Ana", "s8"))
    assert "vectors" in handle.consolidate().pending
    handle.retrieve(QUESTION, recipe="hipporag2")
    embedder.mode = None
    clock.advance(minutes=10)
    handle.retrieve(QUESTION, recipe="hipporag2")
    check(store, handle)


def test_a_walk_finds_what_shares_an_entity_and_no_word(store, handle):
    handle.consolidate()
    hits = handle.retrieve("Misty", recipe="hipporag", k=3)
    assert hits and all(np.isfinite(hit.score) for hit in hits)
    assert set(RECIPES) >= {"hipporag", "hipporag2"}
