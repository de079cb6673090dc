"""A chat model that is shown data only as the hooks before a prompt let it through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from agentmem.llm import ChatModel, ChatReply, ChatRequest


class HookedChat:
    """Wraps a chat model; what the prompt's data says is passed through ``shown`` first. Instructions are not data.

    Args:
        inner: the model.
        shown: gives the text to show in the stead of another.
    """

    def __init__(self, inner: ChatModel, shown: Callable[[str], str]) -> None:
        self._inner = inner
        self._shown = shown

    @property
    def name(self) -> str:
        """The wrapped model's name."""
        return self._inner.name

    def reply(self, request: ChatRequest) -> ChatReply:
        """See :class:`agentmem.llm.ChatModel`."""
        prompt = request.prompt
        variables = {name: self._shown(value) for name, value in prompt.variables.items()}
        return self._inner.reply(
            replace(request, prompt=replace(prompt, user=self._shown(prompt.user), variables=variables))
        )
