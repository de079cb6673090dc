"""The embedding model: named in the database, changed by ``reindex``, and allowed to fail."""

from __future__ import annotations

import re
from datetime import timedelta

import numpy as np
import pytest

from agentmem import AgentMemory
from agentmem.errors import EmbedderError, EmbedderMismatch, InvalidInput
from agentmem.protocols import Cursor
from agentmem.testing import BrokenEmbedder, FakeEmbedder
from agentmem.types import Scope

FAILURES = [BrokenEmbedder.raise_timeout, BrokenEmbedder.give_nan, BrokenEmbedder.give_wrong_size]
FAILURES += [
    np.zeros_like,
    lambda vectors: vectors[:-1],
    lambda vectors: None,
    lambda vectors: 1 / 0,
]


def test_another_model_is_refused_and_the_error_names_the_command_that_changes_it(handle, store, database):
    handle.add("otter")
    store.close()
    with pytest.raises(EmbedderMismatch) as caught:
        AgentMemory.open(database, embedder=FakeEmbedder(32))
    message = str(caught.value)
    assert f"agentmem --db {database} reindex --embedder NAME" in message
    assert "fake:64" in message and "fake:32" in message


def test_other_views_are_another_model(handle, store, database):
    handle.add("otter")
    store.close()
    with pytest.raises(EmbedderMismatch):
        AgentMemory.open(database, embedder=FakeEmbedder(), views=["bare", "spoken"])


def test_the_views_of_a_database_are_remembered(database, clock):
    with AgentMemory.open(database, embedder=FakeEmbedder(), views=["spoken"], clock=clock) as store:
        store.scope("a").add("otter", speaker="Ana")
        assert store.scope("a").stats().vectors == 2
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock) as store:
        assert store.parts.views == ("bare", "spoken")


def test_an_unknown_view_or_index_is_refused(tmp_path):
    for arguments in ({"views": ["sideways"]}, {"index": "magic"}):
        with pytest.raises(InvalidInput):
            AgentMemory.open(tmp_path / "x.db", embedder=FakeEmbedder(), **arguments)


def test_a_database_without_vectors_takes_any_model(database):
    AgentMemory.open(database, embedder=FakeEmbedder()).close()
    with AgentMemory.open(database, embedder=FakeEmbedder(32)) as store:
        store.scope("a").add("otter")


def test_without_a_model_words_are_found_and_a_model_can_come_later(database, clock):
    with AgentMemory.open(database, embedder="none", clock=clock) as store:
        receipt = store.scope("a").add(["otters swim", "cats sleep"])
        assert receipt.pending == () and store.scope("a").stats().vectors == 0
        assert [hit.text for hit in store.scope("a").retrieve("otters")] == ["otters swim"]
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock) as store:
        store.scope("a").retrieve("otters")
        assert store.scope("a").stats().vectors == 2


def test_what_was_written_without_a_model_gets_its_vectors_when_one_is_there(handle, store, database, clock):
    handle.add("otters swim")
    with AgentMemory.open(database, embedder="none", clock=clock) as wordy:
        (id,) = wordy.scope("acme", "ana").add("cats sleep").ids
        wordy.scope("acme", "ana").update(id, text="cats dream")
    handle.retrieve("x")
    assert handle.stats().vectors == 3 and handle.stats().pending_vectors == 0


def test_reindex_changes_the_model_of_every_scope_and_every_version(store, handle):
    (id,) = handle.add("otters swim").ids
    handle.update(id, text="otters sleep")
    handle.add(["cats"] * 3)
    store.scope("b").add("dogs bark")
    assert store.reindex(FakeEmbedder(32)) == 6
    assert handle.stats().vectors == 5 and handle.stats().embedder == "fake:32"
    assert handle.retrieve("otters")[0].id == id
    assert store.scope("b").retrieve("dogs")[0].text == "dogs bark"
    assert handle.retrieve("otters swim", as_of=handle.get(id).at)


def test_reindex_reports_progress_and_can_be_repeated(store, handle):
    handle.add(["one", "two"])
    seen = []
    assert store.reindex(FakeEmbedder(32), progress=seen.append) == 2
    assert [(step.done, step.total, step.stage) for step in seen] == [(2, None, "reindex")]
    assert store.reindex(FakeEmbedder(32)) == 0
    assert len(handle.retrieve("one")) >= 1


def test_reindex_to_other_views(store, handle):
    handle.add("otter", speaker="Ana", session="s")
    store.reindex(FakeEmbedder(), views=["bare", "spoken"])
    assert handle.stats().vectors == 2 and handle.retrieve("otter")[0].signals["spoken"] > 0


