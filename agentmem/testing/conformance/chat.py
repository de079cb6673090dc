"""What every :class:`agentmem.llm.ChatModel` does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from agentmem.errors import LLMError
from agentmem.llm import ChatModel, ChatRequest
from agentmem.models.chat.schemas import name_of, schema_of
from agentmem.prompts.library import render
from agentmem.prompts.replies.summaries import Summary
from agentmem.testing.chat_server import Messages

TEXTS = tuple(f"Ana has {number} cats." for number in range(24))
"""What the suites ask about; the prompt is ``summarise``, whose variable is ``texts``."""


def request_about(text: str) -> ChatRequest:
    """The request about one of :data:`TEXTS`."""
    return ChatRequest(render("summarise", texts=text), name_of(Summary), schema_of(Summary))


def echo(messages: Messages) -> str:
    """The answer that the suites expect: the quoted text, as the schema asks for it."""
    quoted = re.search(r"<data [^>]*>\n(.*?)\n</data>", messages[1]["content"], re.DOTALL)
    assert quoted is not None
    return json.dumps({"text": quoted[1]})


class ChatModelConformance:
    """Override the fixture ``make_chat``: a function that makes the chat model.

    Override ``make_broken_chat`` as well where failures can be had: a function that makes one that cannot answer.

    Attributes:
        echoes: whether the model under test answers as :func:`echo` does. A real one answers something else.
    """

    echoes: bool = True

    @pytest.fixture
    def make_chat(self) -> Callable[[], ChatModel]:
        """Override me."""
        raise NotImplementedError("Override the fixture make_chat: a function that makes your chat model.")

    @pytest.fixture
    def make_broken_chat(self) -> Callable[[], ChatModel]:
        """Override me where failures can be had."""
        return pytest.skip("no failures to be had")

    @pytest.fixture
    def chat(self, make_chat: Callable[[], ChatModel]) -> ChatModel:
        """The chat model under test."""
        return make_chat()

    def test_it_has_the_protocols_methods(self, chat: ChatModel) -> None:
        assert isinstance(chat, ChatModel)

    def test_two_of_them_have_one_name(self, make_chat: Callable[[], ChatModel]) -> None:
        assert make_chat().name == make_chat().name != ""

    def test_a_request_is_answered_with_text(self, chat: ChatModel) -> None:
        request = request_about(TEXTS[0])
        answer = chat.reply(request)
        assert isinstance(answer.text, str) and answer.text
        assert not answer.truncated
        if self.echoes:
            assert answer.text == echo(request.messages())

    def test_an_answer_says_what_it_cost(self, chat: ChatModel) -> None:
        usage = chat.reply(request_about(TEXTS[0])).usage
        assert usage.llm_calls == 1
        assert usage.prompt_tokens > 0 and usage.completion_tokens > 0

    def test_a_request_is_left_as_it_was(self, chat: ChatModel) -> None:
        request = request_about(TEXTS[0])
        before = json.dumps([request.messages(), request.schema])
        chat.reply(request)
        assert json.dumps([request.messages(), request.schema]) == before

    def test_a_request_with_repairs_is_answered(self, chat: ChatModel) -> None:
        request = replace(request_about(TEXTS[1]), repairs=(("No.", "Reply with JSON."),))
        answer = chat.reply(request)
        assert answer.text
        if self.echoes:
            assert answer.text == echo(request.messages())

    def test_several_threads_may_ask_at_once_and_each_gets_its_own_answer(self, chat: ChatModel) -> None:
        requests = [request_about(text) for text in TEXTS]
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(chat.reply, requests))
        assert all(answer.text for answer in answers)
        if self.echoes:
            assert [answer.text for answer in answers] == [echo(request.messages()) for request in requests]

    def test_a_failure_is_an_error_of_the_library(self, make_broken_chat: Callable[[], ChatModel]) -> None:
        chat = make_broken_chat()
        with pytest.raises(LLMError):
            chat.reply(request_about(TEXTS[0]))
