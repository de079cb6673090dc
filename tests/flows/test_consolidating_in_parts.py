"""``consolidate`` that fails at something, is stopped by a budget, or only rehearses: the rest is done later, once."""

from __future__ import annotations

import sqlite3

import pytest
from small_world import CONVERSATION, DOCUMENTS, calls, in_all, said, scripted
from what_was_built import Unwell, counted

from agentmem.errors import InvalidInput, LLMRefused, LLMUnavailable
from agentmem.models.chat.budget import Budget
from agentmem.models.chat.loading import wrap


@pytest.mark.parametrize(
    ("ill", "name", "times"),
    [
        ("I cannot do that.", "MalformedReply", 2),
        ('{"facts": []}', "MalformedReply", 2),
        (LLMUnavailable("slow down", retry_after=3), "LLMUnavailable", 1),
        (LLMRefused("no such model"), "LLMRefused", 1),
    ],
)
def test_a_unit_that_fails_is_kept_and_done_later_and_the_others_go_on(opened, clock, ill, name, times):
    model = Unwell(ill)
    chat = scripted(extract=model)
    handle = opened(llm=chat)
    handle.add([*CONVERSATION, *DOCUMENTS])
    done = handle.consolidate()
    assert not done.done and len(done.failures) == 1 and done.failures[0].startswith(name)
    assert "pottery" not in done.failures[0]
    assert done.built[0].units == 3 and done.built[0].waiting == 2
    assert calls(chat) == 3 + times
    before = counted(handle)

    assert handle.consolidate().built[0].waiting == 2 and calls(chat) == 3 + times  # it is not due yet
    model.ill = None
    clock.advance(minutes=2)
    done = handle.consolidate()
    assert done.done and done.built[0].units == 1 and calls(chat) == 4 + times
    after = counted(handle)
    assert after["fact"] == before["fact"] + 2 == 7 + 0 * after["fact"]
    assert after["summary"] == before["summary"] + 1 == 4
    assert handle.consolidate().run is None


def test_a_unit_that_keeps_failing_is_tried_less_and_less_often(opened, clock):
    chat = scripted(extract="no")
    handle = opened(llm=chat)
    handle.add(CONVERSATION[:3])
    handle.consolidate()
    tried = []
    for minute in range(1, 40):
        clock.advance(minutes=1)
        before = calls(chat)
        handle.consolidate()
        if calls(chat) > before:
            tried.append(minute)
    assert tried == [1, 3, 7, 15, 31]


def test_a_budget_stops_the_work_cleanly_and_the_next_call_does_exactly_the_rest(opened):
    chat = scripted()
    handle = opened(llm=chat)
    handle.add([said(f"I have {n} cats named Tom{n}.", "Ana", f"s{n}") for n in range(20)])
    first = handle.consolidate(budget=Budget(calls=7))
    assert calls(chat) == 7 and not first.done and "budget" in (first.built[0].stopped or "")
    assert first.usage.llm_calls == 7
    assert first.built[0].waiting == 20 - first.built[0].units
    second = handle.consolidate(budget=Budget(calls=7))
    third = handle.consolidate()
    assert calls(chat) == 20 and third.done
    assert first.built[0].units + second.built[0].units + third.built[0].units == 20
    assert counted(handle)["fact"] == 20 and counted(handle)["summary"] == 20
    assert first.usage.llm_calls + second.usage.llm_calls + third.usage.llm_calls == 20


def test_a_budget_needs_a_model_that_can_be_held_to_it(opened):
    class Own:
        name = "own"

        def complete(self, prompt, schema):
            raise LLMUnavailable("x")

        def complete_many(self, prompts, schema):
            return [LLMUnavailable("x") for _ in prompts]

    handle = opened(llm=Own())
    handle.add(CONVERSATION)
    with pytest.raises(InvalidInput, match="budget"):
        handle.consolidate(budget=Budget(calls=1))
    assert len(handle.consolidate().failures) == 2


def test_an_llm_of_its_own_kind_builds_the_same(opened):
    inner = wrap(scripted())

    class Own:
        name = "own"

        def complete(self, prompt, schema):
            return inner.complete(prompt, schema)

        def complete_many(self, prompts, schema):
            return inner.complete_many(prompts, schema)

    handle = opened(llm=Own())
    handle.add(CONVERSATION)
    assert handle.consolidate().usage.llm_calls == 2 and counted(handle)["fact"] == 5


def test_what_calls_cost_is_told_even_where_nothing_came_of_them(opened):
    chat = scripted(extract="no")
    handle = opened(llm=chat)
    handle.add(CONVERSATION)
    assert handle.consolidate().usage.llm_calls == calls(chat) == 4


def rows(database, table):
    with sqlite3.connect(database) as raw:
        found = raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    raw.close()
    return found


def test_a_dry_run_writes_nothing_but_its_bookkeeping(opened, database):
    chat = scripted()
    handle = opened(llm=chat)
    handle.add([*CONVERSATION, *DOCUMENTS])
    handle.retrieve("x")
    tables = ("journal", "memories", "sources", "edges", "vectors", "runs")
    before = [rows(database, table) for table in tables]
    dry = handle.consolidate(dry_run=True)
    assert [rows(database, table) for table in tables] == before
    assert dry.run is None and dry.built[0].added["fact"] == 7 and calls(chat) == 4
    wet = handle.consolidate()
    assert wet.built[0].added == dry.built[0].added and wet.done
    assert calls(chat) == 4  # the replies of the dry run were kept


def test_a_dry_run_between_two_others_changes_nothing_of_the_second(opened):
    handle = opened(llm=scripted())
    handle.add(CONVERSATION[:3])
    handle.consolidate()
    handle.add(said("I met Zelda.", "Ana", "s9"))
    handle.consolidate(dry_run=True)
    handle.consolidate()
    assert "Zelda" in {memory.text for memory in in_all(handle, "entity")}


def test_a_reworded_turn_of_a_unit_that_waits_is_not_built_twice(opened, clock):
    model = Unwell("no")
    handle = opened("facts", scripted(extract=model))
    ids = handle.add(CONVERSATION).ids
    handle.consolidate()
    handle.update(ids[3], text="I started to learn pottery at the studio in Braga.")
    model.ill = None
    handle.consolidate()
    clock.advance(minutes=2)
    assert handle.consolidate().done
    texts = [memory.text for memory in in_all(handle, "fact")]
    assert sum("Braga" in text for text in texts) == 1 and len(texts) == 5


def test_a_write_that_fails_leaves_nothing_half_known(opened, monkeypatch):
    """Names seen in a proposal that was never written must be written the next time."""
    handle = opened("triples", scripted())
    handle.add(CONVERSATION[:3])
    handle.consolidate()
    handle.add([said("I met Zelda.", "Ana", "s8"), said("I met Yara.", "Ana", "s9")])
    from agentmem.store.writing import ScopeWriter

    apply, left = ScopeWriter.apply, [1]

    def failing(self, run, operations):
        if run.cause.get("verb") == "consolidate" and not left:
            raise KeyboardInterrupt
        if run.cause.get("verb") == "consolidate":
            left.pop()
        return apply(self, run, operations)

    with monkeypatch.context() as patch:
        patch.setattr(ScopeWriter, "apply", failing)
        with pytest.raises(KeyboardInterrupt):
            handle.consolidate()
    assert handle.consolidate().done
    assert {"Zelda", "Yara"} <= {memory.text for memory in in_all(handle, "entity")}
