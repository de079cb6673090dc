"""``consolidate``: what is built, from what, and that nothing is built twice or lost."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta

import pytest
from small_world import CONVERSATION, DOCUMENTS, calls, extraction, in_all, said, scripted

from agentmem import AgentMemory, Message
from agentmem.errors import InvalidInput, LLMRefused, LLMUnavailable
from agentmem.models.chat.budget import Budget
from agentmem.models.chat.loading import wrap
from agentmem.testing import FakeEmbedder
from agentmem.types import State

KINDS = ("fact", "triple", "entity", "summary")


@pytest.fixture
def opened(database, clock):
    """Opens the database with a recipe and a model; closes all at the end."""
    stores = []

    def open_it(recipe="mixed", llm=None, **arguments):
        arguments = {"embedder": FakeEmbedder(), "clock": clock, **arguments}
        stores.append(AgentMemory.open(database, recipe=recipe, llm=llm, **arguments))
        return stores[-1].scope("acme", "ana")

    yield open_it
    for store in stores:
        store.close()


@pytest.fixture(params=[False, True], ids=["rules", "model"])
def filled(opened, request):
    handle = opened(llm=scripted() if request.param else None)
    handle.add([*CONVERSATION, *DOCUMENTS])
    return handle


def counted(handle):
    return {kind: len(in_all(handle, kind, state=None)) for kind in KINDS}


def test_all_kinds_are_built_and_their_sources_are_exact_spans_of_what_was_added(filled):
    done = filled.consolidate()
    assert done.done and done.run is not None and not done.failures
    (built,) = done.built
    assert built.units == 4 and built.waiting == 0 and built.stopped is None
    assert dict(built.added) == {kind: count for kind, count in counted(filled).items() if count}
    assert all(counted(filled).values())
    for memory in in_all(filled, *KINDS, state=None):
        assert memory.sources
        for source in memory.sources:
            text = filled.episode(source.episode).text
            assert 0 <= source.start < source.end <= len(text)


def test_facts_found_by_rules_point_to_the_words_they_are_made_of(opened):
    handle = opened("facts")
    handle.add(CONVERSATION)
    handle.consolidate()
    facts = in_all(handle, "fact")
    spans = {handle.episode(s.episode).text[s.start : s.end] for fact in facts for s in fact.sources}
    assert "Misty likes to sleep on my piano." in spans
    assert all(len(fact.sources) == 1 for fact in facts)


def test_consolidating_again_builds_nothing_and_asks_nothing(opened):
    chat = scripted()
    handle = opened(llm=chat)
    handle.add([*CONVERSATION, *DOCUMENTS])
    handle.consolidate()
    before, asked = counted(handle), len(chat.requests)
    again = handle.consolidate()
    assert again.run is None and again.done and again.built[0].units == 0
    assert counted(handle) == before and len(chat.requests) == asked == 4


def test_only_what_is_new_is_worked_on(opened):
    chat = scripted()
    handle = opened(llm=chat)
    handle.add(CONVERSATION)
    handle.consolidate()
    handle.add(said("I moved to Faro.", "Ana", "s2", 7))
    assert handle.consolidate().built[0].units == 1
    last = chat.requests[-1].prompt.variables["text"]
    assert last == "[0] Ana: I moved to Faro." and calls(chat) == 3


def test_turns_without_a_session_go_by_day(opened):
    handle = opened()
    handle.add([Message("I like tea.", speaker="Ana"), Message("I like jam.", speaker="Ana")])
    assert handle.consolidate().built[0].units == 1


def test_what_cannot_be_searched_is_not_worked_on(opened):
    chat = scripted()
    handle = opened(llm=chat)
    handle.add(Message("You are a helpful assistant.", role="system"))
    done = handle.consolidate()
    assert done.done and not chat.requests and done.run is None


def test_a_scope_that_holds_nothing(opened):
    handle = opened(llm=scripted())
    assert handle.consolidate().run is None and handle.consolidate().done


def test_entities_are_there_once_however_often_they_are_named(opened):
    handle = opened(llm=scripted())
    handle.add(CONVERSATION)
    handle.consolidate()
    handle.add(said("I am in Porto with Ben.", "Ana", "s3"))
    handle.consolidate()
    names = [memory.text for memory in in_all(handle, "entity")]
    assert len(names) == len(set(names)) and "Ana" in names


def unfaithful(request):
    reply = json.loads(extraction(request))
    reply["facts"].append(
        {
            "text": "Ana owns 14 helicopters in Tokyo.",
            "speaker": "Ana",
            "subject": "Ana",
            "time": None,
            "keys": [],
            "source": [0],
        }
    )
    return json.dumps(reply)


def test_a_fact_that_its_lines_do_not_support_is_kept_and_not_found(opened):
    handle = opened("facts", scripted(extract=unfaithful))
    handle.add(CONVERSATION)
    handle.consolidate()
    doubtful = in_all(handle, "fact", state=State.QUARANTINED)
    assert {memory.text for memory in doubtful} == {"Ana owns 14 helicopters in Tokyo."}
    ids = {memory.id for memory in doubtful}
    assert not ids & {hit.id for hit in handle.retrieve("helicopters in Tokyo", k=50)}
    handle.restore(doubtful[0].id)
    assert handle.retrieve("helicopters in Tokyo")[0].id == doubtful[0].id


class Unwell:
    """Answers the second session badly as long as ``ill`` says how."""

    def __init__(self, ill):
        self.ill = ill

    def __call__(self, request):
        if self.ill is not None and "pottery" in request.prompt.variables["text"]:
            return self.ill
        return extraction(request)


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


def test_undo_retires_what_was_built_and_it_is_not_built_again_by_itself(filled):
    done = filled.consolidate()
    ids = {memory.id for memory in in_all(filled, *KINDS)}
    filled.undo(done.run)
    assert not in_all(filled, *KINDS)
    assert {m.id for m in in_all(filled, *KINDS, state=State.RETIRED)} == ids
    assert filled.retrieve("Luis", recipe="facts") == []
    assert all(hit.kind == "chunk" for hit in filled.retrieve("Luis"))
    assert filled.consolidate().run is None
    filled.add(said("Luis is in Porto again.", "Ben", "s5"))
    assert filled.consolidate().built[0].units == 1
    assert in_all(filled, "fact") and "Luis" in " ".join(m.text for m in in_all(filled, "fact"))


def test_undoing_the_undoing_brings_it_back(filled):
    done = filled.consolidate()
    before = {memory.id for memory in in_all(filled, *KINDS)}
    filled.undo(filled.undo(done.run))
    assert {memory.id for memory in in_all(filled, *KINDS)} == before
    assert filled.retrieve("Luis", recipe="facts")


def test_a_retired_fact_is_not_found_and_not_built_again_and_comes_back(opened):
    handle = opened("facts")
    handle.add(CONVERSATION)
    handle.consolidate()
    (hit,) = handle.retrieve("pottery studio", k=1)
    handle.retire(hit.id)
    handle.consolidate()
    assert hit.id not in {found.id for found in handle.retrieve("pottery studio", k=50)}
    handle.restore(hit.id)
    assert handle.retrieve("pottery studio", k=1)[0].id == hit.id


def test_the_new_wording_of_a_turn_is_worked_on(opened):
    chat = scripted()
    handle = opened("facts", chat)
    ids = handle.add(CONVERSATION).ids
    handle.consolidate()
    handle.update(ids[1], text="My brother Luis lives in Braga with his two dogs.")
    done = handle.consolidate()
    assert done.built[0].units == 1 and done.done
    assert chat.requests[-1].prompt.variables["text"].endswith("Braga with his two dogs.")
    texts = {memory.text for memory in in_all(handle, "fact")}
    assert any("Braga" in text for text in texts)
    assert handle.consolidate().run is None


def test_a_turn_that_was_rewritten_before_the_first_time_is_read_once_in_its_new_wording(opened):
    chat = scripted()
    handle = opened("facts", chat)
    ids = handle.add(CONVERSATION).ids
    handle.update(ids[1], text="My brother Luis lives in Braga with his two dogs.")
    done = handle.consolidate()
    assert done.done and done.built[0].units == 2 and calls(chat) == 2
    assert not any("Luis lives in Porto" in memory.text for memory in in_all(handle, "fact"))
    assert len(in_all(handle, "fact")) == 5


def test_the_journal_says_which_prompt_a_fact_comes_from(opened):
    handle = opened("facts", scripted())
    handle.add(CONVERSATION)
    handle.consolidate()
    (first, *_rest) = in_all(handle, "fact")
    cause = handle.history(first.id)[0].changes[0].cause
    assert cause["verb"] == "consolidate" and cause["recipe"] == "facts" and cause["model"] == "scripted"
    (prompt,) = cause["prompts"]
    assert prompt["prompt"] == "extract" and prompt["version"] >= 1 and len(prompt["digest"]) == 16


def test_replies_serve_another_store_over_the_same_file(opened):
    chat = scripted()
    first = opened("facts", chat)
    first.add(CONVERSATION)
    first.consolidate(dry_run=True)
    other = scripted()
    second = opened("facts", other)
    assert second.consolidate().done and not other.requests


def test_replies_of_one_recipe_serve_the_next(opened):
    first = scripted()
    handle = opened("facts", first)
    handle.add(CONVERSATION)
    handle.consolidate()
    second = scripted()
    opened("triples", second).consolidate()
    assert not second.requests and in_all(handle, "triple")


def test_a_lease_keeps_others_out_until_it_runs_out(opened, clock):
    seen = []

    def answer(request):
        seen.append(second.consolidate().built[0].stopped)
        return extraction(request)

    first = opened("facts", scripted(extract=answer))
    second = opened("facts", scripted())
    first.add(CONVERSATION[:3])
    assert first.consolidate().done and seen == ["another process is at it"]
    assert len(in_all(first, "fact")) == 3


def test_a_lease_that_was_taken_over_stops_the_first(opened, clock):
    def answer(request):
        clock.advance(timedelta(minutes=11))
        second.consolidate()
        return extraction(request)

    first = opened("facts", scripted(extract=answer))
    second = opened("facts", scripted())
    first.add(CONVERSATION)
    done = first.consolidate()
    assert done.built[0].units == 0
    assert len(in_all(first, "fact")) == 5 and first.consolidate().done


def test_what_is_forgotten_while_the_model_thinks_is_not_built_and_the_rest_is(opened):
    def answer(request):
        if "Misty" in request.prompt.variables["text"] and not gone:
            gone.append(first.forget(ids=[ids[0]], compact=False))
        return extraction(request)

    gone = []
    first = opened("facts", scripted(extract=answer))
    ids = first.add(CONVERSATION).ids
    done = first.consolidate()
    assert done.done, done
    texts = sorted(memory.text for memory in in_all(first, "fact"))
    assert len(texts) == 4 and not any("adopted" in text for text in texts)
    first.consolidate()
    assert sorted(memory.text for memory in in_all(first, "fact")) == texts


def test_a_reply_about_what_was_forgotten_meanwhile_is_not_kept(opened, database):
    def answer(request):
        if not gone:
            gone.append(first.forget(ids=[ids[0]]))
        return extraction(request)

    gone = []
    first = opened("facts", scripted(extract=answer))
    ids = first.add(CONVERSATION[:3]).ids
    assert first.consolidate().done and len(in_all(first, "fact")) == 2
    assert [file for file in database.parent.iterdir() if b"adopted" in file.read_bytes()] == []


def test_what_is_forgotten_while_the_model_fails_is_no_longer_waiting(opened):
    def answer(_request):
        if not gone:
            gone.append(first.forget(ids=[ids[0]], compact=False))
        return LLMUnavailable("no")

    gone = []
    first = opened("facts", scripted(extract=answer))
    ids = first.add(CONVERSATION[:3]).ids
    done = first.consolidate()
    assert done.built[0].waiting == 2 and len(done.failures) == 1


def test_a_failure_after_the_lease_was_lost_does_not_bring_done_work_back(opened, clock):
    def answer(_request):
        clock.advance(timedelta(minutes=11))
        second.consolidate()
        return LLMUnavailable("no")

    first = opened("facts", scripted(extract=answer))
    second = opened("facts", scripted())
    first.add(CONVERSATION[:3])
    first.consolidate()
    clock.advance(days=2)
    assert first.consolidate().done and len(in_all(first, "fact")) == 3


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
