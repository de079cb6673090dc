"""What ``add`` stores, what it returns, and what it leaves out or refuses."""

from __future__ import annotations

import json
import logging
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from agentmem import AgentMemory
from agentmem.compat.mem0 import Memory, ValidationError
from agentmem.errors import LLMUnavailable
from agentmem.llm import ChatRequest
from agentmem.testing import FakeClock, FakeEmbedder, ScriptedChat

TALK = [
    {"role": "system", "content": "You are a travel agent."},
    {"role": "user", "name": "Ana", "content": "I love sci-fi movies."},
    {"role": "assistant", "content": "Noted."},
]
FACT = "Ana loves sci-fi movies."


def _scripted(*lines: object) -> ScriptedChat:
    return ScriptedChat({"extract": list(lines)})


def _reply(*facts: str) -> str:
    found = [{"text": text, "speaker": "Ana", "keys": [], "source": [0]} for text in facts]
    return json.dumps({"entities": [], "triples": [], "facts": found, "summary": "Ana talks."})


def test_a_text_is_a_message_of_the_user(mem0: Memory) -> None:
    (entry,) = mem0.add("I love sci-fi movies.", user_id="ana", infer=False)["results"]
    assert entry == {
        "id": entry["id"],
        "memory": "I love sci-fi movies.",
        "event": "ADD",
        "actor_id": None,
        "role": "user",
    }


def test_messages_are_kept_with_who_said_them_and_instructions_are_left_out(mem0: Memory) -> None:
    results = mem0.add(TALK, user_id="ana", infer=False)["results"]
    assert [(entry["memory"], entry["role"], entry["actor_id"]) for entry in results] == [
        ("I love sci-fi movies.", "user", "Ana"),
        ("Noted.", "assistant", None),
    ]


@pytest.mark.parametrize(("infer", "kept"), [(False, 1), (True, 0)])
def test_what_a_tool_said_is_kept_only_where_everything_is(mem0: Memory, infer: bool, kept: int) -> None:
    results = mem0.add([{"role": "tool", "content": "12 degrees"}], user_id="ana", infer=infer)["results"]
    assert len(results) == kept


def test_a_message_without_content_is_left_out_and_parts_are_joined(mem0: Memory) -> None:
    messages = [
        {"role": "assistant", "content": None, "tool_calls": []},
        {"role": "user", "content": "  "},
        {"role": "user", "content": [{"type": "text", "text": "Look:"}, {"type": "image_url", "image_url": {}}]},
        {"role": "user", "content": {"type": "text", "text": "Alone."}},
    ]
    results = mem0.add(messages, user_id="ana", infer=False)["results"]
    assert [entry["memory"] for entry in results] == ["Look:\n[image_url]", "Alone."]


def test_what_is_no_message_is_left_out_and_said(mem0: Memory, caplog: pytest.LogCaptureFixture) -> None:
    assert mem0.add(["just text", {"content": "no role"}], user_id="ana", infer=False) == {"results": []}
    assert caplog.text.count("left out") == 2


@pytest.mark.parametrize("messages", [None, 7, ("a",)])
def test_anything_else_is_refused_as_mem0_does(mem0: Memory, messages: object) -> None:
    with pytest.raises(ValidationError) as caught:
        mem0.add(messages, user_id="ana")
    assert caught.value.error_code == "VALIDATION_003"
    assert isinstance(caught.value, ValueError)


def test_somebody_must_be_named(mem0: Memory) -> None:
    with pytest.raises(ValidationError, match="user_id") as caught:
        mem0.add("hello")
    assert caught.value.error_code == "VALIDATION_001"


@pytest.mark.parametrize("id", ["", "  ", "two words", True, ["ana"]])
def test_an_identifier_is_one_word(mem0: Memory, id: object) -> None:
    with pytest.raises(ValueError, match="user_id"):
        mem0.add("hello", user_id=id)


def test_numbers_are_identifiers_and_white_space_around_them_does_not_count(mem0: Memory) -> None:
    mem0.add("I love films.", user_id=7)
    assert len(mem0.get_all(user_id=" 7 ")["results"]) == 1


def test_metadata_says_neither_whose_it_is_nor_who_said_it(mem0: Memory, caplog: pytest.LogCaptureFixture) -> None:
    added = mem0.add("hello", user_id="ana", metadata={"user_id": "bo", "actor_id": "bo", "topic": "x"})["results"]
    found = mem0.get(added[0]["id"])
    assert found is not None and found["user_id"] == "ana" and "actor_id" not in found
    assert found["metadata"] == {"topic": "x"}
    assert "metadata['user_id'] is not used" in caplog.text


@pytest.mark.parametrize(
    "when",
    [1_717_243_200, "2024-06-01T12:00:00+00:00", "2024-06-01T14:00:00+02:00", datetime(2024, 6, 1, 12, tzinfo=UTC)],
)
def test_it_can_be_said_when_it_was_said(mem0: Memory, when: object) -> None:
    for given in ({"timestamp": when}, {"metadata": {"created_at": when}} if isinstance(when, str) else {}):
        if given:
            (entry,) = mem0.add("hello", user_id="ana", **given)["results"]
            assert mem0.get(entry["id"])["created_at"] == "2024-06-01T12:00:00+00:00"


@pytest.mark.parametrize("when", ["yesterday", "2024-06-01T12:00:00", True, 1e300])
def test_a_time_that_names_no_moment_is_refused(mem0: Memory, when: object) -> None:
    with pytest.raises(ValueError, match="timestamp"):
        mem0.add("hello", user_id="ana", timestamp=when)


