"""A chat model whose words are written in advance; everything around it is real."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence

from agentmem.errors import NoRecording
from agentmem.llm import ChatReply, ChatRequest
from agentmem.text.budget import estimate_tokens
from agentmem.types import Usage

Line = str | ChatReply | Exception
"""A reply's text, a whole reply, or an error to raise."""
Script = Line | Sequence[Line] | Callable[[ChatRequest], Line]
"""What is said to a prompt: always the same, one after the other, or what a function of the request says."""


class ScriptedChat:
    """Says what the script has for a prompt's id.

    ``requests`` holds everything it was asked. Of a list, each line is said once. Safe to use from several threads.
    """

    def __init__(self, script: Mapping[str, Script], name: str = "scripted") -> None:
        self._always: dict[str, Line | Callable[[ChatRequest], Line]] = {}
        self._lists: dict[str, list[Line]] = {}
        for id, said in script.items():
            if isinstance(said, Sequence) and not isinstance(said, str):
                self._lists[id] = list(said)
            else:
                self._always[id] = said
        self._name = name
        self._requests: list[ChatRequest] = []
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """As given."""
        return self._name

    @property
    def requests(self) -> list[ChatRequest]:
        """What it was asked so far."""
        with self._lock:
            return list(self._requests)

    def reply(self, request: ChatRequest) -> ChatReply:
        """See :class:`agentmem.llm.ChatModel`.

        Raises:
            NoRecording: the script has nothing (more) to say to this prompt.
        """
        line = self._line(request)
        if isinstance(line, Exception):
            raise line
        if isinstance(line, ChatReply):
            return line
        prompt = sum(estimate_tokens(message["content"]) for message in request.messages())
        return ChatReply(line, Usage(llm_calls=1, prompt_tokens=prompt, completion_tokens=estimate_tokens(line)))

    def _line(self, request: ChatRequest) -> Line:
        id = request.prompt.id
        with self._lock:
            self._requests.append(request)
            if self._lists.get(id):
                return self._lists[id].pop(0)
        if id not in self._always:
            raise NoRecording(f"The script has nothing more to say to the prompt {id!r}. Add a line to it.")
        said = self._always[id]
        return said(request) if callable(said) else said
