"""``work``: all scopes get their turn, fairly; what goes wrong in one is its own; nothing is lost when it stops."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from small_world import CONVERSATION, calls, extraction, in_all, said, scripted

from agentmem import AgentMemory
from agentmem.engine.schedule import Schedule
from agentmem.engine.worker import Worker
from agentmem.engine.worker_settings import WorkerSettings
from agentmem.errors import InvalidInput, LLMUnavailable, StoreClosed
from agentmem.forgetting.policy import Forgetting
from agentmem.models.chat.budget import Budget
from agentmem.operations import Retire
from agentmem.recipes.recipe import Recipe
from agentmem.structures.structure import Proposal
from agentmem.testing import BrokenEmbedder, FakeEmbedder


@pytest.fixture
def opened(database, clock):
    stores = []

    def open_it(llm=None, recipe="facts", **arguments):
        arguments = {"embedder": FakeEmbedder(), "clock": clock, **arguments}
        stores.append(AgentMemory.open(database, recipe=recipe, llm=llm, **arguments))
        return stores[-1]

    yield open_it
    for store in stores:
        store.close()


def fill(store, **sessions):
    """So many sessions of one turn in each scope."""
    for scope, count in sessions.items():
        store.scope(scope).add([said(f"I have {n} cats named {scope}{n}.", "Ana", f"s{n}") for n in range(count)])


def whose(chat):
    """The scope of each question, in order: the fixture's names carry it."""
    return [request.prompt.variables["text"].split("named ")[1].rstrip(".0123456789") for request in chat.requests]


@dataclass
class Stage:
    """A structure that does to each unit what it is told."""

    act: object
    name: str = "stage"
    kinds: tuple = ("insight",)
    reads: tuple = ()
    seen: list = field(default_factory=list)

    def propose(self, units, view, models):
        for unit in units:
            self.seen.append(unit)
            yield self.act(unit) or Proposal((), (unit,))


def recipe_of(*stages):
    return Recipe("own", "for this test", structures=tuple(lambda stage=stage: stage for stage in stages))


def waits(store, scope="a"):
    return store.scope(scope).waiting()[0]


def test_everything_in_all_scopes_is_done_and_then_nothing(opened):
    chat = scripted()
    store = opened(chat)
    fill(store, a=3, b=2)
    store.scope("c").add("A text without anybody.")
    done = store.work()
    assert (done.turns, done.runs, done.units, done.failures, done.broken, done.stopped) == (3, 3, 6, 0, 0, None)
    assert done.usage.llm_calls == calls(chat) == 6 and done.added["fact"] == 6
    assert all(one.left == 0 and one.owner is None for name in "abc" for one in store.scope(name).waiting())
    again = store.work()
    assert again.turns == again.units == 0 and calls(chat) == 6


def test_a_huge_scope_does_not_keep_others_waiting(opened):
    chat = scripted()
    store = opened(chat)
    fill(store, a=30, b=3, c=3)
    done = store.work(limit=2)
    asked = whose(chat)
    assert Counter(asked) == {"a": 30, "b": 3, "c": 3}
    assert asked[:6] == ["a", "a", "b", "b", "c", "c"] and set(asked[6:10]) == {"a", "b", "c"}
    assert done.turns == 15 + 2 + 2


def test_who_had_no_turn_for_longest_is_first_even_when_it_came_last(opened, clock):
    chat = scripted()
    store = opened(chat)
    fill(store, b=2)
    worker = Worker(lambda: store.parts, WorkerSettings(limit=1))
    worker.drain()
    fill(store, a=4, z=1)
    store.scope("b").add(said("I have a cat named b9.", "Ana", "s9"))
    before = calls(chat)
    worker.drain()
    assert whose(chat)[before : before + 3] == ["a", "z", "b"]


def test_a_scope_is_left_alone_until_it_is_quiet(opened, clock):
    store = opened()
    fill(store, a=1)
    clock.advance(seconds=40)
    fill(store, b=1)
    assert store.work(quiet=60).turns == 0
    clock.advance(seconds=21)
    assert store.work(quiet=60).units == 1 and waits(store, "b").new == 1
    clock.advance(seconds=40)
    assert store.work(quiet=60).units == 1 and waits(store, "b").left == 0


def test_one_worker_that_goes_on_finds_out_when_a_scope_is_quiet(opened, clock):
    store, stop, times = opened(), threading.Event(), []
    fill(store, a=1)

    def wait(event, seconds):
        times.append(clock())
        clock.advance(seconds=seconds)
        if len(times) == 3:
            fill(store, b=1)
        if len(times) > 30:
            stop.set()
        return event.is_set()

    seen = []
    worker = Worker(
        lambda: store.parts, WorkerSettings(interval=10), progress=lambda so_far: seen.append(clock()), wait=wait
    )
    done = worker.run(stop)
    assert done.units == 2 and done.stopped == "it was told to stop"
    start = times[0]
    assert [(moment - start).total_seconds() for moment in seen] == [60, 90]