def test_reindex_with_a_model_that_fails_changes_nothing(store, handle):
    handle.add(["otters swim", "cats sleep"])
    for mode in FAILURES:
        with pytest.raises(EmbedderError):
            store.reindex(BrokenEmbedder(mode, 32))
        assert handle.stats().embedder == "fake:64" and handle.retrieve("otters")[0].text == "otters swim"
    assert store.reindex(BrokenEmbedder(None, 32)) == 2


def test_reindex_needs_a_model(store):
    with pytest.raises(InvalidInput):
        store.reindex("none")


def test_what_is_added_while_reindexing_is_in(store, handle, database, clock):
    handle.add("otters swim")
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock) as other:
        added = []

        def meanwhile(_progress):
            if not added:
                added.extend(other.scope("acme", "ana").add("cats sleep").ids)

        assert store.reindex(FakeEmbedder(32), progress=meanwhile) == 2
    assert handle.retrieve("cats")[0].id == added[0] and handle.stats().vectors == 2


def test_another_open_store_is_told_to_open_again_and_stores_nothing(store, handle, database, clock):
    (id,) = handle.add("otter").ids
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock) as other:
        theirs = other.scope("acme", "ana")
        theirs.retrieve("otter")
        store.reindex(FakeEmbedder(32))
        for call in (
            lambda: theirs.retrieve("otter"),
            lambda: theirs.add("cat"),
            lambda: theirs.update(id, text="cat"),
        ):
            with pytest.raises(EmbedderMismatch, match="open it again"):
                call()
        assert theirs.stats().episodes == 1 and theirs.get(id).version == 1
        theirs.retire(id)
    with AgentMemory.open(database, embedder=FakeEmbedder(32), clock=clock) as again:
        assert again.scope("acme", "ana").retrieve("otter") == []


def test_handles_made_before_a_reindex_go_on(store, handle):
    handle.add("otter")
    store.reindex(FakeEmbedder(32))
    handle.add("another otter")
    assert len(handle.retrieve("otter")) == 2 and handle.stats().pending_vectors == 0


@pytest.mark.parametrize("mode", FAILURES)
def test_a_failing_model_loses_no_text_and_its_vectors_come_later(database, clock, mode):
    embedder = BrokenEmbedder(mode)
    with AgentMemory.open(database, embedder=embedder, clock=clock) as store:
        handle = store.scope("a")
        receipt = handle.add(["otters swim", "cats sleep"])
        assert receipt.pending == ("vectors",) and len(receipt.ids) == 2
        assert [hit.text for hit in handle.retrieve("otters")] == ["otters swim"]
        assert handle.stats().pending_vectors == 2
        embedder.mode = None
        handle.retrieve("otters")
        assert handle.stats().pending_vectors == 2, "the retry time is not over"
        clock.advance(minutes=10)
        handle.retrieve("otters")
        assert handle.stats().pending_vectors == 0
        assert handle.add("dogs").pending == ()


def test_an_add_after_a_failure_is_whole_and_the_missing_vectors_come_with_the_next_question(database, clock):
    embedder = BrokenEmbedder(BrokenEmbedder.raise_timeout)
    with AgentMemory.open(database, embedder=embedder, clock=clock) as store:
        handle = store.scope("a")
        handle.add("otters swim")
        embedder.mode = None
        clock.advance(seconds=1)
        assert handle.add("cats sleep").pending == () and handle.stats().vectors >= 1
        clock.advance(minutes=10)
        handle.retrieve("otters")
        assert handle.stats().pending_vectors == 0


def test_waits_between_tries_grow_and_are_bounded(database, clock):
    embedder = BrokenEmbedder(BrokenEmbedder.raise_timeout)
    with AgentMemory.open(database, embedder=embedder, clock=clock) as store:
        handle = store.scope("a")
        handle.add("otter")
        waits = []
        for _ in range(14):
            with store.parts.store.read(Scope("a")) as reader:
                cursor = reader.cursor("embed")
            waits.append(cursor.retry_at - clock())
            clock.advance(cursor.retry_at - clock())
            with AgentMemory.open(database, embedder=embedder, clock=clock) as another:  # it knows only what is stored
                another.scope("a").retrieve("otter")
        assert waits == sorted(waits) and waits[0] <= timedelta(seconds=2) and waits[-1] == timedelta(minutes=5)


def test_a_change_of_mind_with_a_failing_model_is_kept(database, clock):
    embedder = BrokenEmbedder(None)
    with AgentMemory.open(database, embedder=embedder, clock=clock) as store:
        handle = store.scope("a")
        (id,) = handle.add("otters swim").ids
        embedder.mode = BrokenEmbedder.raise_timeout
        assert handle.update(id, text="otters sleep").version == 2
        assert handle.retrieve("sleep")[0].text == "otters sleep"
        assert handle.forget(ids=[id]).compacted


