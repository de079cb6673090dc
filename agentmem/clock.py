"""Time at the boundary: aware UTC only, microseconds inside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from agentmem.errors import InvalidInput

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


def aware(moment: datetime, name: str) -> datetime:
    """The same moment in UTC.

    Raises:
        InvalidInput: it is not a datetime, has no time zone, or lies outside the calendar.
    """
    if not isinstance(moment, datetime):
        raise InvalidInput(f"{name} must be a datetime, not {type(moment).__name__}.")
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise InvalidInput(
            f"{name}={moment.isoformat()} has no time zone, so it names no moment. "
            f"Say which: {name}.replace(tzinfo=datetime.UTC), or datetime.now(datetime.UTC)."
        )
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise InvalidInput(f"{name}={moment.isoformat()} lies outside the years 1 to 9999 in UTC.") from error


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The moment so many microseconds after 1970."""
    return _EPOCH + timedelta(0, 0, micros)
