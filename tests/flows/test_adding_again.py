"""Refs, batches and streams: ``add`` keeps everything once, however often and in whatever portions it comes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agentmem import Document, Message
from agentmem.errors import CannotUndo, InvalidInput, RefConflict
from agentmem.types import Progress


def test_a_repeated_ref_changes_nothing_and_names_what_was_there(handle):
    first = handle.add("I like tea", speaker="Ana", ref="m1")
    again = handle.add("I like tea", speaker="Ana", ref="m1")
    assert (again.ids, again.episodes, again.duplicates) == (first.ids, first.episodes, 1)
    assert handle.stats().episodes == 1


def test_a_ref_with_other_content_is_refused_and_the_whole_batch_with_it(handle):
    handle.add("I like tea", ref="m1")
    with pytest.raises(RefConflict):
        handle.add([Message("new"), Message("I like coffee", ref="m1")])
    assert [memory.text for memory in handle.list()] == ["I like tea"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Message("a", speaker="b"), Message("a", speaker="c")),
        (Message("a", session="b"), Message("a", session="c")),
        (Message("a\x1fb", speaker="c"), Message("a", speaker="b\x1fc")),
        (Message("a", role="b"), Message("a", speaker="b")),
        (Message("a"), Document("a")),
    ],
)
def test_a_ref_tells_contents_apart_that_differ_in_anything_said(handle, one, other):
    from dataclasses import replace

    handle.add(replace(one, ref="m1"))
    with pytest.raises(RefConflict):
        handle.add(replace(other, ref="m1"))


def test_what_was_undone_comes_back_when_it_is_added_again(handle, store):
    first = handle.add("I like tea", ref="m1")
    undone = handle.undo(first.run)
    again = handle.add([Message("I like cake", ref="m2"), Document("I like tea", ref="m1")])
    assert (again.ids[1:], again.episodes[1:], again.duplicates) == (first.ids, first.episodes, 0)
    assert {hit.text for hit in handle.retrieve("like")} == {"I like tea", "I like cake"}
    assert handle.add("I like tea", ref="m1").duplicates == 1
    for earlier in (first.run, undone):
        with pytest.raises(CannotUndo):
            handle.undo(earlier)
    handle.undo(again.run)
    assert list(handle.list()) == []
    assert handle.add("I like tea", ref="m1").ids == first.ids
    assert [hit.text for hit in handle.retrieve("tea")] == ["I like tea"]
    assert handle.stats().episodes == 2 and store.check() == ()


def test_twice_in_a_batch_what_was_undone_comes_back_once(handle):
    first = handle.add("I like tea", ref="m1")
    handle.undo(first.run)
    again = handle.add([Document("I like tea", ref="m1")] * 2)
    assert again.ids == first.ids * 2 and again.duplicates == 1
    assert len(handle.list()) == 1


def test_what_comes_back_is_found_for_as_long_as_is_said_now(handle, clock):
    first = handle.add("I like tea", ref="m1", ttl=timedelta(hours=1))
    handle.undo(first.run)
    clock.advance(days=1)
    handle.add("I like tea", ref="m1", ttl=timedelta(hours=2))
    assert [hit.text for hit in handle.retrieve("tea")] == ["I like tea"]
    clock.advance(hours=3)
    assert list(handle.retrieve("tea")) == []


@pytest.mark.parametrize("how", ["retired", "undone, and done again", "undone, done again, retired"])
def test_what_was_retired_on_purpose_does_not_come_back(handle, how):
    first = handle.add("I like tea", ref="m1")
    if "again" in how:
        handle.undo(handle.undo(first.run))
    if "retired" in how:
        handle.retire(first.ids[0])
    assert handle.add("I like tea", ref="m1").duplicates == 1
    assert [memory.text for memory in handle.list()] == ([] if "retired" in how else ["I like tea"])


def test_a_ref_for_several_items_is_a_prefix(handle):
    receipt = handle.add(["one", Message("two", ref="own"), "three"], ref="batch")
    refs = [handle.episode(id).ref for id in receipt.episodes]
    assert refs == ["batch#0", "own", "batch#2"]


def test_a_batch_repeated_with_more_at_its_end_adds_only_the_rest(handle):
    first = handle.add(["one", "two"], ref="batch")
    second = handle.add(iter(["one", "two", "three"]), ref="batch", batch_size=2)
    assert second.duplicates == 2 and second.ids[:2] == first.ids
    assert [memory.text for memory in handle.list()] == ["one", "two", "three"]


def test_one_ref_twice_in_a_batch_is_one_episode(handle):
    receipt = handle.add([Message("one", ref="r"), Message("one", ref="r")])
    assert receipt.duplicates == 1 and receipt.ids[0] == receipt.ids[1]
    assert handle.stats().episodes == 1


def test_the_same_text_without_a_ref_is_two_episodes(handle):
    handle.add("I like tea")
    handle.add("I like tea")
    assert handle.stats().episodes == 2


def test_a_ref_belongs_to_its_scope(store):
    store.scope("a").add("one", ref="r")
    store.scope("b").add("two", ref="r")
    assert [store.scope(name).list()[0].text for name in "ab"] == ["one", "two"]


def test_a_stream_is_stored_in_batches_with_progress(handle):
    seen: list[Progress] = []
    receipt = handle.add((f"item {i}" for i in range(25)), batch_size=10, progress=seen.append)
    assert [(step.done, step.total, step.stage) for step in seen] == [
        (10, None, "add"),
        (20, None, "add"),
        (25, None, "add"),
    ]
    assert len(receipt.ids) == 25 and handle.stats().episodes == 25


def test_a_list_tells_its_total(handle):
    seen: list[Progress] = []
    handle.add(["a1", "a2", "a3"], batch_size=2, progress=seen.append)
    assert [step.total for step in seen] == [3, 3]


def test_a_stream_that_breaks_keeps_the_batches_that_were_reported(handle):
    def stream():
        yield from ("one", "two", "three")
        raise ConnectionError("the tap ran dry")

    with pytest.raises(ConnectionError):
        handle.add(stream(), batch_size=2)
    assert [memory.text for memory in handle.list()] == ["one", "two"]


def test_a_progress_callback_may_use_the_handle(handle):
    handle.add(["otters swim", "cats sleep"], batch_size=1, progress=lambda _: handle.retrieve("otters"))
    assert handle.stats().episodes == 2


def test_a_stream_may_read_from_the_handle_it_is_added_to(handle):
    handle.add("seed")
    handle.add((f"copy of {memory.text}" for memory in handle.list()), batch_size=1)
    assert [memory.text for memory in handle.list()] == ["seed", "copy of seed"]


def test_nothing_to_add_adds_nothing(handle):
    receipt = handle.add([])
    assert receipt.ids == () and receipt.episodes == ()
    assert handle.stats().episodes == 0


@pytest.mark.parametrize("size", [0, -1])
def test_a_batch_holds_at_least_one(handle, size):
    with pytest.raises(InvalidInput):
        handle.add("x", batch_size=size)
