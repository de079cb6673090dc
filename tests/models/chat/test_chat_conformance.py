"""Every chat model and LLM of the library against the suites."""

from __future__ import annotations

import pytest

from agentmem.errors import LLMUnavailable
from agentmem.models.chat.budget import Budget
from agentmem.models.chat.budgeting import BudgetedChat
from agentmem.models.chat.caching import CachingChat
from agentmem.models.chat.metering import MeteredChat
from agentmem.models.chat.openai_chat import OpenAIChat
from agentmem.models.chat.recording import RecordingChat
from agentmem.models.chat.recordings import Recording
from agentmem.models.chat.replaying import ReplayChat
from agentmem.models.chat.retrying import RetryingChat
from agentmem.models.chat.structured import StructuredLLM
from agentmem.testing.chat import ScriptedChat
from agentmem.testing.conformance.chat import TEXTS, ChatModelConformance, echo, request_about
from agentmem.testing.conformance.chat_llm import LLMConformance

PROMPTS = ("summarise", "extract")


class DictReplies(dict):
    def put(self, key, text) -> None:
        self[key] = text


WRAPPERS = {
    "retrying": lambda inner: RetryingChat(inner, sleep=lambda _seconds: None),
    "metered": MeteredChat,
    "budgeted": lambda inner: BudgetedChat(inner, Budget(calls=10_000, tokens=10**9)),
    "caching": lambda inner: CachingChat(inner, DictReplies()),
    "recording": lambda inner: RecordingChat(inner, lambda _recording: None),
    "all": lambda inner: CachingChat(
        BudgetedChat(MeteredChat(RetryingChat(inner, sleep=lambda _seconds: None)), Budget(calls=10_000)), DictReplies()
    ),
}


def scripted(answer) -> ScriptedChat:
    return ScriptedChat({prompt: lambda request: answer(request.messages()) for prompt in PROMPTS})


class TestScriptedChat(ChatModelConformance):
    @pytest.fixture
    def make_chat(self):
        return lambda: scripted(echo)

    @pytest.fixture
    def make_broken_chat(self):
        return lambda: ScriptedChat({"summarise": LLMUnavailable("not now")})


class TestOpenAIChat(ChatModelConformance):
    @pytest.fixture(params=["good", "slow", "no json_schema", "no response_format", "no usage", "no temperature"])
    def make_chat(self, request, serve):
        server = serve(request.param)
        return lambda: OpenAIChat("some-model", base_url=server.url, api_key="k")

    @pytest.fixture(params=["500", "401", "malformed"])
    def make_broken_chat(self, request, serve):
        server = serve(request.param)
        return lambda: OpenAIChat("some-model", base_url=server.url, api_key="k")


class TestReplayChat(ChatModelConformance):
    @pytest.fixture
    def make_chat(self):
        recordings = [Recording("summarise", {"texts": text}, echo(request_about(text).messages())) for text in TEXTS]
        return lambda: ReplayChat(recordings)

    @pytest.fixture
    def make_broken_chat(self):
        return lambda: ReplayChat([])


class TestWrappers(ChatModelConformance):
    @pytest.fixture(params=WRAPPERS.values(), ids=WRAPPERS.keys())
    def wrapper(self, request):
        return request.param

    @pytest.fixture
    def make_chat(self, wrapper):
        return lambda: wrapper(scripted(echo))

    @pytest.fixture
    def make_broken_chat(self, wrapper):
        return lambda: wrapper(ScriptedChat({"summarise": LLMUnavailable("not now")}))


class TestStructuredLLM(LLMConformance):
    @pytest.fixture(params=[1, 8])
    def make_llm(self, request):
        return lambda answer: StructuredLLM(scripted(answer), concurrency=request.param)


class TestStructuredLLMInWrappers(LLMConformance):
    @pytest.fixture(params=WRAPPERS.values(), ids=WRAPPERS.keys())
    def make_llm(self, request):
        return lambda answer: StructuredLLM(request.param(scripted(answer)))


class TestStructuredLLMOverHttp(LLMConformance):
    @pytest.fixture(params=["good", "no response_format"])
    def make_llm(self, request, serve):
        return lambda answer: StructuredLLM(
            OpenAIChat("some-model", base_url=serve(request.param, answer).url, api_key="k")
        )
