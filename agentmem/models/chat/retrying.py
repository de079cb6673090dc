"""A chat model that asks again when the server did not answer."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace

from agentmem.errors import InvalidInput, LLMUnavailable
from agentmem.llm import ChatModel, ChatReply, ChatRequest

_CHANCE = random.SystemRandom()


def half_to_full() -> float:
    """A factor between 0.5 and 1, so that those who failed together do not come back together."""
    return _CHANCE.uniform(0.5, 1.0)


class RetryingChat:
    """Wraps a chat model; waits and asks again when it is unavailable. Every other error passes through at once.

    The wait doubles from ``first_wait`` to ``longest_wait``, times ``jitter()``, and is never shorter than the server
    asked for. A server that asks for more than ``longest_wait`` is not waited for: its error is raised, with
    ``retry_after``, for whoever can come back later.

    Args:
        inner: the model.
        attempts: how often it is asked at most.
        first_wait: seconds.
        longest_wait: seconds.
        sleep: waits so many seconds.
        jitter: gives a factor for each wait.

    Raises:
        InvalidInput: less than one attempt, or a negative wait.
    """

    def __init__(
        self,
        inner: ChatModel,
        attempts: int = 4,
        first_wait: float = 1.0,
        longest_wait: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = half_to_full,
    ) -> None:
        if attempts < 1 or first_wait < 0 or longest_wait < 0:
            raise InvalidInput("Retrying needs at least one attempt, and waits that are not negative.")
        self._inner = inner
        self._attempts = attempts
        self._first_wait = first_wait
        self._longest_wait = longest_wait
        self._sleep = sleep
        self._jitter = jitter

    @property
    def name(self) -> str:
        """The wrapped model's name."""
        return self._inner.name

    def reply(self, request: ChatRequest) -> ChatReply:
        """See :class:`agentmem.llm.ChatModel`."""
        failed = 0
        while True:
            try:
                answer = self._inner.reply(request)
                return replace(answer, retries=failed) if failed else answer
            except LLMUnavailable as error:
                asked_for = error.retry_after or 0.0
                if failed + 1 == self._attempts or not error.retryable or asked_for > self._longest_wait:
                    error.retries = failed
                    raise
            wait = min(self._longest_wait, self._first_wait * 2.0 ** min(failed, 60)) * self._jitter()
            self._sleep(max(wait, asked_for))
            failed += 1
