"""Nothing is lost when the worker stops: told to, awaited, or because its store was closed."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter

import pytest
from small_world import CONVERSATION, extraction, scripted
from worker_world import Stage, fill, recipe_of, waits

from agentmem import AsyncAgentMemory
from agentmem.errors import StoreClosed
from agentmem.testing import FakeEmbedder


@pytest.mark.parametrize("llm", [False, True], ids=["rules", "model"])
def test_told_to_stop_it_finishes_what_it_is_at_and_gives_the_lease_back(opened, llm):
    stop = threading.Event()

    def act(unit):
        if len(stage.seen) == 2:
            stop.set()

    def answer(request):
        stop.set()
        return extraction(request)

    stage = Stage(act)
    store = opened(scripted(extract=answer)) if llm else opened(recipe=recipe_of(stage))
    fill(store, a=20, b=1)
    done = store.work(stop=stop)
    assert done.stopped == "it was told to stop"
    assert done.turns == 1 and done.units == (1 if llm else 2)
    one = waits(store)
    assert one.owner is None and one.left == 20 - done.units
    rest = store.work()
    assert rest.units == 21 - done.units and rest.stopped is None
    if not llm:
        assert Counter(unit.session for unit in stage.seen)["s19"] == 1 and len(stage.seen) == 21


def test_told_to_stop_before_it_begins_it_does_nothing(opened):
    store, stop = opened(), threading.Event()
    fill(store, a=1)
    stop.set()
    assert store.work(stop=stop).turns == store.work(stop=stop, once=False).turns == 0
    assert store.work(stop=stop, once=False, schedule="* * * * *").stopped == "it was told to stop"


def test_a_store_that_was_closed_ends_the_worker(opened):
    store = opened()
    fill(store, a=1)
    store.close()
    for once in (True, False):
        with pytest.raises(StoreClosed):
            store.work(once=once)


def test_work_can_be_awaited(database, clock):
    async def main():
        async with AsyncAgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe="facts") as store:
            await store.scope("a").add(list(CONVERSATION))
            assert (await store.scope("a").waiting())[0].new == 5
            stop = threading.Event()
            going_on = asyncio.create_task(
                store.work(once=False, quiet=0, interval=0.001, stop=stop, progress=lambda _so_far: stop.set())
            )
            assert (await going_on).units == 2
            assert await store.scope("a").retry() == 0

    asyncio.run(main())