def test_what_a_scheduled_worker_does_it_does_at_its_times(opened, clock):
    store, stop, log = opened(), threading.Event(), []
    fill(store, a=1)

    def wait(event, seconds):
        assert seconds <= 60
        clock.advance(seconds=seconds)
        if clock() == datetime(2026, 1, 2, 12, tzinfo=UTC):
            fill(store, b=2)
        if clock() >= datetime(2026, 1, 3, 12, tzinfo=UTC):
            stop.set()
        return event.is_set()

    settings = WorkerSettings(schedule=Schedule("0 3 * * *", "Europe/Brussels"), limit=1)
    worker = Worker(
        lambda: store.parts, settings, progress=lambda so_far: log.append((clock(), so_far.units)), wait=wait
    )
    assert worker.run(stop).units == 3
    assert log == [
        (datetime(2026, 1, 1, 2, tzinfo=UTC), 1),
        (datetime(2026, 1, 3, 2, tzinfo=UTC), 2),
        (datetime(2026, 1, 3, 2, tzinfo=UTC), 3),
    ]


def test_a_structure_that_raises_breaks_only_its_own_scope_which_rests_longer_and_longer(opened, clock, caplog):
    def act(unit):
        if "bad" in unit.chunks[0].text:
            raise ZeroDivisionError("a defect")

    stage = Stage(act)
    store = opened(recipe=recipe_of(stage))
    fill(store, bad=1, good=2)
    worker = Worker(lambda: store.parts, WorkerSettings(interval=1))
    with caplog.at_level(logging.ERROR, "agentmem"):
        done = worker.drain()
    assert (done.broken, done.units, done.stopped) == (1, 2, None)
    (record,) = caplog.records
    assert record.scope == "bad" and record.error == "ZeroDivisionError" and record.exc_info
    assert waits(store, "bad").left == 1 and waits(store, "bad").owner is None
    tried = []
    for second in range(1, 101):
        clock.advance(seconds=1)
        before = done.broken
        done = worker.drain()
        if done.broken > before:
            tried.append(second)
    assert tried == [10, 30, 70]
    fill(store, good=3)
    assert worker.drain().units == 2 + 3


def test_what_a_model_fails_at_waits_dies_and_lives_again(opened, clock):
    state = {"ill": True}

    def answer(request):
        if state["ill"] and "b0" in request.prompt.variables["text"]:
            return LLMUnavailable("away")
        return extraction(request)

    chat = scripted(extract=answer)
    store = opened(chat)
    fill(store, a=1, b=2)
    done = store.work()
    assert done.failures == 1 and done.units == 3 - 1 and done.broken == 0
    one = waits(store, "b")
    assert (one.deferred, one.failed, one.due, one.dead) == (1, 1, 0, 0)
    assert one.retry_at == clock() + timedelta(minutes=1) and one.last_error == "LLMUnavailable"
    before = calls(chat)
    assert store.work().turns == 0 and calls(chat) == before
    for _ in range(10):
        clock.advance(days=1)
        store.work()
    one = waits(store, "b")
    assert (one.deferred, one.failed, one.due, one.dead, one.retry_at) == (1, 1, 0, 1, None)
    asked = calls(chat)
    clock.advance(days=1000)
    assert store.work().turns == 0 and calls(chat) == asked
    state["ill"] = False
    assert store.scope("a").retry() == 0 and store.scope("nobody").retry() == 0
    assert store.scope("b").retry() == 1
    assert waits(store, "b").due == 1 and waits(store, "b").last_error is None
    assert store.work().units == 1 and waits(store, "b").left == 0
    assert len(in_all(store.scope("b"), "fact")) == 2
    assert len(store.scopes()) == 2


def test_what_failed_once_can_be_tried_again_without_waiting(opened):
    chat = scripted(extract=[LLMUnavailable("away")])
    store = opened(chat)
    fill(store, a=1)
    store.work()
    assert store.scope("a").retry() == 0
    assert store.scope("a").retry(dead_only=False) == 1 and waits(store).due == 1


def test_vectors_that_wait_are_seen_tried_at_their_time_and_made(opened, clock):
    model = BrokenEmbedder(BrokenEmbedder.raise_timeout)
    store = opened(recipe="chunks", embedder=model)
    fill(store, a=2)
    (one,) = store.scope("a").waiting()
    assert (one.follower, one.new, one.failed, one.due) == ("vectors", 2, 2, 0)
    assert one.retry_at is not None and "fake" in one.last_error
    assert store.work().turns == 0
    assert store.scope("a").retry(dead_only=False) == 2
    model.mode = None
    assert store.work().turns == 1
    (one,) = store.scope("a").waiting()
    assert one.left == 0 and store.scope("a").stats().pending_vectors == 0


