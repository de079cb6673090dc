"""What is given to a verb in the wrong form is refused in words, before anything is read or written."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import numpy as np
import pytest

from agentmem import AgentMemory, AsyncAgentMemory
from agentmem.errors import InvalidInput
from agentmem.models.chat.budget import Budget
from agentmem.testing import FakeEmbedder

HALF = "\ud800"

WRONG = {
    "ttl": lambda h, one: h.add("x", ttl=timedelta.max),
    "batch_size": lambda h, one: h.add("x", batch_size=1.5),
    "batch_size text": lambda h, one: h.add("x", batch_size="2"),
    "batch_size 0": lambda h, one: h.add("x", batch_size=0),
    "id of a surrogate": lambda h, one: h.get(HALF),
    "id of nothing": lambda h, one: h.get(None),
    "episode": lambda h, one: h.episode(HALF),
    "history": lambda h, one: h.history(5),
    "update": lambda h, one: h.update(HALF, text="y"),
    "undo": lambda h, one: h.undo(None),
    "version": lambda h, one: h.update(one, text="y", expected_version="1"),
    "version of retire": lambda h, one: h.retire(one, expected_version=1.0),
    "version of restore": lambda h, one: h.restore(one, expected_version="1"),
    "pin": lambda h, one: h.pin(one, "no"),
    "feedback": lambda h, one: h.feedback(5, useful=True),
    "useful": lambda h, one: h.feedback(one, useful="no"),
    "ids of nothing": lambda h, one: h.forget(ids=[None]),
    "ids of numbers": lambda h, one: h.forget(ids=[5]),
    "ids": lambda h, one: h.forget(ids=5),
    "ids text": lambda h, one: h.forget(ids=one),
    "ids of surrogates": lambda h, one: h.forget(ids=[HALF]),
    "forget session": lambda h, one: h.forget(session=HALF),
    "forget about": lambda h, one: h.forget(about=HALF),
    "everything": lambda h, one: h.forget(everything="no"),
    "dry_run": lambda h, one: h.forget(everything=True, dry_run="yes"),
    "limit": lambda h, one: h.list(limit="5"),
    "after": lambda h, one: h.list(after=5),
    "session": lambda h, one: h.list(session=HALF),
    "session number": lambda h, one: h.retrieve("x", session=5),
    "kinds": lambda h, one: h.list(kinds=[5]),
    "k": lambda h, one: h.retrieve("x", k=1.5),
    "k text": lambda h, one: h.retrieve("x", k="10"),
    "k true": lambda h, one: h.retrieve("x", k=True),
    "tokens": lambda h, one: h.retrieve("x", tokens="10"),
    "tokens of a context": lambda h, one: h.context("x", tokens="10"),
    "budget": lambda h, one: h.retrieve("x", budget=1),
    "budget of consolidate": lambda h, one: h.consolidate(budget=1),
    "conversation": lambda h, one: h.retrieve("x", conversation="Where is Ana?"),
    "conversation of dicts": lambda h, one: h.retrieve("x", conversation=[{"role": "user", "content": "Hi"}]),
    "no conversation": lambda h, one: h.context("x", conversation=None),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_wrong_argument_is_refused_and_changes_nothing(handle, wrong):
    (id,) = handle.add("otter").ids
    before = handle.stats()
    with pytest.raises(InvalidInput):
        wrong(handle, id)
    assert handle.stats() == before


def test_numbers_of_other_libraries_and_empty_lists_are_taken(handle):
    handle.add(["otter", "cat"])
    assert len(handle.retrieve("otter", k=np.int64(1), conversation=[], budget=Budget(calls=0))) == 1
    assert len(handle.list(limit=np.int32(1), kinds=())) == 0


@pytest.mark.parametrize(
    "arguments",
    [{"views": "bare"}, {"views": 5}, {"clock": lambda: datetime(2026, 1, 1)}],  # noqa: DTZ001 - that is the point
)
def test_a_store_is_not_opened_with_a_wrong_argument(database, arguments):
    with pytest.raises(InvalidInput):
        AgentMemory.open(database, embedder=FakeEmbedder(), **arguments)


@pytest.mark.parametrize("path", [None, 5, b"x.db"])
def test_a_path_of_another_type_is_refused(path):
    with pytest.raises(InvalidInput, match="path"):
        AgentMemory.open(path, embedder="none")


def test_the_store_refuses_them_too(store):
    for wrong in (lambda: store.scope_of(None), lambda: store.work(budget=1), lambda: store.work(turn_budget="all")):
        with pytest.raises(InvalidInput):
            wrong()
    with pytest.raises(InvalidInput):
        store.reindex(FakeEmbedder(32), views="bare")


def test_an_asynchronous_stream_is_refused_with_what_to_do(database):
    async def stream():
        yield "otter"

    async def main():
        async with AsyncAgentMemory.open(database, embedder="none") as store:
            with pytest.raises(InvalidInput, match="async for"):
                await store.scope("a").add(stream())
            assert (await store.scope("a").add([item async for item in stream()])).ids

    asyncio.run(main())
