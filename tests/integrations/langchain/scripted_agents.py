"""Agents of LangChain whose model says what a test wrote, and remembers what it was sent."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

pytest.importorskip("langchain", reason="needs langchain: pip install -e integrations/langchain")

from langchain.agents import create_agent
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, SystemMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import PrivateAttr

Reply = str | AIMessage | Callable[[Sequence[BaseMessage]], "str | AIMessage"]


@dataclass
class Context:
    """What an application knows of a run."""

    user_id: str = ""
    user_name: str | None = None


ANA, BO = Context("ana"), Context("bo")


class ScriptedModel(BaseChatModel):
    """Says the replies of its script one after the other, the last one for ever."""

    script: list[Any] = ["Noted."]  # noqa: RUF012 - pydantic copies it
    _seen: list[list[BaseMessage]] = PrivateAttr(default_factory=list)
    _bound: list[Any] = PrivateAttr(default_factory=list)
    _lock: Any = PrivateAttr(default_factory=threading.Lock)

    @property
    def seen(self) -> list[list[BaseMessage]]:
        """The messages of each call."""
        return self._seen

    @property
    def bound(self) -> list[Any]:
        """The tools that were bound last."""
        return self._bound

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> ScriptedModel:
        self._bound = list(tools)
        return self

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        with self._lock:
            said: Reply = self.script[min(len(self._seen), len(self.script) - 1)]
            self._seen.append(list(messages))
        reply = said(messages) if callable(said) else said
        message = AIMessage(reply) if isinstance(reply, str) else reply
        return ChatResult(generations=[ChatGeneration(message=message)])

    @property
    def _llm_type(self) -> str:
        return "scripted"


def agent_of(model: BaseChatModel, *middleware: Any, **arguments: Any) -> Any:
    return create_agent(model, middleware=middleware, context_schema=Context, **arguments)


def calling(name: str, id: str = "call-1", **arguments: Any) -> AIMessage:
    """A reply that calls a tool."""
    return AIMessage("", tool_calls=[{"name": name, "args": arguments, "id": id, "type": "tool_call"}])


def system_of(messages: Sequence[BaseMessage]) -> str:
    """The text of the system message that a model was sent; empty if there was none."""
    return "\n".join(str(message.text) for message in messages if isinstance(message, SystemMessage))


def everything(messages: Sequence[BaseMessage]) -> str:
    """All text that a model was sent."""
    return "\n".join(str(message.text) for message in messages)


def thread(id: str) -> dict[str, Any]:
    return {"configurable": {"thread_id": id}}


def user(text: str, **fields: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text, **fields}]}


def told(handle):
    """All that a scope holds, in order."""
    return [(memory.role, memory.text) for memory in handle.list(state=None)]
