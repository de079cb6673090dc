"""What is linked is known to the next question, whoever linked it, and what was undone or forgotten is gone."""

from __future__ import annotations

import pytest

from agentmem import AgentMemory
from agentmem.ids import EDGE, RUN, new_id
from agentmem.operations import Link, Run
from agentmem.protocols import Embedder
from agentmem.testing import FakeEmbedder
from agentmem.types import Edge


@pytest.fixture
def two(database, clock):
    """One database, opened twice."""
    embedder: Embedder = FakeEmbedder()
    with (
        AgentMemory.open(database, embedder=embedder, clock=clock) as one,
        AgentMemory.open(database, embedder=embedder, clock=clock) as other,
    ):
        yield one.scope("acme"), other.scope("acme")


def known(handle):
    """The edges that a recipe is given."""
    parts = handle._parts
    with parts.store.read(handle.scope) as reader:
        mirror = parts.followers.mirror(reader.scope_id)
        with mirror.lock:
            return [(edge.source, edge.target) for edge in mirror.edges.of("x", reader)]


def test_edges_are_followed(two):
    here, there = two
    a, b, c = here.add(["The cat sleeps.", "The otter swims.", "The stork flies."]).ids
    run = Run(new_id(RUN), {"verb": "test"})
    assert known(there) == []
    with here._parts.store.write(here.scope) as writer:
        writer.apply(run, [Link(Edge(new_id(EDGE), "x", a, b)), Link(Edge(new_id(EDGE), "y", a, c))])
    assert known(there) == known(here) == [(a, b)]
    here.add("The pike waits.")
    assert known(there) == [(a, b)]
    there.undo(run.id)
    assert known(here) == known(there) == []
    with here._parts.store.write(here.scope) as writer:
        writer.apply(Run(new_id(RUN), {"verb": "test"}), [Link(Edge(new_id(EDGE), "x", b, c))])
    assert known(there) == [(b, c)]
    there.forget(ids=[c], compact=False)
    assert known(here) == known(there) == []
