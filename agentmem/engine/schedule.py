"""When a worker begins: a cron expression in a time zone."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agentmem.errors import InvalidInput


class Schedule:
    """A cron expression of five fields: minute, hour, day of the month, month, day of the week.

    Where clocks are put forward or back, a time that is skipped comes when they have been put, and one that comes
    twice counts once, as the cron of Debian has it.

    Args:
        expression: for example ``"0 3 * * *"``, every night at three.
        zone: an IANA time zone, in which it is read.

    Raises:
        InvalidInput: it is no cron expression, it never comes, or there is no such zone.
    """

    def __init__(self, expression: str, zone: str = "UTC") -> None:
        from cronsim import CronSim, CronSimError

        if len(expression.split()) != 5:
            raise InvalidInput(
                f"{expression!r} is no cron expression of five fields (minute, hour, day of the month, month, day of "
                'the week). Every night at three is "0 3 * * *".'
            )
        try:
            CronSim(expression, datetime(2000, 1, 1, tzinfo=UTC))
        except CronSimError as error:
            raise InvalidInput(
                f'{expression!r} is no cron expression ({error}). Every night at three is "0 3 * * *".'
            ) from error
        self.expression = expression
        self._zone = _zone(zone)

    def next(self, after: datetime) -> datetime:
        """The first time after a moment, in UTC.

        Raises:
            InvalidInput: it does not come within fifty years.
        """
        from cronsim import CronSim

        try:
            return next(CronSim(self.expression, after.astimezone(self._zone))).astimezone(UTC)
        except StopIteration as error:
            raise InvalidInput(f"{self.expression!r} never comes. Give another schedule.") from error


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC  # also where the machine has no database of time zones
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput(
            f"There is no time zone {name!r} on this machine. Give one like 'Europe/Brussels', or leave it at UTC "
            "(where no zone is known at all, pip install tzdata)."
        ) from error
