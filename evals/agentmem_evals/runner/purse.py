"""One budget for all language models of a run, however many there are and however often the run is started."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace

from agentmem.errors import BudgetExhausted
from agentmem.llm import ChatModel, ChatReply, ChatRequest
from agentmem.models.chat.budget import Budget
from agentmem.types import Usage


class Purse:
    """Counts what models cost and refuses calls once the budget is spent. Safe to use from several threads.

    The budget is that of the whole run: :meth:`owe` adds what its earlier starts have spent. A call is reserved before
    it is made, so that calls made at once never exceed the number of calls; what a reply costs is known when it is
    there, so that tokens and money may be exceeded by the calls that were under way.
    """

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self._spent = Usage()
        self._under_way = 0
        self._lock = threading.Lock()

    @property
    def spent(self) -> Usage:
        """What all replies so far cost, earlier starts included."""
        with self._lock:
            return self._spent

    @property
    def usd(self) -> float | None:
        """The same in US dollars; ``None`` without prices."""
        priced = self.budget.usd_per_million_prompt is not None or self.budget.usd_per_million_completion is not None
        return self.budget.cost(self.spent) if priced else None

    def owe(self, usage: Usage) -> None:
        """Count what an earlier start has spent."""
        with self._lock:
            self._spent += usage

    def check(self) -> None:
        """Refuse to go on when nothing is left.

        Raises:
            BudgetExhausted: the budget is spent.
        """
        with self._lock:
            self._refuse(self._spent)

    def wrap(self, chat: ChatModel) -> ChatModel:
        """The same model, paid from this purse."""
        return _Paid(chat, self)

    def pay(self, chat: ChatModel, request: ChatRequest) -> ChatReply:
        """One reply, if the budget has room for it.

        Raises:
            BudgetExhausted: before anything is asked.
            LLMError: what the model raises; that costs nothing.
        """
        with self._lock:
            self._refuse(replace(self._spent, llm_calls=self._spent.llm_calls + self._under_way))
            self._under_way += 1
        usage = Usage()
        try:
            answer = chat.reply(request)
            usage = replace(answer.usage, llm_calls=max(1, answer.usage.llm_calls))
        finally:
            with self._lock:
                self._under_way -= 1
                self._spent += usage
        return answer

    def _refuse(self, usage: Usage) -> None:
        if limit := self.budget.spent_by(usage):
            raise BudgetExhausted(
                f"The budget of {limit} is spent. What was done is kept; the same command with a larger one goes on."
            )


class _Paid:
    """A chat model whose calls are paid from a purse."""

    def __init__(self, inner: ChatModel, purse: Purse) -> None:
        self._inner = inner
        self._purse = purse

    @property
    def name(self) -> str:
        """The wrapped model's name."""
        return self._inner.name

    def reply(self, request: ChatRequest) -> ChatReply:
        """See :class:`agentmem.llm.ChatModel`."""
        return self._purse.pay(self._inner, request)


def spent_between(before: Usage, after: Usage, shares: int = 1) -> dict[str, float]:
    """The non-zero differences of two readings of a meter, divided by ``shares``."""
    differences = {field.name: getattr(after, field.name) - getattr(before, field.name) for field in fields(Usage)}
    return {name: value / shares if shares > 1 else value for name, value in differences.items() if value}


def usage_as_json(usage: Usage) -> dict[str, float]:
    """A usage as files hold it: without what is zero."""
    return spent_between(Usage(), usage)


def total_usage(usages: Iterable[Mapping[str, float]]) -> Usage:
    """The sum of usages as files hold them."""
    total = {field.name: 0.0 for field in fields(Usage)}
    for usage in usages:
        for name, value in usage.items():
            total[name] += value
    counted = {name: value if name == "embedding_seconds" else round(value) for name, value in total.items()}
    return Usage(**counted)  # type: ignore[arg-type]  # whole numbers where the field holds one
