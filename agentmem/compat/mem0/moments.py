"""Points in time as mem0's callers give them: Unix seconds, ISO strings, dates, datetimes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from agentmem.clock import aware
from agentmem.errors import InvalidInput


def moment(value: Any, name: str) -> datetime:
    """A moment; a date means its beginning in UTC.

    Raises:
        InvalidInput: it cannot be read, or has no time zone.
    """
    if isinstance(value, datetime):
        return aware(value, name)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value, UTC)
        except (OverflowError, ValueError, OSError) as error:
            raise InvalidInput(f"{name}={value!r} is no Unix time in seconds.") from error
    if isinstance(value, str):
        return moment(_read(value, name), name)
    raise InvalidInput(f"{name} must be Unix seconds, an ISO 8601 string, a date or a datetime, not {value!r}.")


def _read(text: str, name: str) -> date:
    """A date (``2025-06-01``), or a datetime."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"{name}={text!r} is neither a date nor a time in ISO 8601.") from error


def expiry(value: Any) -> tuple[str, datetime]:
    """What is shown as ``expiration_date``, and the moment from which a memory is no longer found.

    A date holds to its end in UTC, as in mem0; a datetime, which mem0 cuts to its date, is taken at its word.
    """
    read = _read(value, "expiration_date") if isinstance(value, str) else value
    if isinstance(read, datetime):
        exact = aware(read, "expiration_date")
        return exact.isoformat(), exact
    if not isinstance(read, date):
        raise InvalidInput(f"expiration_date must be a date (YYYY-MM-DD) or a datetime, not {value!r}.")
    try:
        return read.isoformat(), moment(read, "expiration_date") + timedelta(days=1)
    except OverflowError as error:
        raise InvalidInput(f"expiration_date={value!r} is out of the calendar; None never expires.") from error


def is_over(metadata: Mapping[str, Any], now: datetime) -> bool:
    """Whether metadata holds an ``expiration_date`` that has passed."""
    shown = metadata.get("expiration_date")
    return shown is not None and expiry(shown)[1] <= now
