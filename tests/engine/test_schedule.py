"""Times of a cron expression, against a naive walk minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmem.engine.schedule import Schedule
from agentmem.errors import InvalidInput

START = datetime(2024, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 5 * 365 * 86_400).map(lambda seconds: START + timedelta(seconds=seconds))


def naive(after, minute, hour, weekday):
    """The first minute after a moment whose minute, hour and weekday (0 is Sunday) are these."""
    moment = after.replace(second=0, microsecond=0) + timedelta(minutes=1)
    while not (moment.minute == minute and hour in (None, moment.hour) and weekday in (None, moment.isoweekday() % 7)):
        moment += timedelta(minutes=1)
    return moment


@settings(max_examples=40)
@given(MOMENTS, st.integers(0, 59), st.none() | st.integers(0, 23), st.none() | st.integers(0, 6))
def test_the_next_time_is_the_first_that_fits(after, minute, hour, weekday):
    fields = [str(minute), *("*" if field is None else str(field) for field in (hour, None, None, weekday))]
    assert Schedule(" ".join(fields)).next(after) == naive(after, minute, hour, weekday)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (datetime(2026, 1, 10, 12, tzinfo=UTC), datetime(2026, 1, 11, 2, tzinfo=UTC)),
        (datetime(2026, 7, 10, 12, tzinfo=UTC), datetime(2026, 7, 11, 1, tzinfo=UTC)),
        (datetime(2026, 7, 11, 1, tzinfo=UTC), datetime(2026, 7, 12, 1, tzinfo=UTC)),
    ],
)
def test_a_zone_has_its_summer(after, expected):
    assert Schedule("0 3 * * *", "Europe/Brussels").next(after) == expected


def test_a_time_that_comes_twice_counts_once_and_one_that_is_skipped_is_not_left_out():
    zone, seen = ZoneInfo("Europe/Brussels"), []
    schedule = Schedule("30 2 * * *", "Europe/Brussels")
    for start in (datetime(2026, 3, 27, 12, tzinfo=UTC), datetime(2026, 10, 23, 12, tzinfo=UTC)):
        moment = start
        for _night in range(4):
            moment = schedule.next(moment)
            seen.append(moment.astimezone(zone).date())
    expected = [(3, 28), (3, 29), (3, 30), (3, 31), (10, 24), (10, 25), (10, 26), (10, 27)]
    assert [(day.month, day.day) for day in seen] == expected


@pytest.mark.parametrize("wrong", ["", "soon", "* * * *", "0 3 * * * *", "61 * * * *", "0 0 30 2 *", "@daily"])
def test_what_is_no_schedule_is_refused_with_an_example(wrong):
    with pytest.raises(InvalidInput, match="0 3"):
        Schedule(wrong)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc", "/etc/passwd"])
def test_an_unknown_zone_is_refused(zone):
    with pytest.raises(InvalidInput, match="zone"):
        Schedule("0 3 * * *", zone)
