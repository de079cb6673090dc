"""What readers have in common: a context of what was found, within a budget, and one exchange with a model about it.

Every system gets the same of it, so that systems differ by what they find and by nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic

from agentmem.errors import BudgetExhausted, LLMError
from agentmem.llm import ChatModel, Prompt, Reply
from agentmem.models.chat.structured import StructuredLLM
from agentmem.protocols import TokenCounter
from agentmem.text.budget import estimate_tokens
from agentmem.types import Usage
from agentmem_evals.prompts import template
from agentmem_evals.reading.heard import HeardChat
from agentmem_evals.reading.items import ShownItem
from agentmem_evals.reading.packing import Packed, pack_items

DEFAULT_BUDGET = 4000
"""Tokens of context."""


@dataclass(frozen=True, slots=True)
class Exchange(Generic[Reply]):
    """A parsed reply, what it and its repairs cost, and the milliseconds from the prompt to it, waiting included."""

    reply: Reply
    usage: Usage
    ms: float


@dataclass(frozen=True, slots=True)
class ReadingFailure:
    """A question that got no answer, which is not a wrong one: the error's type and message, and what was spent."""

    question_id: str
    error: str
    message: str
    usage: Usage


class ContextReader:
    """Packs and asks; what is asked is the subclass's. Safe to use from several threads.

    Args:
        chat: the model that reads.
        budget: tokens of context, ``None`` for no limit.
        count: how tokens are counted; it must not depend on the system under evaluation.
        now: the present in seconds, to take times with.
    """

    def __init__(
        self,
        chat: ChatModel,
        budget: int | None = DEFAULT_BUDGET,
        count: TokenCounter = estimate_tokens,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._chat = chat
        self._budget = budget
        self._count = count
        self._now = now

    def _described(self, prompts: Iterable[str]) -> Mapping[str, Any]:
        templates = {id: template(id) for id in prompts}
        return {
            "model": self._chat.name,
            "budget": self._budget,
            "prompts": {id: {"version": found.version, "digest": found.digest} for id, found in templates.items()},
        }

    def _packed(self, found: Sequence[ShownItem]) -> Packed:
        return pack_items(found, self._budget, self._count)

    def _ask(
        self, question_id: str, prompt: Prompt, schema: type[Reply], max_tokens: int
    ) -> Exchange[Reply] | ReadingFailure:
        """One exchange.

        Raises:
            BudgetExhausted: nothing more may be spent; no failure of this question.
        """
        heard = HeardChat(self._chat)
        started = self._now()
        try:
            reply = StructuredLLM(heard, max_tokens=max_tokens).complete(prompt, schema).value
        except BudgetExhausted:
            raise
        except LLMError as error:
            return ReadingFailure(question_id, type(error).__name__, str(error), heard.usage)
        return Exchange(reply, heard.usage, (self._now() - started) * 1000)


def cited_among(shown: Sequence[str], numbers: Sequence[int]) -> tuple[str, ...]:
    """The ids behind the numbers of a reply, each once; numbers of nothing that was shown are dropped."""
    return tuple(dict.fromkeys(shown[number - 1] for number in numbers if 1 <= number <= len(shown)))
