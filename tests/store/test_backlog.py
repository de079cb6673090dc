"""What structures read of a store, and what they leave undone."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from agentmem import Document, Message
from agentmem.protocols import Deferred
from agentmem.types import Scope

F = "structure:test"


@pytest.fixture
def world(store, handle):
    receipt = handle.add(
        [Message("one", session="s"), Message("two", session="s"), Document("three. " * 300, title="D")]
    )
    return store.parts.store, handle.scope, receipt


def episodes(reader):
    return [row for row, _episode in reader.episodes_after(0, 100)]


def test_episodes_come_in_order_from_where_one_stands(world):
    store, scope, receipt = world
    with store.read(scope) as reader:
        found = reader.episodes_after(0, 100)
        assert [episode.id for _row, episode in found] == list(receipt.episodes)
        assert [row for row, _e in reader.episodes_after(found[0][0], 1)] == [found[1][0]]
        assert list(reader.episodes_of([found[2][0], found[0][0], 10**6])) == [found[0], found[2]]


def test_chunks_of_episodes_come_whole_in_order_and_leave_out_retired_ones(world, handle):
    store, scope, receipt = world
    handle.retire(receipt.ids[0])
    with store.read(scope) as reader:
        made = [memory for _position, memory in reader.made_of(episodes(reader), "chunk")]
        assert [memory.id for memory in made] == list(receipt.ids[1:])
        assert all(memory.sources for memory in made)
        assert reader.made_of(episodes(reader), "fact") == [] == reader.made_of([], "chunk")
        assert {memory.id for _row, memory in reader.current("chunk")} == set(receipt.ids[1:])


def test_spans_rows_and_names(world):
    store, scope, receipt = world
    with store.read(scope) as reader:
        rows = reader.rows_of([*receipt.ids, "mem_unknown"])
        assert set(rows) == set(receipt.ids)
        named = reader.named([*rows.values(), 10**6])
        assert {one.id for one in named.values()} == set(receipt.ids)
        spans = reader.spans(list(rows.values()))
        assert spans.shape == (len(receipt.ids), 4) and (spans[:, 2] < spans[:, 3]).all()
        assert reader.spans([]).shape == (0, 4) and reader.spans([]).dtype == np.int64


def test_what_is_deferred_is_overwritten_and_settled(world, clock):
    store, scope, _receipt = world
    with store.write(scope) as writer:
        rows = episodes(writer)
        writer.defer(F, [Deferred(row) for row in rows])
        later = Deferred(rows[1], 2, "MalformedReply", clock() + timedelta(minutes=2))
        writer.defer(F, [later])
        writer.settle(F, [rows[0]])
        writer.settle(F, [])
    with store.read(scope) as reader:
        assert list(reader.deferred(F)) == [later, Deferred(rows[2])]
        assert reader.deferred("structure:other") == []
    with store.read(Scope("another")) as reader:
        assert reader.deferred(F) == [] and reader.episodes_after(0, 10) == []


def test_deferred_work_is_forgotten_with_its_episode(world, handle):
    store, scope, receipt = world
    with store.write(scope) as writer:
        writer.defer(F, [Deferred(row) for row in episodes(writer)])
    handle.forget(ids=[receipt.ids[0]], compact=False)
    with store.read(scope) as reader:
        assert [item.row for item in reader.deferred(F)] == episodes(reader)


def test_a_change_of_a_kind_or_any_forgetting_is_noticed(world, handle):
    store, scope, receipt = world

    def changed(position, *kinds):
        with store.read(scope) as reader:
            return reader.changed_since(position, kinds), reader.head()

    _, head = changed(0)
    assert changed(0, "chunk")[0] and not changed(head, "chunk")[0] and not changed(0, "fact")[0]
    handle.retire(receipt.ids[0])
    assert changed(head, "chunk")[0] and not changed(head, "fact")[0] and not changed(head)[0]
    handle.forget(ids=[receipt.ids[1]], compact=False)
    assert changed(head, "fact")[0] and changed(head)[0]


def test_replies_are_kept_for_one_scope_until_anything_in_it_is_forgotten(world, handle, store):
    inner, scope, receipt = world
    with inner.write(scope) as writer:
        writer.keep_reply(b"k", "said")
        writer.keep_reply(b"k", "said again")
    store.scope("other").add("x")
    with inner.read(scope) as reader, inner.read(Scope("other")) as other:
        assert reader.reply(b"k") == "said" and reader.reply(b"l") is None and other.reply(b"k") is None
    handle.forget(ids=[receipt.ids[0]], compact=False)
    with inner.read(scope) as reader:
        assert reader.reply(b"k") is None
