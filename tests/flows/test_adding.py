"""``add``: every shape of content goes in, whole, dated, and can be retrieved when the call returns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from agentmem import Message
from agentmem.errors import NotFound
from agentmem.types import EpisodeKind


def test_text_becomes_a_memory_that_is_found_at_once(handle):
    receipt = handle.add("Ana moved to Lisbon")
    assert [hit.id for hit in handle.retrieve("Lisbon")] == list(receipt.ids)
    assert receipt.pending == () and receipt.duplicates == 0


def test_text_without_a_speaker_is_a_document_and_with_one_a_turn(handle):
    read, said = handle.add("It rained"), handle.add("It rained", speaker="Ana")
    kinds = [handle.episode(receipt.episodes[0]).kind for receipt in (read, said)]
    assert kinds == [EpisodeKind.DOCUMENT, EpisodeKind.TURN]


def test_a_message_keeps_everything_it_says(handle, clock):
    then = clock() - timedelta(days=400)
    message = Message(
        "I like tea", role="user", speaker="Ana", session="s1", at=then, ref="m1", metadata={"stars": [1, {"a": None}]}
    )
    receipt = handle.add(message)
    episode, memory = handle.episode(receipt.episodes[0]), handle.get(receipt.ids[0])
    for kept in (episode, memory):
        assert (kept.text, kept.role, kept.speaker, kept.session, kept.at, kept.metadata) == (
            "I like tea",
            "user",
            "Ana",
            "s1",
            then,
            {"stars": [1, {"a": None}]},
        )
    assert (episode.ref, episode.recorded_at, memory.recorded_at) == ("m1", clock(), clock())
    source = memory.sources[0]
    assert (source.episode, source.ref, source.speaker, source.at) == (episode.id, "m1", "Ana", then)


def test_what_an_item_says_wins_over_the_arguments(handle):
    items = [Message("one", speaker="Ana", session="own"), "two"]
    receipt = handle.add(items, speaker="Bob", session="given", metadata={"from": "args"})
    first, second = (handle.get(id) for id in receipt.ids)
    assert (first.speaker, first.session, second.speaker, second.session) == ("Ana", "own", "Bob", "given")
    assert first.metadata == {"from": "args"}


def test_metadata_of_item_and_arguments_are_merged(handle):
    receipt = handle.add(Message("one", metadata={"a": 1, "b": 1}), metadata={"b": 2, "c": 2})
    assert handle.get(receipt.ids[0]).metadata == {"a": 1, "b": 1, "c": 2}


@pytest.mark.parametrize("role", ["system", "developer", "tool", "function"])
def test_instructions_and_tool_output_are_stored_but_not_found(handle, role):
    receipt = handle.add({"role": role, "content": "Be brief about otters"})
    assert receipt.ids == () and handle.episode(receipt.episodes[0]).text == "Be brief about otters"
    assert handle.retrieve("otters") == []


def test_a_silent_role_is_found_when_asked_for(handle):
    receipt = handle.add({"role": "tool", "content": "The otters weigh 9 kg"}, index=True)
    assert [hit.id for hit in handle.retrieve("otters")] == list(receipt.ids)


def test_a_message_can_be_kept_out_of_retrieval(handle):
    receipt = handle.add(Message("otters", role="user", index=False))
    assert receipt.ids == () and handle.retrieve("otters") == []


def test_a_tool_call_without_content_is_stored_as_its_json(handle):
    calls = [{"id": "c1", "type": "function", "function": {"name": "search", "arguments": "{}"}}]
    receipt = handle.add({"role": "assistant", "content": None, "tool_calls": calls})
    assert '"search"' in handle.episode(receipt.episodes[0]).text
    assert receipt.ids == ()


def test_the_text_parts_of_a_message_are_joined_and_others_leave_a_mark(handle):
    parts = [{"type": "text", "text": "Look"}, {"type": "image_url", "image_url": {"url": "x"}}, "there"]
    receipt = handle.add({"role": "user", "content": parts})
    assert handle.get(receipt.ids[0]).text == "Look\n[image_url]\nthere"


CALLS = [{"id": "c1", "type": "function", "function": {"name": "book", "arguments": '{"flight": 7}'}}]


def result(content):
    return {"type": "tool_result", "tool_use_id": "t", "content": content}


@pytest.mark.parametrize(
    ("message", "text", "found"),
    [
        ({"content": None, "refusal": "I cannot book that."}, "I cannot book that.", True),
        ({"refusal": "I cannot book that."}, "I cannot book that.", True),
        ({"content": [{"type": "refusal", "refusal": "I cannot."}]}, "I cannot.", True),
        ({"content": "Sorry.", "refusal": "I cannot."}, "Sorry.\nI cannot.", True),
        ({"content": None, "audio": {"id": "a", "transcript": "It leaves at nine."}}, "It leaves at nine.", True),
        ({"content": "At nine.", "audio": {"id": "a", "transcript": "At nine."}}, "At nine.", True),
        ({"content": [{"type": "input_audio", "transcript": "Nine?"}]}, "Nine?", True),
        ({"content": [{"type": "text", "text": {"value": "Nine.", "annotations": []}}]}, "Nine.", True),
        ({"content": [result("Flight 7 is full.")]}, "Flight 7 is full.", False),
        ({"content": [result([{"type": "text", "text": "Full."}, {"type": "image"}])]}, "Full.\n[image]", False),
        ({"content": [result("Full."), {"type": "text", "text": "Another?"}]}, "Full.\nAnother?", True),
        ({"content": [result(None)]}, "[tool_result]", False),
    ],
)
def test_whatever_a_message_says_is_kept(handle, message, text, found):
    receipt = handle.add({"role": "assistant", **message})
    assert handle.episode(receipt.episodes[0]).text == text
    assert bool(receipt.ids) is found


@pytest.mark.parametrize(
    ("message", "metadata"),
    [
        ({"role": "assistant", "tool_calls": CALLS}, {"tool_calls": CALLS}),
        ({"role": "assistant", "function_call": CALLS[0]}, {"function_call": CALLS[0]}),
        ({"role": "tool", "tool_call_id": "c1"}, {"tool_call_id": "c1"}),
        ({"role": "assistant", "tool_calls": CALLS, "metadata": {"tool_calls": 1, "a": 2}}, {"tool_calls": 1, "a": 2}),
        ({"role": "assistant", "tool_calls": [], "annotations": None}, {}),
    ],
)
def test_what_goes_along_with_the_words_of_a_message_is_metadata(handle, message, metadata):
    receipt = handle.add({"content": "One moment.", **message})
    episode = handle.episode(receipt.episodes[0])
    assert (episode.text, episode.metadata) == ("One moment.", metadata)


def test_calls_among_the_parts_of_a_message_are_kept_like_others(handle):
    call = {"type": "tool_use", "id": "t", "name": "book", "input": {"flight": 7}}
    receipt = handle.add({"role": "assistant", "content": [{"type": "text", "text": "One moment."}, call]})
    episode = handle.episode(receipt.episodes[0])
    assert (episode.text, episode.metadata) == ("One moment.", {"tool_calls": [call]}) and receipt.ids
    receipt = handle.add({"role": "assistant", "content": [call]})
    assert '"flight": 7' in handle.episode(receipt.episodes[0]).text and receipt.ids == ()
    assert handle.forget(about="book").episodes == 2


@pytest.mark.parametrize("year", [1, 1500, 9999])
def test_any_year_comes_back_as_it_went_in(handle, year):
    then = datetime(year, 6, 5, 4, 3, 2, 123456, tzinfo=UTC)
    (id,) = handle.add("It rained", at=then).ids
    assert handle.get(id).at == then
    assert handle.context("rained").hits[0].at == then


def test_times_of_other_zones_are_kept_as_the_same_moment(handle):
    local = datetime(2025, 7, 1, 1, 30, tzinfo=timezone(timedelta(hours=9)))
    (id,) = handle.add("It rained", at=local).ids
    assert handle.get(id).at == local and handle.get(id).at.tzinfo is UTC


def test_history_may_be_added_late_and_stands_in_its_place(handle, clock):
    later = handle.add("second", at=clock() - timedelta(days=1)).ids
    earlier = handle.add("first", at=clock() - timedelta(days=300)).ids
    assert [memory.id for memory in handle.list()] == [*earlier, *later]
    assert handle.get(earlier[0]).recorded_at == clock()
    assert handle.get(earlier[0], as_of=clock() - timedelta(days=200)).text == "first"


def test_an_episode_of_another_scope_is_not_found(store):
    receipt = store.scope("a").add("mine")
    with pytest.raises(NotFound):
        store.scope("b").episode(receipt.episodes[0])
