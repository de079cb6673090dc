"""Times as other systems write them. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agentmem.clock import aware
from agentmem.errors import InvalidInput

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS_FROM = 1e11
"""Numbers from here on count milliseconds: as seconds they would lie after the year 5138."""
_NUMBER = re.compile(r"-?\d{9,}(\.\d+)?")


def moment_of(value: Any, zone: tzinfo | None = None) -> datetime | None:
    """A time in UTC: ISO 8601, or seconds or milliseconds since 1970 (UTC). ``None`` and ``""`` are no time.

    Args:
        value: what the origin holds.
        zone: the time zone of times that name none.

    Raises:
        InvalidInput: it is no time, lies outside the calendar, or names no time zone and ``zone`` is ``None``.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    try:
        moment = _parsed(value)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"{value!r} is no time: ISO 8601, or seconds since 1970") from error
    if moment.tzinfo is None and zone is not None:
        moment = moment.replace(tzinfo=zone)
    if moment.tzinfo is None:
        raise InvalidInput(f"the time {value!r} names no time zone: say which with zone= (--zone Europe/Brussels)")
    return aware(moment, "at")


def zone_named(name: str | None) -> tzinfo | None:
    """A time zone by its name in the IANA database.

    Raises:
        InvalidInput: there is none of that name.
    """
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput(f"There is no time zone {name!r}. Write it like Europe/Brussels, or UTC.") from error


def _parsed(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, str):
        return datetime.fromisoformat(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(value)
    return _EPOCH + timedelta(seconds=value / 1_000 if abs(value) >= _MILLISECONDS_FROM else value)
