"""When the worker works: where it is quiet, at its times, and by the clock of the store."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from worker_world import fill, waits

from agentmem.engine.schedule import Schedule
from agentmem.engine.worker import Worker
from agentmem.engine.worker_settings import WorkerSettings
from agentmem.forgetting.policy import Forgetting
from agentmem.protocols import Cursor


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


def test_the_clock_of_leases_is_the_stores(opened, clock):
    """Work that a process left behind is taken over when its lease has run out, and not before."""
    store = opened()
    fill(store, a=1)
    follower = f"structure:{waits(store).follower}"
    with store.parts.store.write(store.scope("a").scope) as writer:
        writer.set_cursor(follower, Cursor(0, "somebody", clock() + timedelta(minutes=2)))
    assert store.work().turns == 0 and waits(store).owner == "somebody"
    clock.advance(minutes=3)
    assert store.work().units == 1
