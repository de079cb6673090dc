"""``validity``: from when to when a statement is true, as far as it says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.text.intervals import Validity, overlap, validity

AT = datetime(2023, 5, 8, 13, 56, tzinfo=UTC)  # a Monday
SAID = "2023-05-08 13:56"


def told(text: str, at: datetime = AT) -> tuple[str | None, str | None]:
    found = validity(text, at)
    assert found.stated
    borders = (found.valid_from, found.valid_to)
    since, until = (border and f"{border:%Y-%m-%d %H:%M}".removesuffix(" 00:00") for border in borders)
    return since, until


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("I lived in Rome from 2010 to 2015.", "2010-01-01", "2016-01-01"),
        ("Between 2010 and 2015 I lived in Oslo.", "2010-01-01", "2016-01-01"),
        ("I worked at Acme (2010-2015).", "2010-01-01", "2016-01-01"),
        ("We were there from May to August.", "2022-05-01", "2022-09-01"),
        ("Bo lived there from May to August 2019.", "2019-05-01", "2019-09-01"),
        ("She will be away from Friday to Monday.", "2023-05-12", "2023-05-16"),
        ("I was away from Friday to Monday.", "2023-04-28", "2023-05-02"),
        ("I lived there until March.", None, "2023-04-01"),
        ("I'm in Rome until Friday.", SAID, "2023-05-13"),
        ("The shop is closed until 3pm tomorrow.", SAID, "2023-05-09 15:00"),
        ("I used to work at Acme.", None, SAID),
        ("I've lived in Ghent since 2016.", "2016-01-01", None),
        ("I lived in Rome from 2010 to now.", "2010-01-01", None),
        ("I've worked here for two years.", "2021-05-08", None),
        ("I've had them for 3 years now.", "2020-05-08", None),
        ("Ana has played the violin for a few years.", "2021-05-08", None),
        ("I haven't eaten meat for two years.", "2021-05-08", None),
        ("I've been painting for the past two years.", "2021-05-08", None),
        ("I work from home starting next Monday.", "2023-05-15", None),
        ("From next week on I work at Acme.", "2023-05-15", None),
        ("I will move to Ghent in June.", "2023-06-01", None),
        ("I'm going to Oslo tomorrow.", "2023-05-09", None),
        ("The museum opens on Friday.", "2023-05-12", None),
        ("I moved to Ghent last month.", "2023-04-01", None),
        ("I went hiking yesterday.", "2023-05-07", None),
        ("I was born on 3 July 1990.", "1990-07-03", None),
    ],
)
def test_what_is_stated(text: str, since: str | None, until: str | None) -> None:
    assert told(text) == (since, until)


@pytest.mark.parametrize(
    "text",
    [
        "I like tea.",
        "I love the book I bought last year.",
        "Caroline loves the dog she adopted last year.",
        "The shop doesn't open until Friday.",
        "I'm used to working late.",
        "I got used to it.",
        "It was used to open tins.",
        "I had them for 3 years.",
        "I work from Monday to Friday.",
        "We will finish by June.",
        "I'm still tired from yesterday.",
        "I stayed until she came.",
        "",
    ],
)
def test_nothing_is_guessed(text: str) -> None:
    assert validity(text, AT) == Validity(AT, None, stated=False)


def test_the_ends_of_the_calendar() -> None:
    first, last = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
    assert not validity("I have lived here for 99 years.", first).stated
    assert not validity("I will move tomorrow.", last).stated


MOMENTS = st.none() | st.integers(0, 6).map(lambda hours: AT + timedelta(hours=hours))
INTERVALS = st.builds(Validity, MOMENTS, MOMENTS, st.just(True)).filter(
    lambda one: one.valid_from is None or one.valid_to is None or one.valid_from < one.valid_to
)


@given(INTERVALS, INTERVALS)
def test_intervals_overlap_where_some_hour_lies_in_both(one: Validity, other: Validity) -> None:
    def holds(interval: Validity, moment: datetime) -> bool:
        since, until = interval.valid_from, interval.valid_to
        return (since is None or since <= moment) and (until is None or moment < until)

    hours = [AT + timedelta(hours=hour) for hour in range(-1, 8)]
    assert overlap(one, other) == any(holds(one, hour) and holds(other, hour) for hour in hours)
    assert overlap(one, other) == overlap(other, one)


WORDS = (
    "I I've I'm Ana has lived moved will move used to from to until since for not between and starting in on 2010 2015 "
    "May March Friday Monday next last week month year yesterday tomorrow two 3 years days a few the past , . İ 3pm by"
).split()


@given(st.text(max_size=60) | st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
def test_any_statement_has_an_interval(text: str) -> None:
    found = validity(text, AT)
    assert found.valid_from is None or found.valid_to is None or found.valid_from < found.valid_to
    assert found.stated or found == Validity(AT, None, stated=False)
    assert found == validity(text, AT)
