"""Forgetting takes along whatever was made of what is forgotten, at any height, and nothing else."""

from __future__ import annotations

import json

import numpy as np
import pytest
from small_world import CONVERSATION, DOCUMENTS, extraction, in_all, lines_of, said, scripted

from agentmem import AgentMemory
from agentmem.ids import EDGE, MEMORY, new_id
from agentmem.kinds import MEMTREE, SUMMARISES
from agentmem.models.checked import CheckedEmbedder
from agentmem.operations import Add, Link, Run
from agentmem.testing import FakeEmbedder
from agentmem.types import Edge, Memory

SECRET = "The zorblax password is quibbleflux."


def open_with(database, clock, recipe="mixed", **words):
    return AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe=recipe, llm=scripted(**words))


@pytest.fixture
def store(database, clock):
    with open_with(database, clock) as opened:
        yield opened


@pytest.fixture
def handle(store):
    handle = store.scope("acme", "ana")
    handle.add([*CONVERSATION, said(SECRET, "Ana", "s2", 5, ref="secret"), *DOCUMENTS])
    handle.consolidate()
    handle.retrieve("quibbleflux", recipe="hipporag2")
    return handle


def traces(database, *words):
    vectors = CheckedEmbedder(FakeEmbedder()).embed_documents([f"Ana: {SECRET}"])
    wanted = [*words, np.asarray(vectors[0], "<f4").tobytes()[:40]]
    return {
        (file.name, word[:20])
        for file in database.parent.rglob("*")
        if file.is_file()
        for word in wanted
        if word in file.read_bytes()
    }


def tree_over(store, handle, chunks, *texts, session=None):
    """Inner nodes without sources, each over the one before, the first over these chunks."""
    below = [chunk.id for chunk in chunks]
    at = chunks[0].at
    made = []
    for text in texts:
        node = Memory(new_id(MEMORY), 1, MEMTREE, text, at, at, None, at, session=session)
        links = [Link(Edge(new_id(EDGE), SUMMARISES, node.id, id)) for id in below]
        with store.parts.store.write(handle.scope) as writer:
            writer.apply(Run("run_tree", {"verb": "consolidate"}), [Add(node), *links])
        made.append(node.id)
        below = [node.id]
    return made


def chunk_saying(handle, word):
    return next(memory for memory in in_all(handle, "chunk") if word in memory.text)


def test_the_traces_can_be_seen_before(handle, database):
    assert len({word for _file, word in traces(database, b"quibbleflux")}) == 2


@pytest.mark.parametrize(
    "selection", [{"about": "quibbleflux"}, {"session": "s2"}, {"everything": True}], ids=["about", "session", "all"]
)
def test_facts_triples_entities_vectors_and_replies_go_with_their_turn(handle, database, selection):
    certificate = handle.forget(**selection)
    assert certificate.compacted
    assert traces(database, b"quibbleflux", b"zorblax") == set()
    kinds = ("fact", "triple", "entity", "summary")
    assert not any("quibbleflux" in memory.text for memory in in_all(handle, *kinds, state=None))
    for recipe in ("hipporag2", "facts", "mixed", "triples", "default", "hipporag"):
        assert not any("quibbleflux" in hit.text for hit in handle.retrieve("quibbleflux", recipe=recipe))


def test_what_was_made_of_other_turns_stays(handle):
    before = {memory.text for memory in in_all(handle, "fact")}
    handle.forget(about="quibbleflux")
    assert {memory.text for memory in in_all(handle, "fact")} == before - {f"Ana: {SECRET}"}
    assert len(in_all(handle, "summary")) == 3  # of s1 and of both documents
    assert len(in_all(handle, "chunk")) == 7


def test_every_summary_above_a_forgotten_turn_goes_whatever_its_height(store, handle, database):
    first = tree_over(store, handle, [chunk_saying(handle, "quibbleflux")], "pass gist", "high gist", "top quibbleflux")
    other = tree_over(store, handle, [chunk_saying(handle, "Misty")], "cat gist")
    handle.retrieve("gist")
    expected = handle.forget(about="zorblax", dry_run=True)
    certificate = handle.forget(about="zorblax")
    assert certificate.memories == expected.memories and certificate.edges == expected.edges
    assert {memory.id for memory in in_all(handle, MEMTREE, state=None)} == set(other)
    assert traces(database, b"quibbleflux", b"pass gist", b"high gist") == set()
    assert first


def test_a_name_that_a_summary_holds_takes_the_summary_but_not_all_it_was_made_of(store, handle):
    tree_over(
        store, handle, [chunk_saying(handle, "pottery"), chunk_saying(handle, "piano in a")], "about Misty's owner"
    )
    handle.forget(about="Misty")
    left = {memory.text for memory in in_all(handle, "chunk")}
    assert left == {turn.text for turn in CONVERSATION if "Misty" not in turn.text} | {SECRET} | {
        document.text for document in DOCUMENTS
    }
    kinds = ("fact", "triple", "entity", "summary", MEMTREE)
    assert not any("Misty" in memory.text for memory in in_all(handle, *kinds, state=None))


