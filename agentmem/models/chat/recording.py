"""A chat model that keeps what was said, to be replayed."""

from __future__ import annotations

from collections.abc import Callable

from agentmem.llm import ChatModel, ChatReply, ChatRequest
from agentmem.models.chat.recordings import Recording


class RecordingChat:
    """Wraps a chat model; hands every whole reply to ``sink``, such as a :class:`~.recordings.RecordingFile`.

    A repaired reply is recorded under the same prompt and variables as the one it repairs: replayed, the last one
    counts.
    """

    def __init__(self, inner: ChatModel, sink: Callable[[Recording], None]) -> None:
        self._inner = inner
        self._sink = sink

    @property
    def name(self) -> str:
        """The wrapped model's name."""
        return self._inner.name

    def reply(self, request: ChatRequest) -> ChatReply:
        """See :class:`agentmem.llm.ChatModel`."""
        answer = self._inner.reply(request)
        if not answer.truncated:
            self._sink(Recording(request.prompt.id, dict(request.prompt.variables), answer.text))
        return answer
