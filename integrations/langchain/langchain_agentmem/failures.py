"""What the clients of model providers raise, as errors of agentmem."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentmem import clock
from agentmem.errors import LLMError, LLMRefused, LLMUnavailable
from agentmem.models.chat.retry_after import retry_after

_PASSING = frozenset({408, 409, 425, 429})
_PASSING_NAMES = ("timeout", "connect", "unavailable", "overloaded", "ratelimit", "throttl", "internalserver")


def as_llm_error(error: Exception, model: str) -> LLMError:
    """The error to raise for what a provider's client raised.

    Clients share no errors, but nearly all state the HTTP status; those that do not name the kind of failure in the
    name of the class. What cannot be told is taken for a refusal: asking again would do the same. Never quotes the
    error's text, which may quote the prompt; it is there as the cause.
    """
    if isinstance(error, LLMError):
        return error
    kind, status = type(error).__name__, _status(error)
    if status is not None:
        passing = (status in _PASSING or status >= 500) and getattr(error, "code", None) != "insufficient_quota"
        said = f"HTTP {status}, {kind}"
    else:
        names = [cls.__name__.lower() for cls in type(error).__mro__]
        passing = isinstance(error, OSError) or any(part in name for name in names for part in _PASSING_NAMES)
        said = kind
    if passing:
        return LLMUnavailable(f"The model {model!r} cannot answer now ({said}). Try again later.", _wait(error))
    return LLMRefused(
        f"The model {model!r} refuses the request, or failed ({said}). See the cause. Check its key and its name; the "
        "prompt may be too long for it, or the account without credit."
    )


def _status(error: Exception) -> int | None:
    for holder in (error, getattr(error, "response", None)):
        for name in ("status_code", "http_status", "status", "code"):
            found = getattr(holder, name, None)
            if isinstance(found, int) and 400 <= found < 600:
                return found
    return None


def _wait(error: Exception) -> float | None:
    headers: Any = getattr(getattr(error, "response", None), "headers", None)
    return retry_after(headers, clock.now()) if isinstance(headers, Mapping) else None
