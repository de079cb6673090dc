"""Derived memories on the move: export and import, another embedding model, a Chroma index."""

from __future__ import annotations

import json

import pytest
from small_world import CONVERSATION, DOCUMENTS, QUESTION, calls, in_all, said, scripted

from agentmem import AgentMemory
from agentmem.errors import InvalidInput
from agentmem.ids import EDGE, MEMORY, new_id
from agentmem.kinds import MEMTREE, SUMMARISES
from agentmem.models.chat.budget import Budget
from agentmem.operations import Add, Link, Run
from agentmem.testing import FakeEmbedder
from agentmem.types import Edge, Memory

KINDS = ("chunk", "fact", "triple", "entity", "summary", MEMTREE)
RECIPES = ("default", "mixed", "facts", "triples", "hipporag", "hipporag2", "summaries")


@pytest.fixture
def opened(tmp_path, clock):
    stores = []

    def open_it(name="memory.db", recipe="mixed", llm=None, embedder=None, **arguments):
        model = embedder or FakeEmbedder()
        stores.append(
            AgentMemory.open(tmp_path / name, recipe=recipe, llm=llm, embedder=model, clock=clock, **arguments)
        )
        return stores[-1].scope("acme", "ana")

    yield open_it
    for store in stores:
        store.close()


def told(handle, *kinds):
    return sorted((m.kind, m.text, m.state, m.at) for m in in_all(handle, *(kinds or KINDS), state=None))


def answers(handle, recipes=RECIPES):
    return {
        recipe: [(hit.kind, hit.text, round(hit.score, 4)) for hit in handle.retrieve(QUESTION, k=5, recipe=recipe)]
        for recipe in recipes
    }


def tree_over(handle, *chunks, text="tree gist"):
    at = chunks[0].at
    node = Memory(new_id(MEMORY), 1, MEMTREE, text, at, at, None, at)
    links = [Link(Edge(new_id(EDGE), SUMMARISES, node.id, chunk.id)) for chunk in chunks]
    with handle._owner.parts.store.write(handle.scope) as writer:
        writer.apply(Run("run_tree", {"verb": "consolidate"}), [Add(node), *links])
    return node.id


def test_what_was_built_moves_along_and_is_not_built_again(opened, tmp_path):
    handle = opened(llm=scripted())
    handle.add([*CONVERSATION, *DOCUMENTS])
    handle.consolidate()
    tree_over(handle, *(memory for memory in in_all(handle, "chunk") if "Misty" in memory.text))
    handle.export(tmp_path / "out.jsonl")
    chat = scripted()
    other = opened("other.db", llm=chat)
    other.import_(tmp_path / "out.jsonl")
    assert told(other) == told(handle)
    assert answers(other) == answers(handle)
    done = other.consolidate()
    assert done.done and done.run is None and calls(chat) == 0
    assert told(other) == told(handle)
    other.forget(about="Misty")
    assert in_all(other, MEMTREE, state=None) == []  # its edges moved along


def test_what_was_left_undone_is_done_where_it_was_imported(opened, tmp_path, clock):
    handle = opened(llm=scripted())
    handle.add(CONVERSATION)
    handle.consolidate(budget=Budget(calls=1))
    handle.add(said("I moved to Faro.", "Ana", "s7"))
    handle.export(tmp_path / "out.jsonl")
    chat = scripted()
    other = opened("other.db", llm=chat)
    other.add(said("I have a boat.", "Cleo", "s8"))
    other.import_(tmp_path / "out.jsonl")
    assert other.consolidate().done
    assert calls(chat) == 3  # one session of the file, what was new in it, and its own
    handle.consolidate()
    assert told(handle, "fact") == [one for one in told(other, "fact") if "boat" not in one[1]]
    assert len(in_all(other, "fact")) == 7


def due(handle):
    return {one.follower: one.due for one in handle.waiting()}


@pytest.fixture
def contradicted(opened, clock):
    """Two facts that contradict each other, the second not yet compared with the first."""
    handle = opened(recipe="default")
    handle.add([said("I live in Lisbon.", "Ana", "s1"), said("I have a cat.", "Ana", "s1")])
    handle.consolidate()
    clock.advance(days=30)
    (cat,) = (fact for fact in in_all(handle, "fact") if "cat" in fact.text)
    handle.update(cat.id, text="Ana lives in Porto.")
    return handle


def cities_that_ended(handle):
    return {memory.text for memory in in_all(handle, "fact") if memory.valid_to is not None}


def test_an_import_leaves_what_waited_here_to_be_compared(opened, contradicted, tmp_path):
    other = opened("other.db", recipe="default")
    other.add(said("I have a dog.", "Bo", "s9"))
    other.consolidate()
    other.export(tmp_path / "out.jsonl")
    before = due(contradicted)
    contradicted.import_(tmp_path / "out.jsonl")
    assert due(contradicted) == before and before["reconcile:fact"] == 1
    contradicted.consolidate()
    assert cities_that_ended(contradicted) == {"Ana lives in Lisbon."}


@pytest.mark.parametrize("first", ["nothing", "something"])
def test_what_waited_to_be_compared_waits_where_it_was_imported(opened, contradicted, tmp_path, first):
    contradicted.export(tmp_path / "out.jsonl")
    other = opened("other.db", recipe="default")
    if first == "something":
        other.add(said("I have a dog.", "Bo", "s9"))
        other.consolidate()
    other.import_(tmp_path / "out.jsonl")
    assert due(other) == due(contradicted)
    other.consolidate()
    assert cities_that_ended(other) == {"Ana lives in Lisbon."}
    other.export(tmp_path / "again.jsonl")
    assert not any(json.loads(line).get("undone") for line in (tmp_path / "again.jsonl").read_text().splitlines())


