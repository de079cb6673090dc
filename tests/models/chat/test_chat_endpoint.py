"""How :class:`OpenAIChat` takes a server's moods: over HTTP, with the protocol as it is spoken."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agentmem.errors import LLMRefused, LLMUnavailable, MalformedReply, MissingExtra
from agentmem.llm import ChatRequest
from agentmem.models.chat.openai_chat import OpenAIChat
from agentmem.models.chat.retry_after import retry_after
from agentmem.models.chat.retrying import RetryingChat
from agentmem.models.chat.structured import StructuredLLM
from agentmem.prompts.replies.summaries import Summary
from agentmem.testing.chat_server import RETRY_AFTER, ChatServer
from agentmem.testing.conformance.chat import echo

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def chat(server: ChatServer, **options) -> OpenAIChat:
    return OpenAIChat("some-model", base_url=server.url, api_key="secret", **options)


def test_messages_schema_and_key_are_sent(serve, request_) -> None:
    server = serve()
    chat(server).reply(request_)
    (sent,) = server.requests
    assert sent.headers["authorization"] == "Bearer secret"
    assert sent.body["messages"] == request_.messages()
    assert (sent.body["model"], sent.body["temperature"]) == ("some-model", 0.0)
    assert "max_tokens" not in sent.body
    wanted = sent.body["response_format"]["json_schema"]
    assert (wanted["name"], wanted["strict"]) == ("Summary", True)
    assert wanted["schema"]["required"] == ["text"]
    assert wanted["schema"]["additionalProperties"] is False
    assert "minLength" not in json.dumps(wanted["schema"])  # which not every server knows


def test_connections_are_closed_with_the_chat_model(serve, request_) -> None:
    asked = chat(serve())
    asked.reply(request_)
    client = asked._client
    assert client is not None and not client.is_closed()
    del asked
    gc.collect()
    assert client.is_closed()


def test_the_servers_count_of_tokens_is_the_usage(serve, request_) -> None:
    words = sum(len(message["content"].split()) for message in request_.messages())
    usage = chat(serve()).reply(request_).usage
    assert (usage.llm_calls, usage.prompt_tokens) == (1, words)


@pytest.mark.parametrize(
    ("behaviour", "formats", "told"),
    [
        ("no json_schema", ["json_schema", "json_object", "json_object"], True),
        ("no response_format", ["json_schema", "json_object", None, None], True),
        ("good", ["json_schema", "json_schema"], False),
    ],
)
def test_a_server_without_schemas_is_told_the_schema_in_words_and_remembered(
    serve, request_, behaviour, formats, told
) -> None:
    server = serve(behaviour)
    model = chat(server)
    assert model.reply(request_).text == model.reply(request_).text == echo(request_.messages())
    assert [sent.format for sent in server.requests] == formats
    system = server.requests[-1].body["messages"][0]["content"]
    assert (json.dumps(request_.schema) in system) == told


@pytest.mark.parametrize(("behaviour", "left_out"), [("no temperature", "temperature"), ("new length", "max_tokens")])
def test_what_a_server_does_not_take_is_left_out_and_remembered(serve, request_, behaviour, left_out) -> None:
    server = serve(behaviour)
    model = chat(server)
    for _ in range(2):
        model.reply(replace(request_, max_tokens=50))
    assert [left_out in sent.body for sent in server.requests] == [True, False, False]
    assert server.requests[-1].format == "json_schema"
    assert 50 in server.requests[-1].body.values()


def test_a_refusal_about_something_else_changes_nothing(serve, request_) -> None:
    server = serve("400", failures=1)
    model = chat(server)
    with pytest.raises(LLMRefused, match="context_length_exceeded"):
        model.reply(request_)
    model.reply(request_)
    assert [sent.format for sent in server.requests] == ["json_schema", "json_schema"]


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        ("429", LLMUnavailable),
        ("500", LLMUnavailable),
        ("503", LLMUnavailable),
        ("malformed", LLMUnavailable),
        ("not JSON", LLMUnavailable),
        ("nested", LLMUnavailable),
        ("another reply", LLMUnavailable),
        ("disconnecting", LLMUnavailable),
        ("no credit", LLMRefused),
        ("400", LLMRefused),
        ("401", LLMRefused),
        ("404", LLMRefused),
        ("filtered", LLMRefused),
        ("refusing", LLMRefused),
    ],
)
def test_each_failure_has_its_type_is_asked_once_and_quotes_nothing(serve, request_, behaviour, error) -> None:
    server = serve(behaviour)
    with pytest.raises(error) as caught:
        chat(server).reply(request_)
    assert caught.value.retryable == (error is LLMUnavailable)
    assert len(server.requests) == 1
    assert "cats" not in str(caught.value) and "secret" not in str(caught.value)


@pytest.mark.parametrize(("behaviour", "seconds"), [("429", RETRY_AFTER), ("503", RETRY_AFTER), ("500", None)])
def test_the_wait_that_a_server_asks_for_is_passed_on(serve, request_, behaviour, seconds) -> None:
    with pytest.raises(LLMUnavailable) as caught:
        chat(serve(behaviour)).reply(request_)
    assert caught.value.retry_after == seconds


def test_a_server_that_hangs_is_given_up(serve, request_) -> None:
    started = time.monotonic()
    with pytest.raises(LLMUnavailable, match="APITimeoutError"):
        chat(serve("hanging"), timeout=0.2).reply(request_)
    assert time.monotonic() - started < 5


def test_a_server_that_is_not_there_is_told(request_) -> None:
    with pytest.raises(LLMUnavailable, match="OPENAI_BASE_URL"):
        OpenAIChat("m", base_url="http://127.0.0.1:1/v1", api_key="k").reply(request_)


def test_an_address_that_is_none_is_told(monkeypatch, request_) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:8000v1")
    for _ in range(2):
        with pytest.raises(LLMRefused, match=r"8000v1.*OPENAI_BASE_URL"):
            OpenAIChat("m", api_key="k").reply(request_)


def test_a_key_that_cannot_be_sent_is_refused(serve, request_) -> None:
    with pytest.raises(LLMRefused, match="key"):
        OpenAIChat("m", base_url=serve().url, api_key="schlüssel").reply(request_)


def test_half_a_surrogate_pair_is_never_let_in(serve, request_) -> None:
    server = serve(answer=lambda _messages: '{"text": "\ud800 \\ud800"}')
    assert StructuredLLM(chat(server)).complete(request_.prompt, Summary).value.text == "? ?"


def test_a_cut_reply_says_so(serve, request_) -> None:
    assert chat(serve("truncated")).reply(request_).truncated


def test_a_failing_server_is_asked_again_after_the_wait_it_asked_for(serve, request_) -> None:
    server, waits = serve("429", failures=2), []
    reply = RetryingChat(chat(server), sleep=waits.append).reply(request_)
    assert reply.text == echo(request_.messages())
    assert waits == [RETRY_AFTER, RETRY_AFTER]
    assert len(server.requests) == 3


@pytest.mark.parametrize("behaviour", ["truncated", "empty"])
def test_a_reply_that_stays_unusable_is_malformed(serve, request_, behaviour) -> None:
    server = serve(behaviour)
    with pytest.raises(MalformedReply):
        StructuredLLM(chat(server)).complete(request_.prompt, Summary)
    assert len(server.requests) == 2
    assert len(server.requests[1].body["messages"]) == 4


def test_importing_the_chat_models_does_not_import_the_client() -> None:
    code = (
        "import sys, agentmem.models.chat, agentmem.models.chat.openai_chat as o; o.OpenAIChat('m'); "
        "sys.exit('openai' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_missing_client_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match="openai"):
        OpenAIChat("m")


def test_the_environment_names_the_server(serve, request_: ChatRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve()
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    monkeypatch.setenv("OPENAI_API_KEY", "from the environment")
    OpenAIChat("m").reply(request_)
    assert server.requests[0].headers["authorization"] == "Bearer from the environment"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after-ms": "250", "retry-after": "3"}, 0.25),
        ({"retry-after": "Thu, 01 Jan 2026 00:01:30 GMT"}, 90.0),
        ({"retry-after": "Wed, 31 Dec 2025 23:00:00 GMT"}, 0.0),
        ({"retry-after": "Wed, 31 Dec 2025 23:59:00 -0000"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "inf"}, None),
    ],
)
def test_a_wait_is_read_from_seconds_milliseconds_or_a_date(headers, seconds) -> None:
    assert retry_after(headers, NOW) == seconds
