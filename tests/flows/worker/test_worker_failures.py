"""What goes wrong in one scope is its own; what failed waits, is tried again, and can be brought back."""

from __future__ import annotations

import logging
from datetime import timedelta

from small_world import calls, extraction, in_all, scripted
from worker_world import Stage, fill, recipe_of, waits

from agentmem.engine.worker import Worker
from agentmem.engine.worker_settings import WorkerSettings
from agentmem.errors import LLMUnavailable
from agentmem.testing import BrokenEmbedder


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


def test_the_structures_after_one_that_raises_have_their_turn(opened):
    def fail(unit):
        raise ZeroDivisionError("a defect")

    store = opened(recipe=recipe_of(Stage(fail, name="broken"), after := Stage(lambda unit: None, name="after")))
    fill(store, a=2)
    done = store.work()
    assert (done.broken, done.units, len(after.seen)) == (2, 2, 2)  # tried once more, for something was done
    broken, well = store.scope("a").waiting()[:2]
    assert (broken.left, broken.owner, well.left) == (2, None, 0)


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
