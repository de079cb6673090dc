"""Models of LangChain where agentmem wants its own: a chat model as its language model, embeddings as its embedder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.runnables import Runnable

from agentmem.errors import InvalidInput
from agentmem.llm import ChatReply, ChatRequest
from agentmem.models.chat.schemas import constraining
from agentmem.protocols import FloatArray
from agentmem.text.budget import estimate_tokens
from agentmem.types import Usage
from langchain_agentmem.failures import as_llm_error

_TYPES = {"system": SystemMessage, "user": HumanMessage, "assistant": AIMessage}
_CUT = frozenset({"length", "max_tokens", "model_length"})
_NAMES = ("model_name", "model", "model_id", "deployment_name", "deployment", "repo_id")
"""Where chat models and embeddings of LangChain say which model they are."""


class LangChainChatModel:
    """A chat model of LangChain as agentmem's language model: ``AgentMemory.open(path, llm=LangChainChatModel(chat))``.

    Replies are constrained to a schema by ``with_structured_output`` where the model has it; otherwise, and with
    ``structured=False``, the schema is told in words. Temperature, timeouts and retries are those of the model: set
    them there, and the temperature best to 0.

    Args:
        chat: the model.
        name: identifies the model and everything that changes its answers; default: its class and its own name.
        structured: whether to use ``with_structured_output``.

    Raises:
        InvalidInput: it is no chat model, or does not say which, and no ``name`` is given.
    """

    def __init__(self, chat: BaseChatModel, *, name: str | None = None, structured: bool = True) -> None:
        if not isinstance(chat, BaseChatModel):
            raise InvalidInput(
                f"LangChainChatModel takes a chat model, such as init_chat_model('openai:gpt-4o-mini'), not a "
                f"{type(chat).__name__}."
            )
        self._chat = chat
        self._name = name or _name_of(chat, "LangChainChatModel(chat, name='...')")
        self._structured = structured

    @property
    def name(self) -> str:
        """As given, or the model's class and own name."""
        return self._name

    def reply(self, request: ChatRequest) -> ChatReply:
        """See :class:`agentmem.llm.ChatModel`.

        Raises:
            LLMUnavailable: the server does not answer, answers too late, or asks to slow down.
            LLMRefused: it refuses the request; or the model failed in a way that asking again will not mend.
        """
        constrained, said = self._constrained(request), request.messages()
        if constrained is None:
            told = json.dumps(request.schema, ensure_ascii=False)
            said[0]["content"] += f"\n\nReply with one JSON object of this schema and nothing else:\n{told}"
        messages = [_TYPES[message["role"]](content=message["content"]) for message in said]
        try:
            answer: Any = (constrained or self._limited(request)).invoke(messages)
        except Exception as error:  # the boundary to a provider's client, which raises errors of its own
            raise as_llm_error(error, self._name) from error
        raw: BaseMessage = answer["raw"] if constrained else answer
        text = _text_of(raw)
        return ChatReply(text, _usage(raw, messages, text), truncated=_is_cut(raw))

    def _constrained(self, request: ChatRequest) -> Runnable[Any, Any] | None:
        """The model, its replies constrained to the schema; ``None`` if it cannot do that."""
        if not self._structured:
            return None
        schema = {"title": request.schema_name, "description": "The reply.", **constraining(request.schema)}
        try:
            return self._limited(request).with_structured_output(schema, include_raw=True)
        except NotImplementedError:
            self._structured = False
            return None

    def _limited(self, request: ChatRequest) -> BaseChatModel:
        """The model, no reply of which is longer than wanted; left as it is if it has no such setting."""
        if request.max_tokens is None or "max_tokens" not in type(self._chat).model_fields:
            return self._chat
        return self._chat.model_copy(update={"max_tokens": request.max_tokens})


class LangChainEmbedder:
    """Embeddings of LangChain as agentmem's embedder: ``AgentMemory.open(path, embedder=LangChainEmbedder(...))``.

    Vectors are made unit length. The database remembers the fingerprint, and refuses vectors of another model.

    Args:
        embeddings: the model.
        name: identifies the model and everything that changes its vectors; default: its class and its own name.
        dimension: the vectors' length; default: a text is embedded to find out, when it is first asked for.

    Raises:
        InvalidInput: they are no embeddings, or do not say which, and no ``name`` is given.
    """

    def __init__(self, embeddings: Embeddings, *, name: str | None = None, dimension: int | None = None) -> None:
        if not isinstance(embeddings, Embeddings):
            raise InvalidInput(
                f"LangChainEmbedder takes embeddings, such as init_embeddings('openai:text-embedding-3-small'), not a "
                f"{type(embeddings).__name__}."
            )
        self._embeddings = embeddings
        self._name = name or _name_of(embeddings, "LangChainEmbedder(embeddings, name='...')")
        self._dimension = dimension

    @property
    def fingerprint(self) -> str:
        """As given, or the model's class and own name."""
        return self._name

    @property
    def dimension(self) -> int:
        """As given; otherwise one text is embedded to find out."""
        if self._dimension is None:
            self._dimension = len(self._embeddings.embed_query("dimension"))
        return self._dimension

    def embed_documents(self, texts: Sequence[str]) -> FloatArray:
        """See :class:`agentmem.protocols.Embedder`."""
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        return _unit(np.array(self._embeddings.embed_documents(list(texts)), dtype=np.float32))

    def embed_query(self, text: str) -> FloatArray:
        """See :class:`agentmem.protocols.Embedder`."""
        vector: FloatArray = _unit(np.array([self._embeddings.embed_query(text)], dtype=np.float32))[0]
        return vector


def _unit(vectors: FloatArray) -> FloatArray:
    """Rows of unit length; a row of zeros stays one, and is refused where vectors are checked."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)


def _name_of(model: object, remedy: str) -> str:
    for attribute in _NAMES:
        found = getattr(model, attribute, None)
        if isinstance(found, str) and found:
            return f"langchain:{type(model).__name__}:{found}"
    raise InvalidInput(
        f"A {type(model).__name__} does not say which model it is. Give it a name that changes whenever its answers "
        f"would: {remedy}."
    )


def _text_of(raw: BaseMessage) -> str:
    """The reply as text: what was said, or what a tool was called with where the reply came as a call of one."""
    calls = getattr(raw, "tool_calls", None)
    text = json.dumps(calls[0]["args"], ensure_ascii=False) if calls else str(raw.text)
    return text.encode("utf-8", "replace").decode()  # half a surrogate pair could not be sent back for a repair


def _usage(raw: BaseMessage, messages: Sequence[BaseMessage], text: str) -> Usage:
    """As the model says; estimated where it says nothing, so that a budget of tokens comes to its end."""
    stated: Mapping[str, Any] = getattr(raw, "usage_metadata", None) or {}
    prompt, completion = stated.get("input_tokens"), stated.get("output_tokens")
    if not isinstance(prompt, int):
        prompt = sum(estimate_tokens(str(message.content)) for message in messages)
    if not isinstance(completion, int):
        completion = estimate_tokens(text)
    return Usage(llm_calls=1, prompt_tokens=prompt, completion_tokens=completion)


def _is_cut(raw: BaseMessage) -> bool:
    """Whether the reply ended at the longest length allowed, in the words of the providers."""
    said = (raw.response_metadata.get(key) for key in ("finish_reason", "stop_reason", "done_reason"))
    return any(isinstance(reason, str) and reason.lower() in _CUT for reason in said)
