"""How much the worker may do: budgets of all its work and of a turn, and what it may take out."""

from __future__ import annotations

import pytest
from small_world import calls, in_all, scripted
from worker_world import Stage, fill, recipe_of, waits, whose

from agentmem.engine.worker import Worker
from agentmem.engine.worker_settings import WorkerSettings
from agentmem.errors import InvalidInput, LLMUnavailable
from agentmem.models.chat.budget import Budget
from agentmem.operations import Retire
from agentmem.structures.structure import Proposal


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
