"""The language model as one scope and one operation may use it: replies kept with the scope, calls within a budget."""

from __future__ import annotations

from agentmem.engine.parts import Parts
from agentmem.errors import InvalidInput
from agentmem.llm import LLM
from agentmem.models.chat.budget import Budget
from agentmem.models.chat.budgeting import BudgetedChat
from agentmem.models.chat.caching import CachingChat
from agentmem.models.chat.structured import StructuredLLM
from agentmem.types import Scope


class ScopeReplies:
    """Replies kept in the database, with the scope whose content they quote: forgetting any of it drops them all."""

    def __init__(self, parts: Parts, scope: Scope) -> None:
        self._parts = parts
        self._scope = scope

    def get(self, key: bytes) -> str | None:
        """What was answered under this key."""
        with self._parts.store.read(self._scope) as reader:
            return reader.reply(key)

    def put(self, key: bytes, text: str) -> None:
        """Keep an answer."""
        with self._parts.store.write(self._scope) as writer:
            writer.keep_reply(key, text)


def scoped_llm(parts: Parts, scope: Scope, budget: Budget | None) -> LLM | None:
    """The store's language model for work on one scope.

    Raises:
        InvalidInput: a budget for a model that cannot be held to one.
    """
    llm = parts.llm
    if llm is None or not isinstance(llm, StructuredLLM):
        if budget is not None and llm is not None:
            raise InvalidInput("A budget needs a ChatModel: open(..., llm=...) was given an LLM of its own kind.")
        return llm
    chat = llm.chat if budget is None else BudgetedChat(llm.chat, budget)
    return llm.over(CachingChat(chat, ScopeReplies(parts, scope)))
