"""``forget``: takes what it should with everything made from it, counts it, and leaves the neighbours alone."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from agentmem import AgentMemory, Document, Message, Scope
from agentmem.errors import ForgottenRef, InvalidInput, NotFound, StoreFull
from agentmem.ids import EDGE, RUN, new_id
from agentmem.operations import Link, Run
from agentmem.testing import FakeEmbedder
from agentmem.types import Edge

DAY = timedelta(days=1)
COUNTS = ("episodes", "memories", "versions", "sources", "edges", "vectors", "tombstones")


def texts(handle):
    return [memory.text for memory in handle.list(state=None)]


@pytest.fixture
def talk(handle, clock):
    start = clock() - 10 * DAY
    handle.add(
        [
            Message("Ana Silva likes otters", speaker="Bob", session="s1", at=start, ref="t1"),
            Message("I like soap", speaker="Ana Silva", session="s1", at=start + DAY, ref="t2"),
            Message("Banana bread", speaker="Bob", session="s2", at=start + 2 * DAY, ref="t3"),
            Message("See you", speaker="Eve", session="s2", at=start + 3 * DAY, ref="t4"),
        ]
    )
    return handle


@pytest.mark.parametrize(
    ("selection", "survivors"),
    [
        ({"session": "s1"}, ["Banana bread", "See you"]),
        ({"about": "Ana Silva"}, ["Banana bread", "See you"]),
        ({"about": "ANA"}, ["Banana bread", "See you"]),
        ({"about": "eve"}, ["Ana Silva likes otters", "I like soap", "Banana bread"]),
        ({"about": "otter"}, ["Ana Silva likes otters", "I like soap", "Banana bread", "See you"]),
        ({"everything": True}, []),
        ({"session": "s2", "about": "soap"}, ["Ana Silva likes otters"]),
        ({"session": "none of it"}, ["Ana Silva likes otters", "I like soap", "Banana bread", "See you"]),
    ],
)
def test_each_selector_takes_what_it_names_and_a_dry_run_counts_the_same(talk, selection, survivors):
    planned = talk.forget(**selection, dry_run=True)
    assert len(texts(talk)) == 4 and planned.dry_run and planned.run is None
    done = talk.forget(**selection)
    assert texts(talk) == survivors
    assert [getattr(planned, name) for name in COUNTS] == [getattr(done, name) for name in COUNTS]
    assert done.memories == done.episodes == done.vectors == 4 - len(survivors)
    assert done.compacted and done.pending == () and not done.dry_run
    assert {hit.text for hit in talk.retrieve("Ana Silva soap otters bread see", k=9)} == set(survivors)


def test_before_takes_what_happened_earlier_and_not_what_happened_then(talk, clock):
    talk.forget(before=clock() - 8 * DAY)
    assert texts(talk) == ["Banana bread", "See you"]


def test_before_leaves_what_happens_later_though_it_was_reworded_earlier(handle, clock):
    early = handle.add("Ana's birthday", at=clock() - 9 * DAY).ids[0]
    dentist = handle.add("The dentist, in May", at=clock() + 90 * DAY).ids[0]
    for id in (early, dentist):
        handle.update(id, text=handle.get(id).text + ", at nine")
    handle.update(dentist, text="The dentist, in May, at ten")
    planned = handle.forget(before=clock() + 9 * DAY, dry_run=True)
    done = handle.forget(before=clock() + 9 * DAY)
    assert texts(handle) == ["The dentist, in May, at ten"]
    assert (planned.episodes, done.episodes, done.memories) == (2, 2, 1)
    assert len(handle.history(dentist)) == 3
    assert handle.forget(before=clock() + 91 * DAY).episodes == 3
    assert handle.stats().episodes == 0


def test_before_goes_by_when_it_happened_not_by_when_it_was_told(handle, clock):
    handle.add("long ago", at=clock() - 900 * DAY)
    handle.add("just now")
    handle.forget(before=clock() - 800 * DAY)
    assert texts(handle) == ["just now"]


@pytest.mark.parametrize(
    ("stored", "about"),
    [
        ("José came", "jose\u0301"),
        ("Jose\u0301 came", "JOSÉ"),
        ("Ana\nSilva came", "Ana Silva"),
        ("Ana \u00a0 Silva came", " ana silva "),
        ("Straße 7", "STRASSE"),
        ("It's ana's.", "ana"),
        ("(ana)", "ana"),
        ("a.b*c", "a.b*c"),
        ("ﬁne", "fine"),
    ],
)
def test_about_finds_a_phrase_however_it_is_written(handle, stored, about):
    handle.add([stored, "neighbour"])
    assert handle.forget(about=about).memories == 1
    assert texts(handle) == ["neighbour"]


@pytest.mark.parametrize("phrase", ["an", "na", "like", "ilva", ".*", "Ana likes"])
def test_about_takes_whole_words_only(talk, phrase):
    expected = 1 if phrase == "like" else 0
    assert talk.forget(about=phrase, dry_run=True).memories == expected


@pytest.mark.parametrize(
    "selection",
    [
        {},
        {"ids": []},
        {"session": ""},
        {"about": ""},
        {"about": "  "},
        {"everything": False},
        {"about": 7},
        {"ids": "mem_1"},
    ],
)
def test_selecting_nothing_is_refused(talk, selection):
    with pytest.raises(InvalidInput):
        talk.forget(**selection)
    assert len(texts(talk)) == 4


@pytest.mark.parametrize("empty", [{"about": ""}, {"about": " "}, {"session": ""}])
def test_an_empty_selector_beside_another_never_widens_it(talk, empty):
    (id, *_) = (memory.id for memory in talk.list())
    with pytest.raises(InvalidInput):
        talk.forget(ids=[id], **empty)
    assert len(texts(talk)) == 4


def test_one_unknown_id_and_nothing_is_forgotten(talk):
    known = talk.list()[0].id
    with pytest.raises(NotFound):
        talk.forget(ids=[known, "mem_00000000000000000000000000"])
    assert len(texts(talk)) == 4


def test_an_id_of_another_scope_is_unknown_here(store):
    a, b = store.scope("a"), store.scope("b")
    receipt = a.add("otter")
    b.add("cat")
    for id in (*receipt.ids, *receipt.episodes):
        with pytest.raises(NotFound):
            b.forget(ids=[id])
    b.forget(everything=True)
    assert texts(a) == ["otter"] and texts(b) == []


def test_a_piece_of_a_document_takes_the_whole_document_along(handle):
    receipt = handle.add([Document("A sentence of some length. " * 200), "neighbour"])
    middle = receipt.ids[3]
    certificate = handle.forget(ids=[middle])
    assert certificate.episodes == 1 and certificate.memories == len(receipt.ids) - 1
    assert texts(handle) == ["neighbour"]


def test_an_episode_takes_the_memories_made_from_it(handle):
    receipt = handle.add(["one", "two"])
    handle.forget(ids=[receipt.episodes[0]])
    assert texts(handle) == ["two"]
    with pytest.raises(NotFound):
        handle.get(receipt.ids[0])


def test_an_episode_that_is_not_indexed_can_be_forgotten(handle):
    receipt = handle.add({"role": "system", "content": "the password is xyzzy"})
    assert handle.forget(about="xyzzy").episodes == 1
    with pytest.raises(NotFound):
        handle.episode(receipt.episodes[0])


def test_every_version_and_every_correction_goes(handle, clock):
    (id,) = handle.add("Ana lives in Rome").ids
    for town in ("Paris", "Lisbon"):
        clock.advance(days=1)
        handle.update(id, text=f"Ana lives in {town}")
    certificate = handle.forget(about="Paris")  # a former wording only
    assert (certificate.episodes, certificate.memories, certificate.versions) == (3, 1, 3)
    assert (certificate.sources, certificate.vectors) == (1 + 2 + 3, 3)
    stats = handle.stats()
    assert (stats.episodes, stats.versions, stats.vectors, stats.memories) == (0, 0, 0, 0)


def test_a_retired_memory_goes_too(handle):
    (id,) = handle.add("otter").ids
    handle.retire(id)
    handle.forget(about="otter")
    assert texts(handle) == [] and handle.stats().retired == 0


def test_edges_of_what_is_forgotten_go_and_are_counted_once(store, handle):
    a, b, c = handle.add(["one", "two", "three"]).ids
    with store.parts.store.write(handle.scope) as writer:
        edges = [Edge(new_id(EDGE), "next", *ends) for ends in ((a, b), (b, a), (b, c), (c, a))]
        writer.apply(Run(new_id(RUN), {"verb": "test"}), [Link(edge) for edge in edges])
    planned, done = (handle.forget(ids=[a, b], dry_run=dry) for dry in (True, False))
    assert planned.edges == done.edges == 4
    with store.parts.store.read(handle.scope) as reader:
        assert reader.edges(c) == ()


def test_a_forgotten_ref_is_not_learnt_again(talk):
    talk.forget(session="s1")
    with pytest.raises(ForgottenRef, match="t1"):
        talk.add([Message("brand new"), Message("Ana Silva likes otters", speaker="Bob", session="s1", ref="t1")])
    assert texts(talk) == ["Banana bread", "See you"]
    talk.add("Ana Silva likes otters", ref="another")
    assert "Ana Silva likes otters" in texts(talk)


def test_a_tombstone_belongs_to_its_scope(talk, store):
    talk.forget(everything=True)
    assert store.scope("other").add("otter", ref="t1").duplicates == 0


def test_forgetting_twice_forgets_nothing_the_second_time(talk):
    talk.forget(session="s1")
    again = talk.forget(session="s1")
    assert [getattr(again, name) for name in COUNTS] == [0] * len(COUNTS)


def test_a_dry_run_writes_nothing(store, talk):
    head = talk.stats().journal_head
    talk.forget(everything=True, dry_run=True)
    assert talk.stats().journal_head == head and len(talk.retrieve("Ana soap bread see", k=9)) == 4


def test_a_dry_run_does_not_make_a_scope(store):
    store.scope("ghost").forget(everything=True, dry_run=True)
    assert store.scopes() == ()


def test_without_compaction_the_certificate_says_what_is_left_to_do(talk, store):
    certificate = talk.forget(session="s1", compact=False)
    assert not certificate.compacted and certificate.pending == ("compact",)
    assert store.compact() is True


def test_a_disk_too_full_to_compact_does_not_lose_the_certificate(talk, store, monkeypatch):
    def no_room():
        raise StoreFull("no room for the copy")

    monkeypatch.setattr(store.parts.store, "compact", no_room)
    certificate = talk.forget(session="s1")
    assert certificate.memories == 2 and certificate.pending == ("compact",)
    assert texts(talk) == ["Banana bread", "See you"]


def test_other_store_objects_see_the_loss_at_once(talk, database, clock):
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock) as other:
        theirs = other.scope("acme", "ana")
        assert len(theirs.retrieve("Ana soap bread see", k=9)) == 4
        talk.forget(session="s1")
        assert {hit.text for hit in theirs.retrieve("Ana soap bread see", k=9)} == {"Banana bread", "See you"}
        assert [memory.text for memory in theirs.list()] == ["Banana bread", "See you"]


def test_forgetting_most_of_a_scope_keeps_the_rest_retrievable(handle):
    ids = handle.add([f"otter number {i}" for i in range(50)]).ids
    handle.retrieve("otter")
    for start in (0, 15, 30):
        handle.forget(ids=ids[start : start + 15], compact=False)
    assert sorted(hit.text for hit in handle.retrieve("otter", k=50)) == [f"otter number {i}" for i in range(45, 50)]
    handle.add("otter number 99")
    assert "otter number 99" in {hit.text for hit in handle.retrieve("otter number 99")}


def test_neighbours_whose_vectors_held_the_text_are_embedded_again(tmp_path, clock):
    """Whatever happened between: updates of neighbours, turns added late, retirements."""

    def vectors(store):
        model = store.parts.model
        with store.parts.store.read(Scope("a")) as reader:
            return {
                (reader.hydrate([row])[row].text, batch.view): vector
                for batch in reader.vectors_since(model, 0)
                for row, vector in zip(batch.rows.tolist(), batch.vectors, strict=True)
            }

    def turn(i, at):
        return Message(f"turn{i} word{i}", speaker="Ana", session="s", at=at, ref=f"t{i}")

    start = clock()
    with AgentMemory.open(tmp_path / "one.db", embedder=FakeEmbedder(), views=["bare", "spoken"], clock=clock) as store:
        handle = store.scope("a")
        ids = {}
        for i in (0, 1, 3, 4, 6, 7):
            ids[i] = handle.add(turn(i, start + i * DAY)).ids[0]
        handle.update(ids[4], metadata={"a": 1})
        handle.update(ids[4], metadata={"a": 2})
        handle.retire(ids[6])
        ids[2] = handle.add(turn(2, start + 2 * DAY)).ids[0]
        ids[5] = handle.add(turn(5, start + 5 * DAY)).ids[0]
        handle.forget(ids=[ids[3]])
        kept = vectors(store)
        lost = FakeEmbedder()
        directions = [lost.embed_query("turn3"), lost.embed_query("word3")]
    rest = [text for text, view in kept if view == "spoken"]
    assert sorted(set(rest)) == [
        "turn0 word0",
        "turn1 word1",
        "turn2 word2",
        "turn4 word4",
        "turn5 word5",
        "turn6 word6",
        "turn7 word7",
    ]
    for (text, view), vector in kept.items():
        for direction in directions:
            assert abs(float(np.dot(vector, direction))) < 0.45, (text, view)


def test_expired_and_pinned_memories_can_be_forgotten(handle, clock):
    gone, _kept = handle.add(["otter", "cat"]).ids
    handle.expires_at(gone, clock() - DAY)
    handle.pin(gone)
    handle.forget(ids=[gone])
    assert texts(handle) == ["cat"]


def test_certificates_of_a_run_are_not_undone_by_replay(handle, clock):
    """The journal keeps identifiers only: nothing in it brings a text back."""
    handle.add(Message("xyzzy", ref="secret-ref", session="secret-session", metadata={"k": "plugh"}))
    handle.forget(everything=True)
    store = handle._parts.store
    with store._engine.connect() as connection:
        for table in ("journal", "runs", "cursors", "tombstones", "meta"):
            content = str(connection.exec_driver_sql(f"SELECT * FROM {table}").fetchall())
            assert not any(word in content for word in ("xyzzy", "secret-ref", "secret-session", "plugh")), table
