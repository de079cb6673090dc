"""``consolidate``: what is built, from what, and that nothing is built twice or lost."""

from __future__ import annotations

import json

from small_world import CONVERSATION, DOCUMENTS, calls, extraction, in_all, said, scripted
from what_was_built import KINDS, counted

from agentmem import Message
from agentmem.types import State


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