def test_a_word_only_the_summary_of_a_session_holds_takes_nothing_else_along(database, clock):
    def answer(request):
        reply = json.loads(extraction(request))
        (_number, _speaker, said) = lines_of(request)[0]
        return json.dumps({**reply, "summary": f"{said.rstrip('.')}, so wistfully."})

    with open_with(database, clock, extract=answer) as store:
        handle = store.scope("a")
        handle.add(CONVERSATION)
        handle.consolidate()
        assert len(in_all(handle, "summary")) == 2
        handle.forget(about="wistfully")
        assert in_all(handle, "summary", state=None) == [] and len(in_all(handle, "chunk")) == 5
        assert len(in_all(handle, "fact")) == 5
        assert traces(database, b"wistfully") == set()


def test_a_summary_forgotten_by_its_id_goes_alone(handle):
    summary = next(memory for memory in in_all(handle, "summary") if memory.session == "s1")
    certificate = handle.forget(ids=[summary.id])
    assert certificate.memories == 1 and certificate.episodes == 0
    assert len(in_all(handle, "chunk")) == 8


def test_a_fact_forgotten_by_its_id_takes_its_turn_along(handle):
    fact = next(memory for memory in in_all(handle, "fact") if "quibbleflux" in memory.text)
    handle.forget(ids=[fact.id])
    assert not any("quibbleflux" in memory.text for memory in in_all(handle, "chunk", "fact", state=None))


def test_the_graph_follows_in_another_process_too(handle, database, clock):
    with open_with(database, clock) as other:
        theirs = other.scope("acme", "ana")
        assert any(hit.text == SECRET for hit in theirs.retrieve("zorblax quibbleflux", recipe="hipporag2"))
        mirror = other.parts.followers.mirror(1)
        passages = len(mirror.graph.graph.passages()[0])
        handle.forget(about="quibbleflux")
        hits = theirs.retrieve("zorblax quibbleflux", recipe="hipporag2", k=20)
        assert SECRET not in {hit.text for hit in hits} and len(hits) == 7
        assert len(other.parts.followers.mirror(1).graph.graph.passages()[0]) == passages - 1


def test_after_forgetting_the_session_of_a_shared_entity_the_walk_still_reaches_the_others(handle):
    handle.forget(session="s1")
    hits = handle.retrieve("Who is in Porto with Ben?", recipe="hipporag", k=3)
    assert hits and "Porto" in hits[0].text
    handle.consolidate()
    assert next(hit.id for hit in handle.retrieve("Who is in Porto with Ben?", recipe="hipporag", k=3)) == hits[0].id
    assert handle.consolidate().run is None


def test_an_entity_whose_first_mention_was_forgotten_is_made_again_from_the_next(handle):
    assert any(memory.text == "Ben" for memory in in_all(handle, "entity"))
    handle.forget(session="s1")
    assert not any(memory.text == "Ben" for memory in in_all(handle, "entity"))
    handle.consolidate()
    assert [memory.text for memory in in_all(handle, "entity")].count("Ben") == 1


def test_a_session_that_lost_a_turn_is_summarised_anew_without_it(handle):
    before = [memory for memory in in_all(handle, "summary") if memory.session == "s2"]
    handle.forget(about="quibbleflux")
    assert not [memory for memory in in_all(handle, "summary") if memory.session == "s2"]
    facts = sorted(memory.text for memory in in_all(handle, "fact"))
    handle.consolidate()
    after = [memory for memory in in_all(handle, "summary") if memory.session == "s2"]
    assert len(after) == len(before) == 1 and "quibbleflux" not in after[0].text
    assert len(after[0].sources) == len(before[0].sources) - 1
    assert sorted(memory.text for memory in in_all(handle, "fact")) == facts


def test_a_summary_that_was_forgotten_for_its_own_sake_does_not_come_back(handle):
    summary = next(memory for memory in in_all(handle, "summary") if memory.session == "s2")
    handle.forget(ids=[summary.id])
    assert handle.consolidate().run is None


def test_an_entity_whose_mentions_were_all_forgotten_is_known_again_when_it_is_named_next(handle):
    handle.forget(about="Ben")
    handle.consolidate()
    assert not any(memory.text == "Ben" for memory in in_all(handle, "entity"))
    handle.add(said("I moved to Faro.", "Ben", "s7"))
    handle.consolidate()
    assert sum(memory.text == "Ben" for memory in in_all(handle, "entity")) == 1


def test_what_waits_for_a_retry_is_forgotten_too(database, clock):
    with open_with(database, clock, extract="no quibbleflux") as store:
        handle = store.scope("a")
        handle.add(said(SECRET, "Ana", "s1"))
        assert handle.consolidate().built[0].waiting == 1
        assert handle.forget(about="quibbleflux").compacted
        assert traces(database, b"quibbleflux") == set()
        assert handle.consolidate().done


def test_undoing_a_consolidation_part_of_which_was_forgotten_says_why_it_cannot(database, clock):
    from agentmem.errors import CannotUndo

    with open_with(database, clock) as store:
        handle = store.scope("a")
        handle.add(CONVERSATION)
        run = handle.consolidate().run
        handle.forget(about="pottery")
        with pytest.raises(CannotUndo):
            handle.undo(run)
