"""Errors as a model is told them: what happened and what to do next, and nothing of anybody's content or paths."""

from __future__ import annotations

import logging

from pydantic import ValidationError

from agentmem.errors import (
    AgentMemError,
    EmbedderError,
    ForgottenRef,
    IndexFailure,
    LLMError,
    MissingExtra,
    NotFound,
    RefConflict,
    StoreBusy,
    StoreError,
    VersionConflict,
)

logger = logging.getLogger(__name__)

_OURS = (StoreError, EmbedderError, IndexFailure, LLMError, MissingExtra)
"""What only the operator can mend; its words may name the server's files."""
_SCOPE = "scope"


def refusal(tool: str, error: BaseException) -> str:
    """What to tell the model. What it cannot mend goes to the log, and it is told so."""
    if isinstance(error, ValidationError):
        return f"{tool}: nothing was done. {misfits(error)}"
    if isinstance(error, StoreBusy):
        return f"{tool}: another process is writing; nothing was done. Try again in a moment."
    if isinstance(error, _OURS) or not isinstance(error, AgentMemError):
        logger.error("tool %s failed: %s", tool, type(error).__name__, exc_info=error)
        return (
            f"{tool}: the memory server could not do this ({type(error).__name__}); nothing was half-written. Try once "
            "more; if it fails again, tell the user that the server's log says why."
        )
    return f"{tool}: nothing was done. {_said(error)}"


def _said(error: AgentMemError) -> str:
    """The library's own message, or, where that names calls that are not here, the same in this server's terms."""
    if isinstance(error, VersionConflict) and "get()" in str(error):
        return (
            "The memory is at another version than expected: it changed since it was read. Look at it with history, "
            "decide anew, and call again with its present version."
        )
    if isinstance(error, NotFound):
        return "There is no such memory here, or not any more. Take ids from what retrieve shows."
    if isinstance(error, ForgottenRef):
        return "What was stored under this ref was forgotten, on purpose. Add it under another ref to have it back."
    if isinstance(error, RefConflict):
        return "This ref is taken by other content. Use another ref, or update the memory that is there."
    return str(error)


def misfits(error: ValidationError) -> str:
    """What is wrong with a call's arguments, without repeating them."""
    told = []
    for wrong in error.errors(include_url=False, include_context=False, include_input=False):
        where = ".".join(map(str, wrong["loc"]))
        if wrong["type"] == "extra_forbidden":
            told.append(_unknown(where))
        else:
            message = wrong["msg"].removeprefix("Value error, ")
            told.append(f"{where}: {message}" if where else message)
    return "; ".join(told) + ". Correct the arguments and call again."


def _unknown(where: str) -> str:
    if where == _SCOPE:
        return "scope: no tool takes one; whose memory this is was set when the server was started"
    return f"{where[:50]}: there is no such argument"
