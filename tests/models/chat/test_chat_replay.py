"""Recordings: made, written, read, and replayed."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.errors import InvalidInput, NoRecording
from agentmem.llm import ChatReply, ChatRequest
from agentmem.models.chat.recording import RecordingChat
from agentmem.models.chat.recordings import Recording, RecordingFile, load_recordings, save_recordings
from agentmem.models.chat.replaying import ReplayChat
from agentmem.models.chat.structured import StructuredLLM
from agentmem.prompts.library import render
from agentmem.prompts.replies.summaries import Summary
from agentmem.testing.chat import ScriptedChat
from agentmem.testing.conformance.chat import TEXTS, echo, request_about

RECORDINGS = st.builds(Recording, st.text(), st.dictionaries(st.text(), st.text()), st.text())


def about(**variables: str) -> ChatRequest:
    return ChatRequest(render("extract", **variables), "Extraction", {})


def said(chat: ReplayChat, request: ChatRequest) -> str | None:
    try:
        return chat.reply(request).text
    except NoRecording:
        return None


def test_a_recording_is_found_by_the_variables_it_names() -> None:
    chat = ReplayChat([Recording("extract", {"text": "[0] Ana: Hi!"}, "A")])
    assert said(chat, about(text="[0] Ana: Hi!", date="today", title="x")) == "A"
    assert said(chat, about(text="[0] Ana:\n  Hi! ", date="tomorrow", title="")) == "A"
    assert said(chat, about(text="[0] Ana: Hi", date="today", title="x")) is None
    assert said(chat, about(text="[0] ana: hi!", date="today", title="x")) is None


def test_another_prompt_has_no_recording() -> None:
    chat = ReplayChat([Recording("summarise", {"texts": "t"}, "A"), Recording("extract", {"question": "t"}, "B")])
    with pytest.raises(NoRecording, match="'extract'"):
        chat.reply(about(text="t", date="", title=""))


def test_the_recording_that_names_most_wins_and_then_the_last() -> None:
    request = about(text="t", date="d", title="")
    general, exact = Recording("extract", {"text": "t"}, "A"), Recording("extract", {"date": "d", "text": "t"}, "B")
    assert said(ReplayChat([general, exact]), request) == said(ReplayChat([exact, general]), request) == "B"
    assert said(ReplayChat([general, Recording("extract", {"text": " t "}, "C")]), request) == "C"
    assert said(ReplayChat([Recording("extract", {}, "any")]), request) == "any"


def test_a_replay_is_named_by_what_it_says() -> None:
    first, other = ReplayChat([Recording("a", {}, "x")]), ReplayChat([Recording("a", {}, "y")])
    assert first.name == ReplayChat([Recording("a", {}, "x")]).name != other.name


def test_a_run_that_was_recorded_can_be_replayed(tmp_path) -> None:
    path = tmp_path / "replies.jsonl"
    real = ScriptedChat({"summarise": lambda request: echo(request.messages())})
    prompts = [request_about(text).prompt for text in TEXTS]
    recorded = StructuredLLM(RecordingChat(real, RecordingFile(path))).complete_many(prompts, Summary)
    replayed = StructuredLLM(ReplayChat.from_file(path)).complete_many(prompts, Summary)
    assert [found.value for found in replayed] == [found.value for found in recorded]
    assert len(load_recordings(path)) == len(TEXTS)


def test_of_a_repaired_reply_the_repair_is_replayed(tmp_path) -> None:
    path = tmp_path / "replies.jsonl"
    real = ScriptedChat({"summarise": ["?", '{"text": "good"}']})
    prompt = request_about(TEXTS[0]).prompt
    StructuredLLM(RecordingChat(real, RecordingFile(path))).complete(prompt, Summary)
    completion = StructuredLLM(ReplayChat.from_file(path)).complete(prompt, Summary)
    assert (completion.value.text, completion.usage.llm_calls) == ("good", 1)


def test_a_cut_reply_is_not_recorded(tmp_path, request_) -> None:
    kept: list[Recording] = []
    RecordingChat(ScriptedChat({"summarise": ChatReply('{"text', truncated=True)}), kept.append).reply(request_)
    assert kept == []


def test_threads_do_not_mix_their_lines(tmp_path) -> None:
    path = tmp_path / "replies.jsonl"
    sink = RecordingFile(path)
    recordings = [Recording("p", {"n": str(n)}, "x" * 5_000) for n in range(100)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(sink, recordings))
    assert sorted(load_recordings(path), key=lambda each: int(each.variables["n"])) == recordings


@given(st.lists(RECORDINGS, max_size=5))
def test_a_file_gives_back_what_was_saved(tmp_path_factory, recordings) -> None:
    path = tmp_path_factory.mktemp("recordings") / "replies.jsonl"
    save_recordings(path, recordings)
    assert load_recordings(path) == recordings


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"prompt": "p"}', json.dumps({"prompt": "p", "variables": {"a": 1}, "text": ""})]
)
def test_a_line_that_is_no_recording_is_named(tmp_path, line: str) -> None:
    path = tmp_path / "replies.jsonl"
    save_recordings(path, [Recording("p", {}, "x")])
    path.write_text(path.read_text() + "\n" + line + "\n")
    with pytest.raises(InvalidInput, match=r"Line 3 of replies\.jsonl"):
        load_recordings(path)
