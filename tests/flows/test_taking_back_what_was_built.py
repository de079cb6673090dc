"""Undoing and rewording what structures made: nothing is in the way, and what was made of what is still known."""

from __future__ import annotations

import json

import pytest
from small_world import CONVERSATION, MAY, in_all, said, scripted

from agentmem import AgentMemory, Document
from agentmem.kinds import ABSORBS, MEMTREE, SUMMARISES
from agentmem.testing import FakeEmbedder

SECRET = "Misty the grey cat sleeps on the piano and dreams of quibbleflux."
LONG = Document(
    " ".join(f"Otter {n} swims in bay {n % 7} and eats fish like quibbleflux {n}. " * 6 for n in range(12)),
    title="Otters",
    session="d",
    at=MAY,
)
TREES = ("memtree", "raptor", "memwalker", "recursive-summary")


@pytest.fixture
def open_with(database, clock):
    stores = []

    def open_it(recipe, **arguments):
        arguments = {"embedder": FakeEmbedder(), "clock": clock, "recipe": recipe, **arguments}
        stores.append(AgentMemory.open(database, **arguments))
        return stores[-1].scope("acme", "ana")

    yield open_it
    for store in stores:
        store.close()


def traces(database, word=b"quibbleflux"):
    return {file.name for file in database.parent.rglob("*") if file.is_file() and word in file.read_bytes()}


def grown(handle, kind):
    """Turns that are alike, so that a tree grows over them, in two consolidations; returns the runs."""
    handle.add(CONVERSATION)
    handle.add([said(f"Misty the grey cat sleeps on piano number {n}.", "Ana", "s3", n) for n in range(4)])
    first = handle.consolidate().run
    handle.add([said(SECRET, "Ana", "s4", 0), said(f"{SECRET} And so do I.", "Ana", "s4", 1)])
    second = handle.consolidate().run
    assert in_all(handle, kind)
    return first, second


@pytest.mark.parametrize("recipe", TREES)
def test_what_was_made_and_taken_back_is_forgotten_with_what_it_was_made_of(open_with, database, recipe):
    handle = open_with(recipe)
    handle.add([said(f"{SECRET} So it was on night {n}.", "Ana", "d", n) for n in range(12)])
    handle.add(LONG)
    run = handle.consolidate().run
    derived = [memory for memory in handle.list(state=None, limit=1_000) if memory.kind != "chunk"]
    assert any("quibbleflux" in memory.text for memory in derived)
    handle.undo(run)
    assert handle._owner.check() == ()
    assert handle.forget(session="d").compacted
    assert traces(database) == set()
    assert handle._owner.check() == ()


@pytest.mark.parametrize("recipe", ["memtree", "recursive-summary"])
def test_so_are_the_former_versions_of_what_stays(open_with, database, recipe):
    handle = open_with(recipe)
    _first, second = grown(handle, "memtree" if recipe == "memtree" else "rolling")
    assert any("quibbleflux" in memory.text for memory in in_all(handle, "memtree", "rolling"))
    handle.undo(second)
    assert not any("quibbleflux" in memory.text for memory in in_all(handle, "memtree", "rolling"))
    handle.forget(session="s4")
    assert traces(database) == set()
    assert handle._owner.check() == ()


def test_by_id_too(open_with, database):
    handle = open_with("memtree")
    _first, second = grown(handle, MEMTREE)
    handle.undo(second)
    ids = [memory.id for memory in in_all(handle, "chunk") if "quibbleflux" in memory.text]
    handle.forget(ids=ids)
    assert traces(database) == set()


