"""LangChain messages as agentmem stores them, and back, with nothing lost: pure functions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from langchain_core.messages import BaseMessage, ChatMessage, message_to_dict, messages_from_dict

from agentmem import Message
from agentmem.errors import InvalidInput
from agentmem.retrieval.recalled import RECALLED, without_recalled

STORED = "langchain_message"
"""The metadata key that holds a message, all but its text where that is plain."""
SEARCHED = "searched"
CHARACTERS = "characters"
_ONE_MEMORY = 1_000
_MEMORIES = "[memories]"
"""The text of a message that is nothing but memories."""
_ROLES = {"human": "user", "ai": "assistant"}
_CHUNK = "MessageChunk"
_SILENT = frozenset({"system", "tool", "function", "remove"})


def message_of(message: BaseMessage, session: str) -> Message:
    """A message of LangChain's as one of agentmem's.

    What people and models say is searched. What is not said (system messages, results of tools, calls of tools without
    a word) is kept beside it, in one memory each, with ``SEARCHED`` false in its metadata. Memories that were put into
    a message are not stored as its text again; such a message is whole in the metadata.

    Raises:
        InvalidInput: it holds what JSON cannot, such as the object that a tool returned as its artifact.
    """
    stored = message_to_dict(message)
    role = _role(message)
    text, plain = str(message.text), isinstance(message.content, str) and bool(message.content.strip())
    searched = role not in _SILENT and bool(text.strip())
    own, shown = without_recalled(text) if searched else (text, ())
    if plain and searched and not shown:
        del stored["data"]["content"]
    label = _MEMORIES if shown else _label(message, role)
    searched = searched and bool(own.strip())
    metadata = {STORED: _as_json(stored), SEARCHED: searched, CHARACTERS: len(text) if searched else 0}
    if shown:
        metadata[RECALLED] = list(shown)
    return Message(
        text if searched else label,
        role=role,
        speaker=message.name or None,
        session=session,
        metadata=metadata,
        index=True,
    )


def restored(stored: Mapping[str, Any], text: str) -> BaseMessage:
    """The message again, from its metadata and the text of its episode."""
    data = {"content": text, **stored["data"]}
    return messages_from_dict([{"type": stored["type"], "data": data}])[0]


def _role(message: BaseMessage) -> str:
    if isinstance(message, ChatMessage):
        return message.role
    kind = message.type.removesuffix(_CHUNK).lower()
    return _ROLES.get(kind, kind)


def _label(message: BaseMessage, role: str) -> str:
    """A short text for what is not searched; the message itself is in the metadata."""
    calls = ", ".join(str(call["name"]) for call in getattr(message, "tool_calls", ()))
    said = f"calls {calls}" if calls else " ".join(str(message.text).split())
    return f"[{role}] {said}".strip()[:_ONE_MEMORY]


def _as_json(stored: dict[str, Any]) -> Any:
    try:
        return json.loads(json.dumps(stored, ensure_ascii=False, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise InvalidInput(
            f"A {stored['type']} message cannot be kept: {error}. Convert what it holds to JSON first, for instance "
            "the artifact of a tool."
        ) from error
