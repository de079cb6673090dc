"""``work``: all scopes get their turn, fairly, and none of them twice at once."""

from __future__ import annotations

import threading
from collections import Counter

from small_world import calls, said, scripted
from worker_world import Stage, fill, recipe_of, whose

from agentmem.engine import worker as module
from agentmem.engine.worker import Worker
from agentmem.engine.worker_settings import WorkerSettings


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


def test_an_idle_scope_is_not_looked_at_again(opened, monkeypatch):
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
