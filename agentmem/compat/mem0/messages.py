"""What ``add`` is given, as messages to store."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from agentmem.compat.mem0.errors import ValidationError

logger = logging.getLogger(__name__)

_INSTRUCTIONS = frozenset({"system", "developer"})
_TOOLS = frozenset({"tool", "function"})


def messages_of(messages: Any, *, tools: bool) -> list[dict[str, Any]]:
    """Each message with ``role``, ``content`` and ``name``; what is nothing to remember is left out, as in mem0.

    Left out: instructions to the model, messages without content (calls of tools), what is no message (the log says
    so), and what tools said unless ``tools``.

    Raises:
        ValidationError: it is neither text, nor a message, nor a list.
    """
    if isinstance(messages, str):
        messages = [{"role": "user", "content": messages}]
    elif isinstance(messages, Mapping):
        messages = [messages]
    elif not isinstance(messages, list):
        raise ValidationError(
            f"messages must be text, a message or a list of messages, not {type(messages).__name__}.",
            error_code="VALIDATION_003",
            details={"provided_type": type(messages).__name__, "valid_types": ["str", "dict", "list[dict]"]},
            suggestion="Write [{'role': 'user', 'content': '...'}].",
        )
    return [found for message in messages if (found := _message(message, tools=tools)) is not None]


def _message(message: Any, *, tools: bool) -> dict[str, Any] | None:
    if not isinstance(message, Mapping) or message.get("role") is None:
        logger.warning("left out what is no message with a role and content: a %s", type(message).__name__)
        return None
    role, content = str(message["role"]), message.get("content")
    if role in _INSTRUCTIONS or (role in _TOOLS and not tools):
        return None
    if content is None or (isinstance(content, str) and not content.strip()) or content == []:
        logger.debug("left out a message without content, from the %s", role)
        return None
    if isinstance(content, Mapping):  # one part that is not in a list
        content = [content]
    return {"role": role, "content": content, "name": message.get("name") or None, "index": True}
