"""A chat model that says what another one said before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from agentmem.errors import NoRecording
from agentmem.llm import ChatReply, ChatRequest
from agentmem.models.chat.recordings import Recording, load_recordings
from agentmem.text.budget import estimate_tokens
from agentmem.types import Usage

_Key = tuple[str, ...]


class ReplayChat:
    """Answers from recordings, and from nothing else.

    A recording answers a request of its prompt whose variables have the texts it names, white space aside. Where
    several do, the one that names most variables is taken, and of equals the one recorded last. Usage is counted as if
    the recorded model had been asked: one call, and estimated tokens.
    """

    def __init__(self, recordings: Iterable[Recording]) -> None:
        # prompt -> names of variables, most of them first -> their texts -> the reply
        self._replies: dict[str, dict[_Key, dict[_Key, str]]] = {}
        identity = hashlib.sha256()
        for recording in recordings:
            names = tuple(sorted(recording.variables))
            texts = _texts(recording.variables, names)
            self._replies.setdefault(recording.prompt_id, {}).setdefault(names, {})[texts] = recording.text
            identity.update(json.dumps([recording.prompt_id, names, texts, recording.text]).encode())
        self._replies = {
            prompt: dict(sorted(found.items(), key=lambda item: (-len(item[0]), item[0])))
            for prompt, found in self._replies.items()
        }
        self._name = f"replay:{identity.hexdigest()[:16]}"

    @classmethod
    def from_file(cls, path: Path) -> ReplayChat:
        """Over a file of recordings.

        Raises:
            InvalidInput: a line of the file is no recording.
        """
        return cls(load_recordings(path))

    @property
    def name(self) -> str:
        """Differs with the recordings."""
        return self._name

    def reply(self, request: ChatRequest) -> ChatReply:
        """See :class:`agentmem.llm.ChatModel`.

        Raises:
            NoRecording: nothing was recorded for this prompt with these variables.
        """
        variables = request.prompt.variables
        for names, replies in self._replies.get(request.prompt.id, {}).items():
            if variables.keys() >= set(names):
                text = replies.get(_texts(variables, names))
                if text is not None:
                    return ChatReply(text, _usage(request, text))
        raise NoRecording(
            f"No reply was recorded for the prompt {request.prompt.id!r} with these variables. Record one with "
            "RecordingChat, or use a model that can be asked."
        )


def _texts(variables: Mapping[str, str], names: _Key) -> _Key:
    return tuple(" ".join(variables[name].split()) for name in names)


def _usage(request: ChatRequest, text: str) -> Usage:
    prompt = sum(estimate_tokens(message["content"]) for message in request.messages())
    return Usage(llm_calls=1, prompt_tokens=prompt, completion_tokens=estimate_tokens(text))


__all__ = ["Recording", "ReplayChat"]
