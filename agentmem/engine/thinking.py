"""The language model as one scope and one operation may use it: replies kept with the scope, calls within a budget."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from agentmem.engine.parts import Parts
from agentmem.errors import InvalidInput, StoreBusy, StoreFull, StoreReadOnly
from agentmem.llm import LLM, ChatModel
from agentmem.models.chat.budget import Budget
from agentmem.models.chat.budgeting import BudgetedChat
from agentmem.models.chat.caching import CachingChat
from agentmem.models.chat.metering import MeteredChat
from agentmem.models.chat.observed import ObservedChat, ObservedLLM
from agentmem.models.chat.structured import StructuredLLM
from agentmem.observing import OFF
from agentmem.types import Scope, Usage

logger = logging.getLogger(__name__)


class ScopeReplies:
    """Replies kept in the database, with the scope whose content they quote: forgetting any of it drops them all.

    What was asked before a ``forget`` and answered after it is not kept: it may quote what is gone. Nor is anything
    kept for a scope that nobody has written to, which a question must not bring into being; nor where nothing can be
    written now: the answer is there, and only has to be paid for once more.
    """

    def __init__(self, parts: Parts, scope: Scope) -> None:
        self._parts = parts
        self._scope = scope
        with parts.store.read(scope) as reader:
            self._since, self._exists = reader.head(), bool(reader.scope_id)

    def get(self, key: bytes) -> str | None:
        """What was answered under this key."""
        with self._parts.store.read(self._scope) as reader:
            return reader.reply(key)

    def put(self, key: bytes, text: str) -> None:
        """Keep an answer."""
        if not self._exists:
            return
        try:
            with self._parts.store.write(self._scope) as writer:
                if not writer.changed_since(self._since, ()):
                    writer.keep_reply(key, text)
        except (StoreReadOnly, StoreFull, StoreBusy) as error:
            logger.info("a reply of the language model is not kept in %s: %s", self._scope.path, error)


@dataclass(frozen=True, slots=True)
class Thinking:
    """A language model for one piece of work, and what it was really asked: failures and repairs too, replies kept not.

    ``meter`` is ``None`` for a model that only tells what its completions cost.
    """

    llm: LLM | None
    meter: MeteredChat | None = None

    def spent(self, told: Usage) -> Usage:
        """What was spent, where ``told`` is what completions said."""
        if self.meter is None:
            return told
        paid = self.meter.usage
        return replace(
            told,
            llm_calls=paid.llm_calls,
            prompt_tokens=paid.prompt_tokens,
            completion_tokens=paid.completion_tokens,
        )


def budgeted(llm: LLM | None, budget: Budget | None) -> LLM | None:
    """The language model, its calls within a budget.

    Raises:
        InvalidInput: a budget for a model that cannot be held to one.
    """
    if llm is None or budget is None:
        return llm
    if not isinstance(llm, StructuredLLM):
        raise InvalidInput("A budget needs a ChatModel: open(..., llm=...) was given an LLM of its own kind.")
    return llm.over(BudgetedChat(llm.chat, budget))


def thinking(parts: Parts, scope: Scope, llm: LLM | None) -> Thinking:
    """The language model for work on one scope: metered, its replies kept with the scope, and watched."""
    observer = parts.observer
    if not isinstance(llm, StructuredLLM):
        return Thinking(llm if llm is None or observer is OFF else ObservedLLM(llm, observer))
    meter = MeteredChat(llm.chat)
    chat: ChatModel = CachingChat(meter, ScopeReplies(parts, scope))
    if observer is not OFF:
        chat = ObservedChat(chat, observer, llm.chat.cost if isinstance(llm.chat, BudgetedChat) else None)
    return Thinking(llm.over(chat), meter)
