"""Models of LangChain inside agentmem: the library's own suites, and what its parts make of failures."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("langchain_agentmem", reason="needs langchain-agentmem: pip install -e integrations/langchain")

from langchain_agentmem import LangChainChatModel, LangChainEmbedder
from langchain_agentmem.failures import as_llm_error
from langchain_agentmem.testing import word_vectors
from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ChatMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field

from agentmem import AgentMemory, Message
from agentmem.errors import EmbedderMismatch, InvalidInput, LLMError, LLMRefused, LLMUnavailable
from agentmem.llm import LLM, ChatModel
from agentmem.models.chat.structured import StructuredLLM
from agentmem.testing.chat_server import Answer
from agentmem.testing.conformance import ChatModelConformance, EmbedderConformance, LLMConformance
from agentmem.testing.conformance.chat import TEXTS, echo, request_about

ROLES = {"system": "system", "human": "user", "ai": "assistant"}


class Speaking(BaseChatModel):
    """Answers with what a function says to the messages; it cannot be constrained."""

    answer: Any = echo
    model: str = "speaking"
    max_tokens: int | None = None
    raises: Any = None
    usage: Any = Field(default_factory=lambda: {"input_tokens": 11, "output_tokens": 7, "total_tokens": 18})
    finish: dict = Field(default_factory=dict)
    seen: list = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "speaking"

    def _generate(self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any) -> Any:
        if self.raises is not None:
            raise self.raises
        self.seen.append((messages, kwargs, self.max_tokens))
        said = self.answer([{"role": ROLES[message.type], "content": message.content} for message in messages])
        message = self.said(said, kwargs)
        message.usage_metadata, message.response_metadata = self.usage, dict(self.finish)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def said(self, text: str, kwargs: dict) -> AIMessage:
        return AIMessage(text)


class Calling(Speaking):
    """Answers with a call of the tool it is given, as models constrained to a schema do."""

    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        return self.bind(tools=tools)

    def said(self, text: str, kwargs: dict) -> AIMessage:
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            return AIMessage(text)
        name = kwargs["tools"][0]["title"]
        return AIMessage("", tool_calls=[{"name": name, "args": found, "id": "1", "type": "tool_call"}])


class TestSpoken(ChatModelConformance):
    @pytest.fixture
    def make_chat(self) -> Callable[[], ChatModel]:
        return lambda: LangChainChatModel(Speaking())

    @pytest.fixture
    def make_broken_chat(self) -> Callable[[], ChatModel]:
        return lambda: LangChainChatModel(Speaking(raises=TimeoutError("no answer")))


class TestStructured(ChatModelConformance):
    @pytest.fixture
    def make_chat(self) -> Callable[[], ChatModel]:
        return lambda: LangChainChatModel(Calling(model="calling"))

    @pytest.fixture
    def make_broken_chat(self) -> Callable[[], ChatModel]:
        return lambda: LangChainChatModel(Calling(raises=RuntimeError("out of order")))


class TestSpokenLLM(LLMConformance):
    @pytest.fixture
    def make_llm(self) -> Callable[[Answer], LLM]:
        return lambda answer: StructuredLLM(LangChainChatModel(Speaking(answer=answer)))


class TestStructuredLLM(LLMConformance):
    @pytest.fixture
    def make_llm(self) -> Callable[[Answer], LLM]:
        return lambda answer: StructuredLLM(LangChainChatModel(Calling(answer=answer)))


def test_the_schema_is_told_in_words_where_the_model_cannot_be_constrained() -> None:
    spoken, constrained = Speaking(seen=[]), Calling(seen=[])
    request = request_about(TEXTS[0])
    LangChainChatModel(spoken).reply(request)
    LangChainChatModel(constrained).reply(request)
    ((asked, kwargs, _),) = spoken.seen
    assert '"properties"' in asked[0].content and "tools" not in kwargs
    ((asked, kwargs, _),) = constrained.seen
    assert asked[0].content == request.prompt.system
    assert kwargs["tools"][0]["title"] == request.schema_name
    assert set(kwargs["tools"][0]["properties"]) == set(request.schema["properties"])


def test_what_the_model_says_of_its_cost_is_counted_and_estimated_where_it_says_nothing() -> None:
    stated = LangChainChatModel(Speaking()).reply(request_about(TEXTS[0])).usage
    assert (stated.llm_calls, stated.prompt_tokens, stated.completion_tokens) == (1, 11, 7)
    silent = LangChainChatModel(Speaking(usage=None)).reply(request_about(TEXTS[0])).usage
    assert silent.llm_calls == 1 and silent.prompt_tokens > 50 and silent.completion_tokens > 3


@pytest.mark.parametrize(
    "finish", [{"finish_reason": "length"}, {"stop_reason": "max_tokens"}, {"finish_reason": "MAX_TOKENS"}]
)
def test_a_reply_that_was_cut_says_so(finish: dict) -> None:
    assert LangChainChatModel(Speaking(finish=finish)).reply(request_about(TEXTS[0])).truncated
    assert not LangChainChatModel(Speaking(finish={"finish_reason": "stop"})).reply(request_about(TEXTS[0])).truncated


@pytest.mark.parametrize("model", [Speaking, Calling])
def test_the_longest_length_is_a_setting_of_the_model(model: type[Speaking]) -> None:
    from dataclasses import replace

    chat = model(seen=[])
    LangChainChatModel(chat).reply(replace(request_about(TEXTS[0]), max_tokens=33))
    assert [length for _, _, length in chat.seen] == [33] and chat.max_tokens is None


class Refusing(Exception):
    """As the clients of OpenAI, Anthropic and others make theirs."""

    def __init__(self, status: int, headers: dict | None = None, code: str | None = None) -> None:
        super().__init__("a secret of the prompt")
        self.status_code, self.code = status, code
        self.response = type("Response", (), {"headers": headers or {}, "status_code": status})()


class APIConnectionError(Exception):
    """Names its kind, and states no status."""


@pytest.mark.parametrize(
    ("error", "kind", "wait"),
    [
        (Refusing(429, {"retry-after": "7"}), LLMUnavailable, 7.0),
        (Refusing(529), LLMUnavailable, None),
        (Refusing(503), LLMUnavailable, None),
        (Refusing(401), LLMRefused, None),
        (Refusing(400), LLMRefused, None),
        (Refusing(429, code="insufficient_quota"), LLMRefused, None),
        (APIConnectionError("x"), LLMUnavailable, None),
        (TimeoutError("x"), LLMUnavailable, None),
        (ConnectionResetError("x"), LLMUnavailable, None),
        (ValueError("a wrong setting"), LLMRefused, None),
    ],
)
def test_what_a_client_raises_is_told_apart(error: Exception, kind: type[LLMError], wait: float | None) -> None:
    with pytest.raises(kind) as caught:
        LangChainChatModel(Speaking(raises=error)).reply(request_about(TEXTS[0]))
    assert caught.value.__cause__ is error and "secret" not in str(caught.value)
    assert getattr(caught.value, "retry_after", None) == wait


def test_an_error_of_the_library_passes_through() -> None:
    error = LLMRefused("as it is")
    assert as_llm_error(error, "x") is error


class Words(Embeddings):
    """Texts that share words get similar vectors, of any length."""

    def __init__(self, model: str | None = "words", scale: float = 3.0) -> None:
        self.model = model
        self.scale = scale

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [[self.scale * part for part in vector] for vector in word_vectors(texts)]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


class TestEmbedder(EmbedderConformance):
    @pytest.fixture
    def make_embedder(self) -> Callable[[], LangChainEmbedder]:
        return lambda: LangChainEmbedder(Words())


def test_names_tell_models_apart() -> None:
    assert LangChainChatModel(Speaking(model="m-1")).name == "langchain:Speaking:m-1"
    assert LangChainChatModel(Speaking(), name="mine").name == "mine"
    assert LangChainEmbedder(Words("w-1")).fingerprint == "langchain:Words:w-1"
    assert LangChainEmbedder(Words(None), name="mine", dimension=64).fingerprint == "mine"
    with pytest.raises(InvalidInput, match="name"):
        LangChainEmbedder(Words(None))
    for wrong in (LangChainChatModel, LangChainEmbedder):
        with pytest.raises(InvalidInput, match="str"):
            wrong("openai:gpt-4o-mini")  # type: ignore[arg-type]


def test_a_known_dimension_is_not_asked_for() -> None:
    class Silent(Words):
        def embed_query(self, text: str) -> list[float]:
            raise AssertionError("asked")

    assert LangChainEmbedder(Silent(), dimension=64).dimension == 64


def test_a_store_works_with_both(tmp_path: Any) -> None:
    said = {
        "facts": [{"text": "Ana's otter is called Olga.", "lines": [1]}],
        "triples": [],
        "entities": [],
        "summary": "Ana spoke of her otter.",
    }
    chat = LangChainChatModel(Calling(answer=lambda _messages: json.dumps(said), model="scripted"))
    path = tmp_path / "memory.db"
    with AgentMemory.open(path, embedder=LangChainEmbedder(Words()), llm=chat) as store:
        memory = store.scope("ana")
        memory.add(Message("My otter is called Olga.", speaker="Ana", session="monday"))
        assert memory.retrieve("otter called")[0].signals["dense"] > 0.5
        done = memory.consolidate()
        assert done.usage.llm_calls >= 1 and done.usage.prompt_tokens >= 11
    with pytest.raises(EmbedderMismatch, match="langchain:Words:words"):
        AgentMemory.open(path, embedder=LangChainEmbedder(Words("other")))


def test_a_role_that_is_not_known_to_langchain_never_occurs() -> None:
    assert {message["role"] for message in request_about(TEXTS[0]).messages()} <= set(ROLES.values())
    assert ChatMessage("x", role="y").type == "chat"
