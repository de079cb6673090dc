"""The text of a message that comes in parts, and what was attached to it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentmem.errors import InvalidInput


def text_and_attachments(content: Any) -> tuple[str, list[str]]:
    """The words of a text, or of a list of parts, and the kinds of parts that are no words (``"image_url"``, ...).

    Raises:
        InvalidInput: it is neither text nor a list of parts.
    """
    if isinstance(content, str):
        return content, []
    if not isinstance(content, list):
        raise InvalidInput(f"its text is {type(content).__name__}, neither text nor a list of parts")
    words: list[str] = []
    others: list[str] = []
    for part in content:
        text = part.get("text") if isinstance(part, Mapping) else part
        if isinstance(text, str):
            words.append(text)
        elif isinstance(part, Mapping):
            others.append(str(part.get("type") or part.get("content_type") or "attachment"))
        else:
            raise InvalidInput(f"a part of its text is {type(part).__name__}, neither text nor an object")
    return "\n".join(word for word in words if word), others


def with_marks(text: str, attachments: list[str]) -> str:
    """The text; where there is none, what was attached in its stead, so that it is seen that something was there."""
    return text if text.strip() or not attachments else " ".join(f"[{name}]" for name in attachments)