@pytest.mark.parametrize("batch", [1, 70])
def test_the_lease_of_a_process_that_died_runs_out_however_busy_the_others_are(database, clock, batch):
    embedder = BrokenEmbedder(BrokenEmbedder.raise_timeout)
    with AgentMemory.open(database, embedder=embedder, clock=clock) as store:
        handle = store.scope("a")
        handle.add("left behind")
        with store.parts.store.write(Scope("a")) as writer:
            writer.set_cursor("embed", Cursor(0, "a process that died", clock() + timedelta(seconds=60)))
        embedder.mode = None
        for i in range(4):
            clock.advance(seconds=20)
            handle.add([f"otter {i} {j}" for j in range(batch)])
            handle.retrieve("otter")
        assert handle.stats().pending_vectors == 0


def test_a_text_is_embedded_once_however_often_it_is_added(store, handle):
    first = handle.add("otter")
    again = handle.add(["otter", "otter"])
    assert (first.usage.embedded_texts, again.usage.embedded_texts) == (1, 0)
    assert first.usage.llm_calls == 0


def test_errors_of_the_model_hold_no_text(database, clock, caplog):
    def quote(_vectors):
        raise ValueError("cannot embed 'xyzzy'")

    with AgentMemory.open(database, embedder=BrokenEmbedder(quote), clock=clock) as store:
        store.scope("a").add("xyzzy")
        store.scope("a").retrieve("xyzzy")
        with store.parts.store.read(Scope("a")) as reader:
            assert not re.search("xyzzy", reader.cursor("embed").last_error)
    assert "xyzzy" not in caplog.text


class Counting(BrokenEmbedder):
    """Counts how often it is asked."""

    def __init__(self, mode):
        super().__init__(mode)
        self.asked = 0

    def embed_documents(self, texts):
        self.asked += 1
        vectors = FakeEmbedder().embed_documents(texts)
        return vectors if self.mode is None else self.mode(vectors)

    def embed_query(self, text):
        self.asked += 1
        vector = FakeEmbedder().embed_query(text)
        return vector if self.mode is None else self.mode(vector[None, :])[0]


def test_a_model_that_failed_is_not_asked_about_questions_until_its_time(database, clock):
    embedder = Counting(None)
    with AgentMemory.open(database, embedder=embedder, clock=clock) as store:
        handle = store.scope("a")
        handle.add("otters swim")
        embedder.mode, embedder.asked = BrokenEmbedder.raise_timeout, 0
        for _ in range(5):
            assert [hit.text for hit in handle.retrieve("otters")] == ["otters swim"]
        assert embedder.asked == 1
        clock.advance(seconds=1)
        handle.retrieve("otters")
        assert embedder.asked == 2
        clock.advance(seconds=1)
        handle.retrieve("otters")
        assert embedder.asked == 2, "the second rest is 2 seconds"
        embedder.mode = None
        clock.advance(seconds=1)
        assert handle.retrieve("otters")[0].signals["dense"] > 0
        assert handle.retrieve("otters")[0].signals["dense"] > 0 and embedder.asked == 4


def test_a_store_that_was_reindexed_asks_the_new_model_at_once(database, clock):
    with AgentMemory.open(database, embedder=BrokenEmbedder(None), clock=clock) as store:
        handle = store.scope("a")
        handle.add("otters swim")
        store.parts.embedder._inner.mode = BrokenEmbedder.raise_timeout
        assert handle.retrieve("otters")[0].signals["dense"] == 0
        store.reindex(FakeEmbedder(32))
        assert handle.retrieve("otters")[0].signals["dense"] > 0


def test_a_model_that_failed_is_not_asked_by_any_verb_of_any_scope_until_its_time(database, clock):
    embedder = Counting(BrokenEmbedder.raise_timeout)
    with AgentMemory.open(database, embedder=embedder, clock=clock) as store:
        handle, other = store.scope("a"), store.scope("b")
        for number in range(4):
            assert handle.add(f"otters swim {number}").pending == ("vectors",)
            assert other.add(f"otters sleep {number}").pending == ("vectors",)
            assert handle.retrieve("otters") and other.retrieve("otters")
        assert embedder.asked == 1
        embedder.mode = None
        clock.advance(seconds=1)
        for one in (handle, other):
            assert one.retrieve("otters")[0].signals["dense"] > 0 and one.stats().pending_vectors == 0