def test_a_tree_that_grew_shrinks_again_and_grows_again(open_with):
    def tree(handle):
        with handle._owner.parts.store.read(handle.scope) as reader:
            nodes = {memory.id: memory.text for _row, memory in reader.current(MEMTREE)}
            edges = {(e.source, e.target) for e in reader.edges_of(SUMMARISES) if e.source in nodes}
            own = reader.spans(list(reader.rows_of(list(nodes)).values()))
        assert len(own) == 0, "what it summarises is not its own"
        return nodes, edges

    handle = open_with("memtree")
    handle.add(CONVERSATION)
    handle.add([said(f"Misty the grey cat sleeps on piano number {n}.", "Ana", "s3", n) for n in range(4)])
    handle.consolidate()
    before = tree(handle)
    handle.add([said(SECRET, "Ana", "s4", 0), said(f"{SECRET} And so do I.", "Ana", "s4", 1)])
    run = handle.consolidate().run
    after = tree(handle)
    assert before != after
    by = handle.undo(run)
    assert tree(handle) == before
    handle.undo(by)
    assert tree(handle) == after


def test_a_reworded_summary_stands_on_what_it_stood_on_and_takes_nothing_along(open_with):
    handle = open_with("memtree")
    grown(handle, MEMTREE)
    node = in_all(handle, MEMTREE)[0]
    stood_on = handle.get(node.id).sources
    assert stood_on and all(source.inherited for source in stood_on)
    handle.update(node.id, text="All about zorblax.")
    planned = handle.forget(about="zorblax", dry_run=True)
    above = len([memory for memory in in_all(handle, MEMTREE) if memory.id != node.id])
    assert planned.episodes == 1 and planned.memories <= 1 + above  # the wording itself, and what is above it
    chunks = len(in_all(handle, "chunk"))
    handle.forget(about="zorblax")
    assert len(in_all(handle, "chunk")) == chunks


def test_a_reworded_summary_that_is_reworded_back_reads_as_before(open_with):
    handle = open_with("memtree")
    grown(handle, MEMTREE)
    node = in_all(handle, MEMTREE)[0]
    handle.update(node.id, text="All about zorblax.")
    handle.undo(handle.history(node.id)[-1].changes[0].run)
    back = handle.get(node.id)
    assert (back.text, back.sources) == (node.text, node.sources)


def test_a_model_that_joins_two_facts_in_new_words_revises_the_older_with_the_sources_of_both(open_with):
    def verdicts(request):
        pairs = request.prompt.user.count("] older:")
        both = "On Fridays I play the piano in a jazz trio."
        return json.dumps(
            {"verdicts": [{"pair": n, "reasoning": "r", "relation": "refines", "text": both} for n in range(pairs)]}
        )

    handle = open_with("default-judged", llm=scripted(update=verdicts))
    handle.add([said("I play the piano in a jazz trio.", "Ana", "s1")])
    handle.consolidate()
    (older,) = in_all(handle, "fact")
    handle.add([said("I play the piano in a jazz trio on Fridays.", "Ana", "s2")])
    handle.consolidate()
    (joined,) = in_all(handle, "fact")
    assert joined.id == older.id and joined.version == 2 and joined.text.startswith("On Fridays")
    assert [source.session for source in joined.sources] == ["s1", "s2"]
    with handle._owner.parts.store.read(handle.scope) as reader:
        ((absorbing, absorbed),) = [(edge.source, edge.target) for edge in reader.edges_of(ABSORBS)]
    assert absorbing == older.id and handle.get(absorbed).state == "retired"
    handle.forget(session="s2")
    assert in_all(handle, "fact", state=None) == []  # it held the words of both


def test_what_was_added_before_another_model_came_is_still_worked_on(open_with):
    handle = open_with("default")
    handle.add(CONVERSATION[:3])
    handle.consolidate()
    before = {fact.text for fact in in_all(handle, "fact")}
    handle.add(CONVERSATION[3:])
    handle._owner.reindex(FakeEmbedder(32))
    assert handle.consolidate().built[0].units == 1
    assert before < {fact.text for fact in in_all(handle, "fact")}


def test_another_model_leaves_the_leases_of_structures_alone(open_with, clock):
    from agentmem.engine.units import claim

    handle = open_with("default")
    handle.add(CONVERSATION)
    other = open_with("default")
    parts = other._owner.parts
    assert claim(parts, other.scope, parts.structures[0]) is not None
    handle._owner.reindex(FakeEmbedder(32))
    (stopped, *_rest) = handle.consolidate().built
    assert stopped.stopped == "another process is at it"
