"""Puts a block of memories before the model, for one call: behind the system message, as the quoted data it is."""

from __future__ import annotations

from typing import Any

from langchain.agents.middleware import ModelRequest
from langchain_core.messages import SystemMessage


def with_block(request: ModelRequest[Any], block: str) -> ModelRequest[Any]:
    """The request with the block at the end of its system message, so that what stands before it can be cached.

    The request given, and the agent's state, stay as they are.
    """
    if not hasattr(request, "system_message"):  # langchain 1.0 knows the system message as a string only
        prompt = request.system_prompt
        return request.override(system_prompt=f"{prompt}\n\n{block}" if prompt else block)  # type: ignore[call-arg]
    return request.override(system_message=_extended(request.system_message, block))


def _extended(system: SystemMessage | None, block: str) -> SystemMessage:
    if system is None:
        return SystemMessage(block)
    content = system.content
    if isinstance(content, str):
        extended: str | list[Any] = f"{content}\n\n{block}" if content else block
    else:
        extended = [*content, {"type": "text", "text": block}]
    return system.model_copy(update={"content": extended})