def test_a_budget_ends_the_work_and_the_next_worker_does_exactly_the_rest(opened):
    chat = scripted()
    store = opened(chat)
    fill(store, a=5, b=5)
    first = store.work(budget=Budget(calls=3), limit=2)
    assert calls(chat) == 3 and first.usage.llm_calls == 3 and first.stopped == "its budget of 3 calls is spent"
    second = store.work(budget=Budget(calls=3), jobs=2)
    assert calls(chat) == 6 and second.stopped
    third = store.work(budget=Budget(calls=30))
    assert calls(chat) == 10 and third.stopped is None
    assert first.units + second.units + third.units == 10
    for name in "ab":
        assert len(in_all(store.scope(name), "fact")) == 5


def test_a_budget_of_a_turn_ends_the_turn_and_not_the_work(opened):
    chat = scripted()
    store = opened(chat)
    fill(store, a=4, b=4)
    done = store.work(turn_budget=Budget(calls=2))
    assert calls(chat) == 8 and done.units == 8 and done.turns == 4 and done.stopped is None
    assert whose(chat) == ["a", "a", "b", "b"] * 2
    fill(store, c=1)
    done = store.work(turn_budget=Budget(calls=0))
    assert done.turns == 1 and done.units == 0 and waits(store, "c").left == 1


def test_a_budget_needs_a_model_that_can_be_held_to_it(opened):
    class Own:
        name = "own"

        def complete(self, prompt, schema):
            raise LLMUnavailable("x")

        def complete_many(self, prompts, schema):
            return [LLMUnavailable("x") for _ in prompts]

    store = opened(Own())
    for arguments in ({"budget": Budget(calls=1)}, {"turn_budget": Budget(calls=1)}):
        with pytest.raises(InvalidInput, match="budget"):
            store.work(**arguments)


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


def test_after_each_write_it_lets_others_write(opened):
    rests = []

    class Patient(threading.Event):
        def wait(self, timeout=None):
            rests.append(timeout)
            return self.is_set()

    store = opened()
    fill(store, a=4)
    worker = Worker(lambda: store.parts, WorkerSettings(courtesy=3))
    assert worker.drain(Patient()).units == 4
    assert len(rests) == 4 and all(0 < rest <= 0.25 for rest in rests)


def test_told_to_stop_before_it_begins_it_does_nothing(opened):
    store, stop = opened(), threading.Event()
    fill(store, a=1)
    stop.set()
    assert store.work(stop=stop).turns == store.work(stop=stop, once=False).turns == 0
    assert store.work(stop=stop, once=False, schedule="* * * * *").stopped == "it was told to stop"


def test_several_scopes_at_once_and_none_of_them_twice(opened):
    inside, most, twice, lock = set(), [0], [], threading.Lock()
    together = threading.Barrier(3, timeout=20)

    def act(unit):
        name = unit.chunks[0].text.split("named ")[1][0]
        with lock:
            twice.extend([name] if name in inside else [])
            inside.add(name)
            most[0] = max(most[0], len(inside))
        if unit.session == "s0":
            together.wait()  # passes only if three scopes are at it
        with lock:
            inside.discard(name)

    stage = Stage(act)
    store = opened(recipe=recipe_of(stage))
    fill(store, a=6, b=6, c=6)
    done = store.work(jobs=3, limit=2)
    assert done.units == 18 and most[0] == 3 and twice == []


def test_a_long_turn_keeps_nobody_waiting_while_a_job_is_free(opened):
    came = threading.Event()

    def act(unit):
        if "named a0" in unit.chunks[0].text:
            fill(store, b=1)
            assert came.wait(20)
        else:
            came.set()

    store = opened(recipe=recipe_of(Stage(act)))
    fill(store, a=1)
    assert store.work(jobs=2, interval=0.01).units == 2


def test_while_the_worker_is_at_a_scope_a_consolidation_in_the_same_process_leaves_it_to_it(opened):
    seen = []

    def answer(request):
        seen.append(store.scope("a").consolidate().built[0].stopped)
        return extraction(request)

    store = opened(scripted(extract=answer))
    fill(store, a=1)
    assert store.work().units == 1 and seen == ["another process is at it"]


def test_adding_goes_on_while_the_worker_thinks(opened):
    def answer(request):
        if calls(chat) < 4:
            store.scope("a").add(said(f"I have a cat named new{calls(chat)}.", "Ana", f"t{calls(chat)}"))
        return extraction(request)

    chat = scripted(extract=answer)
    store = opened(chat)
    fill(store, a=2)
    assert store.work().stopped is None
    assert waits(store).left == 0 and len(in_all(store.scope("a"), "fact")) == 2 + 3


