"""MemoryBank: summaries of days, what is made of them, and what fades. Real stores, scripted words."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from agentmem import AgentMemory, Document, Message
from agentmem.errors import LLMUnavailable
from agentmem.kinds import CHUNK, PROFILE, SUMMARY
from agentmem.models.chat.budget import Budget
from agentmem.recipes import RECIPES
from agentmem.testing import FakeClock, FakeEmbedder
from agentmem.testing.chat import ScriptedChat

MAY = datetime(2025, 5, 1, 9, tzinfo=UTC)
_LINE = re.compile(r"\[\d+\] (.*)")


def diary(request):
    """A day in the words of its lines; what it tells of the people in those of the first."""
    lines = [line[1] for line in map(_LINE.fullmatch, request.prompt.variables["text"].splitlines()) if line]
    return json.dumps({"summary": " ".join(lines), "portrait": lines[0]})


def first_line(name):
    return lambda request: json.dumps({"text": request.prompt.variables[name].splitlines()[0]})


WORDS = {"day": diary, "summarise": first_line("texts"), "portrait": first_line("days")}


@pytest.fixture
def clock():
    return FakeClock(MAY + timedelta(days=3))


@pytest.fixture
def opened(tmp_path, clock):
    stores = []

    def open_it(llm=None, **more):
        arguments = {"embedder": FakeEmbedder(), "clock": clock, "recipe": "memorybank", **more}
        stores.append(AgentMemory.open(tmp_path / "memory.db", llm=llm, **arguments))
        return stores[-1].scope("a")

    yield open_it
    for store in stores:
        store.close()


def said(day, *texts, session=None, hour=0):
    at = MAY + timedelta(days=day, hours=hour)
    return [
        Message(text, speaker="Ana", session=session or f"s{day}", at=at + timedelta(minutes=number))
        for number, text in enumerate(texts)
    ]


def days(handle, state="active"):
    return [m for m in handle.list(kinds=[SUMMARY], state=state) if m.metadata["of"] == "day"]


def above(handle, kind, state="active"):
    return [m for m in handle.list(kinds=[kind], state=state) if m.metadata["of"] == "days"]


CAT, BOAT, TRIO = "I have a cat named Misty.", "I paint a boat.", "I play in a jazz trio."


def test_sessions_of_one_day_get_one_summary_and_all_days_another_with_a_portrait(opened):
    chat = ScriptedChat(WORDS)
    handle = opened(chat)
    handle.add([*said(0, CAT), *said(0, BOAT, session="evening", hour=9), *said(1, TRIO)])
    done = handle.consolidate()
    assert done.done and [request.prompt.id for request in chat.requests] == ["day", "day", "summarise", "portrait"]
    first, second = days(handle)
    assert first.text == f"Ana: {CAT} Ana: {BOAT}" and first.session is None and second.session == "s1"
    assert {source.session for source in first.sources} == {"s0", "evening"}
    [whole], [portrait] = above(handle, SUMMARY), above(handle, PROFILE)
    assert whole.text == f"01 May 2025: {first.text}" and portrait.text == f"01 May 2025: Ana: {CAT}"
    assert {source.session for source in whole.sources} == {"s0", "evening", "s1"} and whole.session is None


def test_what_is_made_of_all_days_is_made_anew_when_one_is_added(opened):
    handle = opened()
    handle.add(said(0, CAT))
    handle.consolidate()
    [before] = above(handle, PROFILE)
    handle.add(said(1, TRIO))
    run = handle.consolidate().run
    assert len(days(handle)) == 2
    [whole], [portrait] = above(handle, SUMMARY), above(handle, PROFILE)
    assert "Misty" in portrait.text and "jazz" in portrait.text and "Misty" in whole.text and "jazz" in whole.text
    assert [memory.id for memory in above(handle, PROFILE, "retired")] == [before.id]
    handle.undo(run)
    assert [memory.id for memory in above(handle, PROFILE)] == [before.id] and len(days(handle)) == 1


def test_turns_that_come_to_a_day_later_get_a_summary_of_their_own(opened):
    handle = opened()
    handle.add(said(0, CAT))
    handle.consolidate()
    handle.add(said(0, BOAT, session="evening", hour=9))
    handle.consolidate()
    assert [CAT in memory.text for memory in days(handle)] == [True, False]


def test_documents_are_left_out_and_days_that_tell_nothing_of_people_have_no_portrait(opened):
    handle = opened(ScriptedChat({**WORDS, "day": json.dumps({"summary": "Ana told of a boat.", "portrait": ""})}))
    handle.add(Document("The Douro rises in Spain.", title="Douro"))
    assert handle.consolidate().done and not handle.list(kinds=[SUMMARY, PROFILE])
    handle.add(said(0, BOAT))
    assert handle.consolidate().done
    assert len(above(handle, SUMMARY)) == 1 and above(handle, PROFILE) == []


def test_what_a_model_invents_is_left_out(opened):
    day = {"summary": f"Ana: {CAT} Zelda flew to Berlin in 1987.", "portrait": "Zelda owns 14 helicopters."}
    handle = opened(ScriptedChat({**WORDS, "day": json.dumps(day), "summarise": '{"text": "Zelda was 99."}'}))
    handle.add(said(0, CAT))
    assert handle.consolidate().done
    assert days(handle)[0].text == f"Ana: {CAT}"
    assert "Zelda" not in "".join(m.text + str(m.metadata) for m in handle.list(kinds=[SUMMARY, PROFILE]))


@pytest.mark.parametrize("failing", ["day", "summarise", "portrait"])
def test_a_failure_leaves_its_day_and_the_rest_is_made_when_that_is_done(opened, failing):
    handle = opened(ScriptedChat({**WORDS, failing: LLMUnavailable("away")}))
    handle.add([*said(0, CAT), *said(1, TRIO)])
    failed = handle.consolidate()
    assert not failed.done and len(days(handle)) == (0 if failing == "day" else 1)
    assert above(handle, SUMMARY) == above(handle, PROFILE) == []
    handle = opened(ScriptedChat(WORDS))
    handle.retry(dead_only=False)
    assert handle.consolidate().done and len(days(handle)) == 2
    assert len(above(handle, SUMMARY)) == len(above(handle, PROFILE)) == 1


def test_a_spent_budget_leaves_the_rest_for_later_and_nothing_is_asked_twice(opened):
    chat = ScriptedChat(WORDS)
    handle = opened(chat)
    handle.add([turn for day in range(3) for turn in said(day, CAT, f"Day {day} was sunny in Porto.")])
    tries = 0
    while not handle.consolidate(budget=Budget(calls=1)).done:
        tries += 1
        assert tries < 10
    asked = [(request.prompt.id, request.prompt.user) for request in chat.requests]
    assert len(asked) == len(set(asked)) == 5
    assert len(days(handle)) == 3 and len(above(handle, SUMMARY)) == len(above(handle, PROFILE)) == 1


def test_many_days_are_summarised_in_groups(opened):
    chat = ScriptedChat(WORDS)
    handle = opened(chat, count_tokens=lambda text: 1 + 2_500 * text.count("2025"))
    handle.add([turn for day in range(5) for turn in said(day, f"I painted boat {day}.")])
    assert handle.consolidate().done
    assert sum(request.prompt.id == "summarise" for request in chat.requests) == 4  # 2 + 2 + 1 days, then one of all
    assert len(above(handle, SUMMARY)) == 1


def test_who_forgets_a_turn_forgets_it_everywhere_and_the_day_is_read_anew(opened):
    handle = opened()
    ids = handle.add([*said(0, CAT, BOAT), *said(1, TRIO)]).ids
    handle.consolidate()
    handle.forget(ids=[ids[0]], compact=False)
    left = handle.list(kinds=[SUMMARY, PROFILE], state=None)
    assert not any("Misty" in memory.text + str(memory.metadata) for memory in left)
    assert handle.consolidate().done
    assert [memory.text for memory in days(handle)] == [f"Ana: {BOAT}", f"Ana: {TRIO}"]
    [whole] = above(handle, SUMMARY)
    assert BOAT in whole.text and TRIO in whole.text


def test_texts_fade_unless_they_are_found_and_nothing_is_destroyed(opened, clock):
    handle = opened()
    handle.add([*said(0, CAT), *said(1, TRIO), *said(2, BOAT)])
    handle.consolidate()
    clock.advance(days=10)
    assert handle.retrieve("cat named Misty", k=1, kinds=[CHUNK])[0].text == CAT
    clock.advance(days=10)
    handle.consolidate()
    assert [memory.text for memory in handle.list(kinds=[CHUNK])] == [CAT]
    assert len(days(handle)) == 3 and "jazz" in above(handle, PROFILE)[0].text
    clock.advance(days=400)
    handle.consolidate()
    assert len(handle.list(kinds=[CHUNK], state="retired")) == 3


def test_texts_and_summaries_are_found_together(opened):
    handle = opened(ScriptedChat(WORDS))
    handle.add([*said(0, CAT), *said(1, TRIO)])
    handle.consolidate()
    assert {hit.kind for hit in handle.retrieve("cat named Misty", k=6)} == {CHUNK, SUMMARY, PROFILE}
    assert RECIPES["memorybank"].forgetting.decay == "ebbinghaus"
