"""The worker beside those who add, write and consolidate; and what it tells them of its work."""

from __future__ import annotations

import logging
import threading

from small_world import CONVERSATION, calls, extraction, in_all, said, scripted
from worker_world import fill, waits

from agentmem.engine.worker import Worker
from agentmem.engine.worker_settings import WorkerSettings


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
