"""A conversation as ChatGPT's data export holds it: a tree of messages, of which one branch is current. Pure.

``mapping`` holds the nodes by id, each with ``message``, ``parent`` and ``children``; ``current_node`` is the end of
the branch that was last shown. Times are seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agentmem.errors import InvalidInput
from agentmem.moving.item import Skipped
from agentmem.moving.parts import text_and_attachments, with_marks
from agentmem.moving.stamps import moment_of
from agentmem.types import Message

_SPOKEN = ("text", "multimodal_text")
_HIDDEN = "is_visually_hidden_from_conversation"


def is_chatgpt(record: Mapping[str, Any]) -> bool:
    """Whether this is such a conversation."""
    return "mapping" in record


def chatgpt_turns(record: Mapping[str, Any], id: str, metadata: Mapping[str, Any]) -> Iterator[Message | Skipped]:
    """The turns of the current branch, in order.

    Raises:
        InvalidInput: the tree cannot be followed.
    """
    mapping = record["mapping"]
    if not isinstance(mapping, Mapping):
        raise InvalidInput("its mapping is not an object")
    branch = _branch(mapping, record.get("current_node"))
    before = moment_of(record.get("create_time"))
    for key in branch:
        message = mapping[key].get("message")
        if message is None:
            continue
        place = f"conversation {id}, message {key}"
        try:
            if not isinstance(message, Mapping):
                raise InvalidInput(f"it is {type(message).__name__}, not an object")
            reason = _left_out(message)
            if reason is not None:
                yield Skipped(place, reason)
                continue
            before = moment_of(message.get("create_time")) or before
            turn = _turn(message, metadata)
        except (InvalidInput, AttributeError, TypeError) as error:
            yield Skipped(place, "the message cannot be read", str(error), malformed=True)
            continue
        yield (
            Skipped(place, "it is empty")
            if turn is None
            else Message(turn.text, turn.role, None, id, before, f"chatgpt:{id}/{key}", turn.metadata)
        )
    left = sum(1 for key, node in mapping.items() if key not in branch and _has_message(node))
    if left:
        yield Skipped(f"conversation {id}", "it is on a branch that was left (an edit, or a second answer)", count=left)


def _branch(mapping: Mapping[str, Any], end: Any) -> dict[str, None]:
    """The ids from the root to the current node."""
    if not isinstance(end, str) or end not in mapping:
        raise InvalidInput("its current_node is not in its mapping")
    found: dict[str, None] = {}
    key: Any = end
    while key is not None:
        if not isinstance(key, str) or key in found or not isinstance(mapping.get(key), Mapping):
            raise InvalidInput(f"its tree leads from {end} to {key}, where it breaks off")
        found[key] = None
        key = mapping[key].get("parent")
    return dict.fromkeys(reversed(found))


def _has_message(node: Any) -> bool:
    """Whether a node holds a turn, or what may have been one."""
    if not isinstance(node, Mapping) or not isinstance(node.get("message"), Mapping):
        return False
    try:
        return not _left_out(node["message"])
    except InvalidInput:
        return True


def _left_out(message: Mapping[str, Any]) -> str | None:
    """Why a message is no turn that somebody saw; ``None`` if it is one.

    Raises:
        InvalidInput: it cannot be read.
    """
    author, metadata, content = (message.get(key) or {} for key in ("author", "metadata", "content"))
    if not all(isinstance(part, Mapping) for part in (author, metadata, content)):
        raise InvalidInput("its author, metadata or content is not an object")
    role = author.get("role")
    if metadata.get(_HIDDEN) or role == "system":
        return "it is hidden, or a system message"
    if role == "tool" or message.get("recipient") not in (None, "all"):
        return "it is a call of a tool, or its output"
    if content.get("content_type") not in _SPOKEN:
        return f"its content is {content.get('content_type')}, no text"
    if not isinstance(role, str):
        raise InvalidInput("it does not say whose it is (author, role)")
    return None


def _turn(message: Mapping[str, Any], metadata: Mapping[str, Any]) -> Message | None:
    text, pictures = text_and_attachments(message["content"].get("parts") or [])
    about = message.get("metadata") or {}
    names = [str(one.get("name") or "file") for one in about.get("attachments") or []]
    attachments = names or pictures
    text = with_marks(text, attachments)
    if not text.strip():
        return None
    kept = dict(metadata)
    if attachments:
        kept["attachments"] = attachments
    if about.get("model_slug"):
        kept["model"] = str(about["model_slug"])
    return Message(text, role=message["author"]["role"], metadata=kept)
