"""A chat model that stops when a budget is spent."""

from __future__ import annotations

import threading
from dataclasses import replace

from agentmem.errors import BudgetExhausted
from agentmem.llm import ChatModel, ChatReply, ChatRequest
from agentmem.models.chat.budget import Budget
from agentmem.types import Usage


class BudgetedChat:
    """Wraps a chat model; refuses calls once the budget is spent.

    A call is reserved before it is made, so calls made at once never exceed ``calls``. What a reply costs in tokens is
    known only when it is there: ``tokens`` and ``usd`` may be exceeded by the calls that were under way. A call that
    fails is not counted.
    """

    def __init__(self, inner: ChatModel, budget: Budget) -> None:
        self._inner = inner
        self._budget = budget
        self._spent = Usage()
        self._under_way = 0
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The wrapped model's name."""
        return self._inner.name

    @property
    def spent(self) -> Usage:
        """What the replies so far cost."""
        with self._lock:
            return self._spent

    def cost(self, usage: Usage) -> float | None:
        """What this usage costs in US dollars; ``None`` where the budget states no prices."""
        budget = self._budget
        known = budget.usd_per_million_prompt is not None or budget.usd_per_million_completion is not None
        return budget.cost(usage) if known else None

    def reply(self, request: ChatRequest) -> ChatReply:
        """See :class:`agentmem.llm.ChatModel`.

        Raises:
            BudgetExhausted: before anything is asked, when the budget is spent.
        """
        with self._lock:
            expected = replace(self._spent, llm_calls=self._spent.llm_calls + self._under_way)
            if limit := self._budget.spent_by(expected):
                raise BudgetExhausted(
                    f"The budget of {limit} is spent. What was done is kept; go on with a larger budget."
                )
            self._under_way += 1
        usage = Usage()
        try:
            answer = self._inner.reply(request)
            # An exchange is one call, whatever the model says it was: a model that says 0 would never come to an end.
            usage = replace(answer.usage, llm_calls=max(1, answer.usage.llm_calls))
        finally:
            with self._lock:
                self._under_way -= 1
                self._spent += usage
        return answer
