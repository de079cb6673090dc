"""A chat model that asks nothing twice."""

from __future__ import annotations

import hashlib
import json
from typing import Protocol

from agentmem.llm import ChatModel, ChatReply, ChatRequest
from agentmem.models.chat.fitting import fits
from agentmem.models.chat.parsing import objects


class Replies(Protocol):
    """Where replies are kept. They quote what they were about: forgetting that must forget them."""

    def get(self, key: bytes) -> str | None:
        """The reply under this key."""
        ...

    def put(self, key: bytes, text: str) -> None:
        """Keep a reply."""
        ...


class CachingChat:
    """Wraps a chat model; a request that was answered before costs no call.

    Kept are whole replies that fit their schema: one that was cut, or that will be refused when it is parsed, would be
    given again whenever the work is retried.
    """

    def __init__(self, inner: ChatModel, replies: Replies) -> None:
        self._inner = inner
        self._replies = replies

    @property
    def name(self) -> str:
        """The wrapped model's name."""
        return self._inner.name

    def reply(self, request: ChatRequest) -> ChatReply:
        """See :class:`agentmem.llm.ChatModel`."""
        key = key_of(self._inner.name, request)
        known = self._replies.get(key)
        if known is not None:
            return ChatReply(known, cached=True)
        answer = self._inner.reply(request)
        if not answer.truncated and any(fits(value, request.schema) for value in objects(answer.text)):
            self._replies.put(key, answer.text)
        return answer


def key_of(model: str, request: ChatRequest) -> bytes:
    """The SHA-256 of everything that a reply depends on."""
    prompt = request.prompt
    parts = [model, prompt.id, prompt.version, prompt.digest, request.messages(), request.schema, request.temperature]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).digest()
