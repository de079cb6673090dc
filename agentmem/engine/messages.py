"""Message dicts as chat APIs write them (OpenAI's, also with Anthropic's parts): all that was said in them is kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from agentmem.errors import InvalidInput
from agentmem.types import Message

_KEYS = frozenset(
    {"role", "content", "name", "speaker", "session", "at", "ref", "metadata", "index"}
    | {"tool_calls", "tool_call_id", "refusal", "audio", "annotations", "function_call"}
)
_BESIDE = ("tool_calls", "function_call", "tool_call_id", "annotations")
"""What goes along with the words: it is kept as metadata."""
_CALL, _RESULT = "tool_use", "tool_result"
"""Anthropic's types of parts that call a tool, or say what it gave."""


def message_of(item: Mapping[str, Any]) -> Message:
    """A message dict as a message: the text of its content, a refusal, and the transcript of its audio.

    Calls of tools are its text where it says nothing else, and it is not searchable then unless asked; nor is what
    only hands on what tools gave. Beside words they are metadata.

    Raises:
        InvalidInput: an unknown key, nothing to remember, or content that is neither text nor a list of parts.
    """
    if unknown := set(item) - _KEYS:
        raise InvalidInput(
            f"Unknown keys in a message: {', '.join(sorted(map(str, unknown)))}. Put your own under 'metadata'."
        )
    content, index = item.get("content"), item.get("index")
    parts = [] if content is None else [content] if isinstance(content, str) else _parts(content)
    beside = {key: _plain(item[key]) for key in _BESIDE if item.get(key)}
    if calls := [part for part in parts if _type(part) == _CALL]:
        beside["tool_calls"] = [*beside.get("tool_calls", ()), *_plain(calls)]
    text = _said(item, [part for part in parts if _type(part) != _CALL])
    if not text:
        asked = beside.pop("tool_calls", None) or beside.pop("function_call", None)
        if not asked and "content" not in item:
            raise InvalidInput("A message dict needs 'content', e.g. {'role': 'user', 'content': 'Hi'}.")
        if not asked:
            raise InvalidInput("A message has neither content nor tool calls: there is nothing to remember.")
        text, index = json.dumps(asked, ensure_ascii=False), bool(index) if index is None else index
    elif parts and all(_type(part) in (_CALL, _RESULT) for part in parts):
        index = False if index is None else index
    metadata = item.get("metadata") or {}
    return Message(
        text=text,
        role=item.get("role"),
        speaker=item.get("speaker", item.get("name")),
        session=item.get("session"),
        at=item.get("at"),
        ref=item.get("ref"),
        metadata={**beside, **metadata} if isinstance(metadata, Mapping) else metadata,
        index=index,
    )


def is_bytes(content: object) -> bool:
    """Bytes iterate over numbers, which is never what was meant."""
    return isinstance(content, bytes | bytearray)


def _said(item: Mapping[str, Any], parts: Iterable[Any]) -> str:
    """All the words of a message; empty if there are none."""
    audio, refusal = item.get("audio"), item.get("refusal")
    transcript = audio.get("transcript") if isinstance(audio, Mapping) else None
    for name, value in (("refusal", refusal), ("audio's transcript", transcript)):
        if value is not None and not isinstance(value, str):
            raise InvalidInput(f"A message's {name} must be text, not {type(value).__name__}.")
    text = "\n".join(map(_text_of, parts))
    return "\n".join(dict.fromkeys(words for words in (text, refusal, transcript) if words and not words.isspace()))


def _parts(content: Any) -> list[Any]:
    if isinstance(content, Mapping) or is_bytes(content) or not isinstance(content, Iterable):
        raise InvalidInput(f"A message's content must be text or a list of parts, not {type(content).__name__}.")
    return list(content)


def _text_of(part: Any) -> str:
    """The text of one part; pictures and sounds leave a mark, so that it is seen that they were there."""
    if isinstance(part, str):
        return part
    if not isinstance(part, Mapping):
        raise InvalidInput(f"A part of a message's content must be text or a dict, not {type(part).__name__}.")
    text = part.get("text")
    if isinstance(text, Mapping):
        text = text.get("value")
    for said in (text, part.get("refusal"), part.get("transcript")):
        if isinstance(said, str):
            return said
    nested = part.get("content")
    if _type(part) == _RESULT and nested is not None:
        return nested if isinstance(nested, str) else "\n".join(map(_text_of, _parts(nested)))
    return f"[{part.get('type', 'attachment')}]"


def _type(part: Any) -> Any:
    return part.get("type") if isinstance(part, Mapping) else None


def _plain(value: Any) -> Any:
    """As JSON gives it back: an API's own classes become text."""
    return json.loads(json.dumps(value, ensure_ascii=False, default=str))