def test_a_worker_takes_no_more_out_of_a_scope_than_it_may_however_many_turns(opened, clock):
    def act(unit):
        return Proposal((Retire(unit.chunks[0].id),), (unit,))

    store = opened(recipe=recipe_of(Stage(act)))
    fill(store, a=300)
    worker = Worker(lambda: store.parts, WorkerSettings(limit=10, max_retired=0.1))
    worker.drain()
    assert store.scope("a").stats().memories == 270
    assert waits(store).left == 270
    for _hour in range(20):
        clock.advance(hours=1)
        worker.drain()
    assert store.scope("a").stats().memories == 270
    clock.advance(hours=5)
    worker.drain()
    assert store.scope("a").stats().memories == 243


def test_what_expires_is_retired_where_nothing_else_happens(opened, clock):
    store = opened(recipe="chunks", forgetting=Forgetting(expire=True))
    (id,) = store.scope("a").add("The offer stands until noon.").ids
    store.scope("a").expires_at(id, clock() + timedelta(hours=5))
    worker = Worker(lambda: store.parts, WorkerSettings())
    assert worker.drain().turns == 1 and worker.drain().turns == 1
    clock.advance(hours=23)
    assert worker.drain().turns == 1
    clock.advance(hours=2)
    assert worker.drain().turns == 2 and store.scope("a").get(id).state == "retired"


def test_progress_and_log_say_what_was_done(opened, caplog):
    seen = []
    store = opened(scripted())
    fill(store, a=2, b=1)
    with caplog.at_level(logging.INFO, "agentmem.engine.worker_turn"):
        done = store.work(progress=seen.append, limit=1)
    assert [so_far.units for so_far in seen] == [1, 2, 3] and seen[-1] == done
    records = [record for record in caplog.records if record.name == "agentmem.engine.worker_turn"]
    assert [(r.scope, r.structure, r.units, r.failed, r.calls) for r in records] == [
        ("a", records[0].structure, 1, 0, 1),
        ("b", records[0].structure, 1, 0, 1),
        ("a", records[0].structure, 1, 0, 1),
    ]
    assert all(r.run.startswith("run_") and r.seconds >= 0 and r.tokens > 0 for r in records)
    assert records[0].added == {"fact": 1}
    assert not any("cats" in record.getMessage() for record in records)


def test_a_run_of_the_worker_can_be_undone_and_says_who_did_it(opened, caplog):
    store = opened()
    store.scope("a").add(CONVERSATION)
    with caplog.at_level(logging.INFO, "agentmem.engine.worker_turn"):
        store.work()
    handle, run = store.scope("a"), caplog.records[-1].run
    fact = in_all(handle, "fact")[0]
    assert handle.history(fact.id)[0].changes[0].cause["by"] == "worker"
    handle.undo(run)
    assert not in_all(handle, "fact") and store.work().turns == 0


def test_a_store_that_was_closed_ends_the_worker(opened):
    store = opened()
    fill(store, a=1)
    store.close()
    for once in (True, False):
        with pytest.raises(StoreClosed):
            store.work(once=once)


@pytest.mark.parametrize(
    "wrong",
    [
        {"jobs": 0},
        {"limit": 0},
        {"quiet": -1},
        {"interval": float("nan")},
        {"max_retired": 2},
        {"zone": "UTC", "limit": -1},
        {"schedule": "0 3 * * *"},
        {"schedule": "soon", "once": False},
        {"schedule": "0 3 * * *", "zone": "Mars/Olympus", "once": False},
    ],
)
def test_wrong_settings_are_refused(opened, wrong):
    with pytest.raises(InvalidInput):
        opened().work(**wrong)


def test_an_idle_scope_is_not_looked_at_again(opened, monkeypatch):
    from agentmem.engine import worker as module

    looked = []
    outlook = module.outlook
    monkeypatch.setattr(
        module, "outlook", lambda parts, scope, quiet: looked.append(scope.path) or outlook(parts, scope, quiet)
    )
    store = opened()
    fill(store, a=1, b=1)
    worker = Worker(lambda: store.parts)
    worker.drain()
    looked.clear()
    worker.drain()
    assert looked == []
    fill(store, b=2)
    worker.drain()
    assert set(looked) == {"b"}


def test_work_can_be_awaited(database, clock):
    import asyncio

    from agentmem import AsyncAgentMemory

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


def test_the_clock_of_leases_is_the_stores(opened, clock):
    """Work that a process left behind is taken over when its lease has run out, and not before."""
    store = opened()
    fill(store, a=1)
    from agentmem.protocols import Cursor

    follower = f"structure:{waits(store).follower}"
    with store.parts.store.write(store.scope("a").scope) as writer:
        writer.set_cursor(follower, Cursor(0, "somebody", clock() + timedelta(minutes=2)))
    assert store.work().turns == 0 and waits(store).owner == "somebody"
    clock.advance(minutes=3)
    assert store.work().units == 1
