"""A chat model that counts."""

from __future__ import annotations

import threading

from agentmem.llm import ChatModel, ChatReply, ChatRequest
from agentmem.types import Usage


class MeteredChat:
    """Wraps a chat model; ``calls`` counts what it was asked, failures included, ``usage`` what its replies cost."""

    def __init__(self, inner: ChatModel) -> None:
        self._inner = inner
        self._calls = 0
        self._usage = Usage()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The wrapped model's name."""
        return self._inner.name

    @property
    def calls(self) -> int:
        """How often the wrapped model was asked."""
        with self._lock:
            return self._calls

    @property
    def usage(self) -> Usage:
        """What all replies so far cost."""
        with self._lock:
            return self._usage

    def reply(self, request: ChatRequest) -> ChatReply:
        """See :class:`agentmem.llm.ChatModel`."""
        with self._lock:
            self._calls += 1
        answer = self._inner.reply(request)
        with self._lock:
            self._usage += answer.usage
        return answer
