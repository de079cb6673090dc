"""``add`` refuses what it cannot keep as it is: malformed content, and moments without a time zone. Nothing is left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from agentmem import Message
from agentmem.errors import AgentMemError, InvalidInput

NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize(
    "message",
    [
        {"role": "user"},
        {"role": "user", "content": ""},
        {"role": "user", "content": None},
        {"role": "user", "content": 7},
        {"role": "user", "content": []},
        {"role": "user", "content": b"bytes"},
        {"role": "user", "content": {"type": "text", "text": "not in a list"}},
        {"role": "user", "content": "x", "colour": "red"},
        {"role": "user", "content": [{"type": "text", "text": "x"}, 7]},
        {"role": "user", "content": [{"type": "tool_result", "content": 7}]},
        {"role": "assistant", "content": "x", "refusal": 7},
        {"role": "assistant", "content": None, "audio": {"id": "a", "transcript": ["x"]}},
        {"role": "assistant", "content": " ", "tool_calls": []},
        {"role": 7, "content": "x"},
        {"role": ["user"], "content": "x"},
        {"role": "user", "content": "x", "metadata": 5},
        {"role": "user", "content": "x", "index": "no"},
        {"role": "user", "content": "x", "at": "2026-01-01"},
    ],
)
def test_a_malformed_message_is_refused_and_leaves_nothing(handle, message):
    with pytest.raises(InvalidInput):
        handle.add(["before", message])
    assert handle.stats().episodes == 0


@pytest.mark.parametrize(
    "content", ["", " \n\t", "\u2003", 7, None, b"bytes", bytearray(b"x"), ["ok", ""], [["nested"]]]
)
def test_what_holds_no_text_is_refused_and_leaves_nothing(handle, content):
    with pytest.raises(InvalidInput):
        handle.add(content)
    assert handle.stats().episodes == 0


@pytest.mark.parametrize(
    "metadata",
    [
        {"a": float("nan")},
        {"a": {1, 2}},
        {"a": (1, 2)},
        {1: "a"},
        {"a": b"x"},
        {"a": datetime(2026, 1, 1, tzinfo=UTC)},
        {"a": "\ud800"},
        5,
        ["a"],
        "text",
    ],
)
@pytest.mark.parametrize("place", ["argument", "message"])
def test_metadata_that_json_would_change_is_refused(handle, metadata, place):
    content = "x" if place == "argument" else Message("x", metadata=metadata)
    with pytest.raises(InvalidInput):
        handle.add(content, metadata=metadata if place == "argument" else None)
    assert handle.stats().episodes == 0


def test_metadata_nested_too_deeply_is_refused(handle):
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(InvalidInput):
        handle.add("x", metadata={"a": deep})


@pytest.mark.parametrize("name", ["session", "speaker", "role", "ref"])
@pytest.mark.parametrize("value", ["", 7, "\ud800"])
def test_names_must_be_text_that_says_something(handle, name, value):
    with pytest.raises(InvalidInput):
        handle.add("x", **{name: value})


def test_an_unknown_argument_to_index_is_refused(handle):
    with pytest.raises(InvalidInput):
        handle.add("x", index="yes")


def test_a_naive_time_is_refused_by_every_verb_that_takes_one(handle, clock):
    (id,) = handle.add("It rained").ids
    calls = [
        lambda: handle.add("x", at=NAIVE),
        lambda: handle.add(Message("x", at=NAIVE)),
        lambda: handle.add([{"role": "user", "content": "x", "at": NAIVE}]),
        lambda: handle.get(id, as_of=NAIVE),
        lambda: handle.update(id, text="y", valid_from=NAIVE),
        lambda: handle.expires_at(id, NAIVE),
        lambda: handle.forget(before=NAIVE),
        lambda: handle.forget(before=NAIVE, dry_run=True),
    ]
    for verb in (lambda **when: handle.retrieve("x", **when), lambda **when: handle.context("x", **when), handle.list):
        calls += [lambda verb=verb, name=name: verb(**{name: NAIVE}) for name in ("since", "until", "as_of")]
    for call in calls:
        with pytest.raises(InvalidInput, match="time zone"):
            call()
    assert handle.stats().episodes == 1 and handle.get(id).version == 1


@pytest.mark.parametrize("value", ["2026-01-01", 0, 1.5, NAIVE.date()])
def test_what_is_no_datetime_is_refused(handle, value):
    with pytest.raises(InvalidInput):
        handle.add("x", at=value)


def test_a_moment_that_utc_cannot_hold_is_refused(handle):
    with pytest.raises(InvalidInput):
        handle.add("x", at=datetime.min.replace(tzinfo=timezone(timedelta(hours=5))))


@pytest.mark.parametrize("text", ["\ud800", "\udc00 tail", "head \ud83d", "\ude00\ud83d swapped"])
def test_half_a_character_is_refused(handle, text):
    with pytest.raises(InvalidInput, match="surrogate"):
        handle.add(text)


def test_no_word_of_the_text_stands_in_an_error(handle, monkeypatch):
    from sqlalchemy import event

    engine = handle._parts.store._engine
    handle.add("warm up")

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def break_it(conn, cursor, statement, parameters, context, many):
        return statement.replace("INSERT INTO memories", "INSERT INTO nowhere"), parameters

    with pytest.raises(AgentMemError) as caught:
        handle.add("the secret word is xyzzy")
    causes, error = [], caught.value
    while error is not None:
        causes.append(str(error))
        error = error.__cause__
    assert "xyzzy" not in "\n".join(causes)
