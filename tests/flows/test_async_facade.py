"""The awaited verbs: the same names and signatures, nothing blocked, nothing half-written."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading

import pytest

from agentmem import AgentMemory, AsyncAgentMemory, AsyncScopeHandle, ScopeHandle
from agentmem.errors import NotFound, StoreClosed, StoreError
from agentmem.testing import FakeEmbedder


def public(cls):
    return {name for name, value in vars(cls).items() if not name.startswith("_") and callable(value)}


@pytest.mark.parametrize(
    ("sync", "awaited", "plain"),
    [(ScopeHandle, AsyncScopeHandle, {"reading"}), (AgentMemory, AsyncAgentMemory, {"scope"})],
)
def test_both_sides_have_the_same_verbs_with_the_same_signatures(sync, awaited, plain):
    assert public(sync) == public(awaited)
    for name in public(sync) - plain - {"close"}:
        mine, theirs = inspect.signature(getattr(sync, name)), inspect.signature(getattr(awaited, name))
        assert mine.parameters.keys() == theirs.parameters.keys()
        assert [(p.kind, p.default) for p in mine.parameters.values()] == [
            (p.kind, p.default) for p in theirs.parameters.values()
        ], name
        assert inspect.iscoroutinefunction(getattr(awaited, name))
        assert getattr(awaited, name).__doc__ == getattr(sync, name).__doc__


def test_open_takes_what_the_other_open_takes(database, clock):
    async def main():
        async with AsyncAgentMemory.open(database, embedder=FakeEmbedder(), durability="full", clock=clock) as store:
            assert await store.scopes() == ()

    asyncio.run(main())


def test_every_verb_works_when_awaited(database, clock, tmp_path):
    async def main():
        store = await AsyncAgentMemory.open(database, embedder=FakeEmbedder(), clock=clock)
        handle = store.scope("a")
        receipt = await handle.add(["otters swim", "cats sleep"], ref="r")
        (id, other) = receipt.ids
        assert (await handle.retrieve("otters"))[0].id == id
        assert id in await handle.context("otters")
        assert (await handle.get(id)).text == "otters swim"
        assert (await handle.episode(receipt.episodes[0])).ref == "r#0"
        assert len(await handle.list()) == 2
        await handle.update(id, text="otters dream")
        assert len(await handle.history(id)) == 2
        await handle.retire(id), await handle.restore(id), await handle.pin(id), await handle.expires_at(id, None)
        await handle.undo((await handle.history(id))[-1].changes[-1].run)
        await handle.export(tmp_path / "x")
        assert (await handle.import_(tmp_path / "x")).present > 0
        assert (await handle.forget(ids=[other])).memories == 1
        assert (await handle.stats()).memories == 1
        assert await store.reindex(FakeEmbedder(32)) == 2
        assert await store.compact() is True
        assert [scope.path for scope in await store.scopes()] == ["a"]
        assert len(await store.scope("b").reading(handle.scope).retrieve("otters")) == 1
        with pytest.raises(NotFound):
            await handle.get("mem_0")
        await store.close()
        await store.close()

    asyncio.run(main())


def test_many_verbs_at_once_are_all_done(database, clock):
    async def main():
        async with AsyncAgentMemory.open(database, embedder=FakeEmbedder(), clock=clock) as store:
            handle = store.scope("a")
            receipts = await asyncio.gather(*(handle.add(f"otter {i}", ref=str(i)) for i in range(60)))
            found = await asyncio.gather(*(handle.retrieve(f"otter {i}", k=3) for i in range(20)))
            assert len({receipt.ids for receipt in receipts}) == 60 and all(found)
            assert (await handle.stats()).vectors == 60

    asyncio.run(main())


def test_the_loop_goes_on_while_a_verb_works(database, clock):
    class Slow(FakeEmbedder):
        go_on = threading.Event()

        def embed_documents(self, texts):
            assert self.go_on.wait(10)
            return super().embed_documents(texts)

    async def main():
        async with AsyncAgentMemory.open(database, embedder=Slow(), clock=clock) as store:
            adding = asyncio.create_task(store.scope("a").add("otter"))
            for _ in range(50):
                await asyncio.sleep(0)
            assert not adding.done()
            Slow.go_on.set()
            assert (await adding).pending == ()

    asyncio.run(main())


@pytest.mark.parametrize("moment", ["before", "during"])
def test_a_cancelled_verb_is_done_whole_or_not_begun(database, clock, moment):
    class Slow(FakeEmbedder):
        begun, go_on = threading.Event(), threading.Event()

        def embed_documents(self, texts):
            self.begun.set()
            assert self.go_on.wait(10)
            return super().embed_documents(texts)

    Slow.begun, Slow.go_on = threading.Event(), threading.Event()

    async def main():
        async with AsyncAgentMemory.open(database, embedder=Slow(), clock=clock) as store:
            handle = store.scope("a")
            adding = asyncio.create_task(handle.add([f"otter {i}" for i in range(5)], ref="r", batch_size=2))
            if moment == "during":
                await asyncio.sleep(0)
                await asyncio.get_running_loop().run_in_executor(None, Slow.begun.wait, 10)
            adding.cancel()
            with pytest.raises(asyncio.CancelledError):
                await adding
            Slow.go_on.set()
        with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock) as again:
            stats = again.scope("a").stats()
            assert (stats.episodes, stats.memories, stats.vectors) == ((5, 5, 5) if moment == "during" else (0, 0, 0))

    asyncio.run(main())


def test_context_variables_reach_the_verb(database, clock):
    who = contextvars.ContextVar("who", default="nobody")
    seen = []

    async def main():
        async with AsyncAgentMemory.open(database, embedder=FakeEmbedder(), clock=clock) as store:
            who.set("ana")
            await store.scope("a").add("otter", progress=lambda _: seen.append(who.get()))

    asyncio.run(main())
    assert seen == ["ana"]


@pytest.mark.parametrize("ended", ["cancelled", "closed", "told"])
def test_a_worker_that_goes_on_and_on_can_be_ended(database, clock, ended):
    worked = threading.Event()

    async def main():
        async with AsyncAgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe="facts") as store:
            await store.scope("a").add("Ana likes otters.", speaker="Ana")
            stop = threading.Event() if ended == "told" else None
            working = store.work(once=False, quiet=0, interval=3600, stop=stop, progress=lambda _: worked.set())
            task = asyncio.create_task(working)
            await asyncio.get_running_loop().run_in_executor(None, worked.wait, 10)
            if ended == "cancelled":
                task.cancel()
            elif stop is not None:
                stop.set()
        with pytest.raises(StoreClosed):
            await store.work(once=False)
        return (await asyncio.gather(task, return_exceptions=True))[0]

    outcome = asyncio.run(asyncio.wait_for(main(), 20))
    if ended == "cancelled":
        assert isinstance(outcome, asyncio.CancelledError)
    else:
        assert outcome.turns >= 1 and outcome.stopped == "it was told to stop"
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock) as again:
        assert again.check() == ()


def test_a_worker_does_what_is_due_when_it_is_awaited(database, clock):
    async def main():
        async with AsyncAgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe="facts") as store:
            await store.scope("a").add("Ana likes otters.", speaker="Ana")
            worked = await store.work()
            assert worked.turns >= 1 and worked.stopped is None

    asyncio.run(main())


def test_after_close_every_verb_says_that_it_is_closed(database, clock):
    async def main():
        store = await AsyncAgentMemory.open(database, embedder=FakeEmbedder(), clock=clock)
        await store.close()
        for call in (store.scope("a").add("otter"), store.scope("a").retrieve("otter"), store.scopes()):
            with pytest.raises(StoreClosed):
                await call

    asyncio.run(main())


def test_closing_waits_for_what_is_under_way(database, clock):
    async def main():
        store = await AsyncAgentMemory.open(database, embedder=FakeEmbedder(), clock=clock)
        tasks = [asyncio.create_task(store.scope("a").add(f"otter {i}")) for i in range(20)]
        await asyncio.sleep(0)
        await store.close()
        assert all(receipt.ids for receipt in await asyncio.gather(*tasks))

    asyncio.run(main())
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock) as again:
        assert again.scope("a").stats().episodes == 20


def test_a_store_that_cannot_be_opened_raises_and_leaves_no_thread(tmp_path):
    before = threading.active_count()

    async def main():
        with pytest.raises(StoreError):
            await AsyncAgentMemory.open(tmp_path / "no folder" / "x.db", embedder=FakeEmbedder())
        with pytest.raises(StoreError):
            async with AsyncAgentMemory.open(tmp_path / "no folder" / "x.db", embedder=FakeEmbedder()):
                pass

    asyncio.run(main())
    for thread in threading.enumerate():
        if thread.name.startswith("agentmem"):
            thread.join(5)
    assert threading.active_count() <= before