def test_a_date_is_the_last_day_in_utc(mem0: Memory, clock: FakeClock) -> None:
    clock.advance(hours=23)  # 2026-01-01 23:00
    (entry,) = mem0.add("hello", user_id="ana", expiration_date="2026-01-01")["results"]
    assert mem0.get(entry["id"])["expiration_date"] == "2026-01-01"
    assert len(mem0.search("hello", user_id="ana")["results"]) == len(mem0.get_all(user_id="ana")["results"]) == 1
    clock.advance(hours=1)
    assert mem0.search("hello", user_id="ana")["results"] == mem0.get_all(user_id="ana")["results"] == []
    assert len(mem0.search("hello", user_id="ana", show_expired=True)["results"]) == 1
    assert len(mem0.get_all(user_id="ana", show_expired=True)["results"]) == 1
    assert mem0.get(entry["id"]) is not None


def test_a_datetime_is_the_moment_itself(mem0: Memory, clock: FakeClock) -> None:
    mem0.add("hello", user_id="ana", expiration_date=datetime(2026, 1, 1, 6, tzinfo=UTC))
    clock.advance(hours=5)
    assert mem0.get_all(user_id="ana")["results"]
    clock.advance(hours=1)
    assert not mem0.get_all(user_id="ana")["results"]


@pytest.mark.parametrize("over", ["2020-01-01", date(2020, 1, 1), "2020-01-01T10:00:00+00:00"])
def test_what_is_over_before_it_is_stored_is_stored_and_not_found(mem0: Memory, over: object) -> None:
    mem0.add("hello", user_id="ana", expiration_date=over)
    assert mem0.get_all(user_id="ana")["results"] == []
    assert len(mem0.get_all(user_id="ana", show_expired=True)["results"]) == 1


@pytest.mark.parametrize("wrong", ["soon", 12, "2026-01-01T10:00:00"])
def test_an_expiry_that_cannot_be_read_is_refused(mem0: Memory, wrong: object) -> None:
    with pytest.raises(ValueError, match="expiration_date"):
        mem0.add("hello", user_id="ana", expiration_date=wrong)


@pytest.mark.parametrize("given", [{"memory_type": "procedural_memory"}, {"memory_type": "x"}, {"prompt": "Extract."}])
def test_what_would_be_ignored_is_refused(mem0: Memory, given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="not supported"):
        mem0.add("hello", user_id="ana", **given)


def test_without_a_model_messages_are_stored_and_the_log_says_so_once(
    mem0: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for number in range(3):
            assert len(mem0.add(f"hello {number}", user_id="ana")["results"]) == 1
        mem0.add("hello", user_id="ana", infer=False)
    assert caplog.text.count("no language model") == 1


def test_a_model_draws_facts_that_come_after_what_was_said(database: Path, clock: FakeClock) -> None:
    llm = _scripted(_reply(FACT))
    with AgentMemory.open(database, embedder=FakeEmbedder(), llm=llm, clock=clock) as store:
        mem0 = Memory(store=store)
        results = mem0.add(TALK, user_id="ana", agent_id="guide", metadata={"topic": "films"})["results"]
        assert [entry["memory"] for entry in results] == ["I love sci-fi movies.", "Noted.", FACT]
        assert results[-1] == {"id": results[-1]["id"], "memory": FACT, "event": "ADD"}

        fact = mem0.get(results[-1]["id"])  # it takes over what was said of the message, but not who said it
        assert fact["agent_id"] == "guide" and fact["metadata"]["topic"] == "films" and "role" not in fact
        for filters in ({"agent_id": "guide"}, {"topic": "films"}, {"AND": [{"topic": {"in": ["films"]}}]}):
            found = mem0.search("sci-fi movies", filters={"user_id": "ana", **filters})["results"]
            assert {FACT, "I love sci-fi movies."} <= {result["memory"] for result in found}
            assert all(0 <= result["score"] <= 1 for result in found)
        assert mem0.search("sci-fi movies", filters={"user_id": "ana", "topic": "books"})["results"] == []

        mem0.delete(fact["id"])  # its message goes with it
        assert [one["memory"] for one in mem0.get_all(user_id="ana")["results"]] == ["Noted."]


def test_infer_false_asks_no_model(database: Path) -> None:
    with AgentMemory.open(database, embedder=FakeEmbedder(), llm=_scripted()) as store:
        assert len(Memory(store=store).add(TALK, user_id="ana", infer=False)["results"]) == 2


def test_a_model_that_fails_loses_nothing_and_is_asked_again(
    database: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    def extract(request: ChatRequest) -> str | LLMUnavailable:
        if len(llm.requests) == 1:
            return LLMUnavailable("down")
        return _reply(FACT if "Ana:" in request.prompt.variables["text"] else "Bo hates sci-fi films.")

    llm = ScriptedChat({"extract": extract})
    with AgentMemory.open(database, embedder=FakeEmbedder(), llm=llm, clock=clock) as store:
        mem0 = Memory(store=store)
        assert len(mem0.add(TALK, user_id="ana")["results"]) == 2
        assert "facts could not be drawn" in caplog.text
        assert mem0.search("sci-fi", user_id="ana")["results"]
        clock.advance(days=1)
        mem0.add("Bo hates sci-fi films.", user_id="ana")
        listed = [one["memory"] for one in mem0.get_all(user_id="ana")["results"]]
        assert len(llm.requests) == 3 and len(listed) == 5
