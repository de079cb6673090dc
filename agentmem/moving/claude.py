"""A conversation as Claude's data export holds it: ``chat_messages``, in order. Pure.

Each has a ``sender`` (``human`` or ``assistant``), ``text``, in newer exports ``content`` (blocks, of which those of
type ``text`` are words), and ``created_at`` (ISO 8601).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agentmem.errors import InvalidInput
from agentmem.moving.item import Skipped
from agentmem.moving.parts import with_marks
from agentmem.moving.stamps import moment_of
from agentmem.types import Message

_ROLES = {"human": "user", "assistant": "assistant"}


def is_claude(record: Mapping[str, Any]) -> bool:
    """Whether this is such a conversation."""
    return "chat_messages" in record


def claude_turns(record: Mapping[str, Any], id: str, metadata: Mapping[str, Any]) -> Iterator[Message | Skipped]:
    """The turns, in order.

    Raises:
        InvalidInput: its messages are no list.
    """
    messages = record["chat_messages"]
    if not isinstance(messages, list):
        raise InvalidInput("its chat_messages are not a list")
    before = moment_of(record.get("created_at"))
    for number, message in enumerate(messages, 1):
        place = f"conversation {id}, message {number}"
        try:
            if message.get("sender") not in _ROLES:
                raise InvalidInput(f"its sender is {message.get('sender')!r}, neither human nor assistant")
            before = moment_of(message.get("created_at")) or before
            turn = _turn(message, metadata)
            key = message.get("uuid") or number
        except (InvalidInput, AttributeError, TypeError) as error:
            yield Skipped(place, "the message cannot be read", str(error), malformed=True)
            continue
        yield (
            Skipped(place, "it is empty")
            if turn is None
            else Message(turn.text, turn.role, None, id, before, f"claude:{id}/{key}", turn.metadata)
        )


def _turn(message: Mapping[str, Any], metadata: Mapping[str, Any]) -> Message | None:
    files = [*(message.get("attachments") or []), *(message.get("files") or [])]
    attachments = [str(one.get("file_name") or "file") for one in files]
    text = with_marks(_text(message), attachments)
    if not text.strip():
        return None
    kept = {**metadata, "attachments": attachments} if attachments else dict(metadata)
    return Message(text, role=_ROLES[message["sender"]], metadata=kept)


def _text(message: Mapping[str, Any]) -> str:
    """The words: of the blocks of text where there are blocks, for ``text`` then also shows what stands for others."""
    blocks = [block for block in message.get("content") or [] if block.get("type") == "text"]
    words = "\n".join(block["text"] for block in blocks if isinstance(block.get("text"), str) and block["text"])
    text = words or (message.get("text") or "" if not message.get("content") else "")
    if not isinstance(text, str):
        raise InvalidInput(f"its text is {type(text).__name__}, not text")
    return text