def test_what_was_put_off_is_moved_also_by_a_store_that_has_no_such_recipe(opened, contradicted, tmp_path):
    plain = opened(recipe="chunks")
    plain.export(tmp_path / "out.jsonl")
    opened("other.db", recipe="chunks").import_(tmp_path / "out.jsonl")
    assert due(opened("other.db", recipe="default")) == due(contradicted)


def test_importing_twice_changes_nothing(opened, tmp_path):
    handle = opened(llm=scripted())
    handle.add(CONVERSATION)
    handle.consolidate()
    handle.export(tmp_path / "out.jsonl")
    chat = scripted()
    other = opened("other.db", llm=chat)
    other.import_(tmp_path / "out.jsonl")
    before = told(other)
    other.add(said("I have a boat.", "Cleo", "s8"))
    other.import_(tmp_path / "out.jsonl")
    assert other.consolidate().built[0].units == 1 and calls(chat) == 1
    assert set(before) < set(told(other))


def test_a_summary_of_what_was_forgotten_here_does_not_come_back(opened, tmp_path):
    handle = opened(llm=scripted())
    handle.add(CONVERSATION)
    handle.consolidate()
    chunks = in_all(handle, "chunk")
    low = tree_over(handle, chunks[0], chunks[1], text="gist of Misty")
    with handle._owner.parts.store.write(handle.scope) as writer:
        at = chunks[0].at
        node = Memory(new_id(MEMORY), 1, MEMTREE, "higher gist", at, at, None, at)
        writer.apply(Run("run_high", {}), [Add(node), Link(Edge(new_id(EDGE), SUMMARISES, node.id, low))])
    tree_over(handle, chunks[3], text="other gist")
    handle.export(tmp_path / "out.jsonl")
    handle.forget(about="adopted")
    handle.forget(everything=True)
    other = opened("other.db")
    other.add(CONVERSATION[0])
    other.forget(everything=True)
    imported = other.import_(tmp_path / "out.jsonl")
    assert imported.refused == 1
    assert [memory.text for memory in in_all(other, MEMTREE, state=None)] == ["other gist"]
    assert not any("adopted" in text for _kind, text, *_rest in told(other))


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "embed", "reads": [], "undone": []},
        {"name": "structure:x", "reads": [], "undone": "all"},
        {"name": "structure:x", "reads": "fact", "undone": []},
        {"name": "structure:x", "reads": [], "undone": [1]},
        {"name": "structure:x", "undone": []},
        {},
    ],
)
def test_a_follower_that_is_none_is_refused(opened, tmp_path, wrong):
    handle = opened()
    handle.add(CONVERSATION)
    handle.consolidate()
    path = tmp_path / "out.jsonl"
    handle.export(path)
    *records, _end = path.read_text().splitlines()
    added = [json.dumps({"type": "follower", **wrong}), json.dumps({"type": "end", "records": len(records)})]
    path.write_text("\n".join([*records, *added]) + "\n")
    with pytest.raises(InvalidInput, match="A record of the file"):
        opened("other.db").import_(path)


def test_another_embedding_model_embeds_every_layer(opened):
    handle = opened(llm=scripted())
    handle.add([*CONVERSATION, *DOCUMENTS])
    handle.consolidate()
    before = handle.stats().vectors
    store = handle._owner
    store.reindex(FakeEmbedder(32))
    assert store.scope("acme", "ana").stats().vectors == before
    for recipe, hits in answers(store.scope("acme", "ana")).items():
        assert hits, recipe
    hit = store.scope("acme", "ana").retrieve("My brother Luis lives in Porto", recipe="facts", k=1)[0]
    assert "Luis" in hit.text and hit.signals["dense"] > 0.5


def test_a_chroma_index_answers_as_the_exact_one_does(opened, tmp_path):
    pytest.importorskip("chromadb")
    handle = opened(llm=scripted())
    handle.add([*CONVERSATION, *DOCUMENTS])
    handle.consolidate()
    handle.export(tmp_path / "out.jsonl")
    other = opened("chroma.db", llm=scripted(), index="chroma")
    other.import_(tmp_path / "out.jsonl")
    assert answers(other) == answers(handle)
    other.add(said("I moved to Faro.", "Ana", "s7"))
    other.consolidate()
    assert "Faro" in other.retrieve("Faro moved", recipe="facts", k=1)[0].text
    other.forget(about="Faro")
    assert answers(other) == answers(handle)


@pytest.mark.timeout(120)
def test_a_narrow_filter_finds_by_meaning_what_a_chroma_index_ranks_low(opened):
    pytest.importorskip("chromadb")
    handle = opened("chroma.db", recipe="facts", index="chroma")
    handle.add([said(f"Luis lives in Porto house {n}.", "Ben", "s1", n) for n in range(150)])
    handle.add(said("I keep bees.", "Ana", "s2"))
    handle.consolidate()
    (hit,) = handle.retrieve("Luis lives in Porto", session="s2", k=1)
    assert "bees" in hit.text and hit.signals["dense"] != 0.0
    (hit,) = handle.retrieve("Luis lives in Porto", session="s2", k=1, recipe="chunks")
    assert "bees" in hit.text
