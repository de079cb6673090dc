"""Edges are drawn, weighed, removed and taken back like everything else in the journal."""

from __future__ import annotations

import pytest

from agentmem.errors import CannotUndo, NotFound
from agentmem.ids import EDGE, RUN, new_id
from agentmem.operations import Link, Run, Unlink
from agentmem.types import Edge


@pytest.fixture
def ends(handle):
    return handle.add(["one", "two", "three"]).ids


@pytest.fixture
def write(store, handle):
    """Apply operations as one run; returns its id."""

    def apply(*operations):
        run = Run(new_id(RUN), {"verb": "test"})
        with store.parts.store.write(handle.scope) as writer:
            writer.apply(run, operations)
        return run.id

    return apply


@pytest.fixture
def edges(store, handle):
    """What is drawn, as (kind, source, target, weight)."""

    def read(memory):
        with store.parts.store.read(handle.scope) as reader:
            return [(edge.kind, edge.source, edge.target, edge.weight) for edge in reader.edges(memory)]

    return read


def edge(kind, source, target, weight=1.0):
    return Edge(new_id(EDGE), kind, source, target, weight)


def test_an_edge_is_seen_from_both_ends(write, edges, ends):
    a, b, c = ends
    write(Link(edge("next", a, b)), Link(edge("next", b, c)))
    assert edges(a) == [("next", a, b, 1.0)] and len(edges(b)) == 2 and edges(c) == [("next", b, c, 1.0)]


def test_drawing_an_edge_again_sets_its_weight(write, edges, ends):
    a, b, _ = ends
    write(Link(edge("next", a, b)))
    write(Link(edge("next", a, b, 0.25)))
    assert edges(a) == [("next", a, b, 0.25)]


def test_direction_and_kind_tell_edges_apart(write, edges, ends):
    a, b, _ = ends
    write(Link(edge("next", a, b)), Link(edge("next", b, a)), Link(edge("synonym", a, b)))
    assert len(edges(a)) == 3


def test_an_edge_needs_both_its_ends_in_the_scope(write, edges, ends, store):
    a, *_ = ends
    (foreign,) = store.scope("elsewhere").add("otter").ids
    for other in ("mem_00000000000000000000000000", foreign):
        with pytest.raises(NotFound):
            write(Link(edge("next", a, other)))
    assert edges(a) == []


def test_removing_what_is_not_drawn_is_refused(write, ends):
    a, b, _ = ends
    with pytest.raises(NotFound):
        write(Unlink(edge("next", a, b)))


def test_undo_of_a_link_and_of_its_undo(write, edges, ends, handle):
    a, b, _ = ends
    by = handle.undo(write(Link(edge("next", a, b, 0.5))))
    assert edges(a) == []
    handle.undo(by)
    assert edges(a) == [("next", a, b, 0.5)]


def test_undo_of_a_new_weight(write, edges, ends, handle):
    a, b, _ = ends
    write(Link(edge("next", a, b, 0.5)))
    by = handle.undo(write(Link(edge("next", a, b, 0.75))))
    assert edges(a) == [("next", a, b, 0.5)]
    handle.undo(by)
    assert edges(a) == [("next", a, b, 0.75)]


def test_undo_of_an_unlink(write, edges, ends, handle):
    a, b, _ = ends
    one = edge("next", a, b, 0.5)
    write(Link(one))
    run = write(Unlink(one))
    assert edges(a) == []
    handle.undo(run)
    assert edges(a) == [("next", a, b, 0.5)]


def test_undo_of_a_run_that_did_several_things_to_one_edge(write, edges, ends, handle):
    a, b, _ = ends
    one = edge("next", a, b, 0.5)
    write(Link(one))
    run = write(Link(edge("next", a, b, 0.6)), Unlink(one), Link(edge("next", a, b, 0.7)))
    assert edges(a) == [("next", a, b, 0.7)]
    handle.undo(run)
    assert edges(a) == [("next", a, b, 0.5)]


def test_an_edge_to_what_was_forgotten_cannot_come_back(write, edges, ends, handle):
    a, b, _ = ends
    one = edge("next", a, b)
    write(Link(one))
    run = write(Unlink(one))
    handle.forget(ids=[b])
    with pytest.raises(CannotUndo):
        handle.undo(run)
    assert edges(a) == []


def test_an_edge_that_was_changed_later_is_not_taken_away_by_an_older_undo(write, edges, ends, handle):
    a, b, _ = ends
    run = write(Link(edge("next", a, b, 0.5)))
    write(Link(edge("next", a, b, 0.9)))
    with pytest.raises(CannotUndo):
        handle.undo(run)
    assert edges(a) == [("next", a, b, 0.9)]


def test_edges_of_one_scope_are_unknown_in_another(write, ends, store, handle):
    a, b, _ = ends
    write(Link(edge("next", a, b)))
    with store.parts.store.read(store.scope("elsewhere").scope) as reader:
        assert reader.edges(a) == ()


def test_a_run_that_fails_in_the_middle_leaves_nothing(write, edges, ends, handle):
    a, b, _ = ends
    head = handle.stats().journal_head
    with pytest.raises(NotFound):
        write(Link(edge("next", a, b)), Unlink(edge("next", b, a)))
    assert edges(a) == [] and handle.stats().journal_head == head
