"""``expressions``: which times a text names, and what they mean."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.errors import InvalidInput
from agentmem.text.moments import Anchor, Grain, expressions
from agentmem.text.said import Said
from agentmem.text.tense import Tense, tenses

AT = datetime(2023, 5, 8, 13, 56, tzinfo=UTC)  # a Monday


def meant(text: str, at: datetime = AT) -> list[tuple[str, str, str]]:
    return [
        (text[told.start : told.end], f"{told.since:%Y-%m-%d}/{told.until:%Y-%m-%d}", told.grain)
        for told in expressions(text, at)
    ]


@pytest.mark.parametrize(
    ("text", "expression", "span", "grain"),
    [
        ("We met on 7 May 2023.", "7 May 2023", "2023-05-07/2023-05-08", "day"),
        ("We met on May 7th, 2023.", "May 7th, 2023", "2023-05-07/2023-05-08", "day"),
        ("We met on Sunday, 7 May 2023.", "Sunday, 7 May 2023", "2023-05-07/2023-05-08", "day"),
        ("the 7th of May", "the 7th of May", "2023-05-07/2023-05-08", "day"),
        ("It was May 5-7, 2023.", "May 5-7, 2023", "2023-05-05/2023-05-08", "day"),
        ("due 25/12/2023", "25/12/2023", "2023-12-25/2023-12-26", "day"),
        ("due 12/25/2023", "12/25/2023", "2023-12-25/2023-12-26", "day"),
        ("due 7.5.2023", "7.5.2023", "2023-05-07/2023-05-08", "day"),
        ("on 2023-05-07", "2023-05-07", "2023-05-07/2023-05-08", "day"),
        ("in 2023-05", "2023-05", "2023-05-01/2023-06-01", "month"),
        ("in May 2023", "May 2023", "2023-05-01/2023-06-01", "month"),
        ("in december 2022", "december 2022", "2022-12-01/2023-01-01", "month"),
        ("in 2019", "2019", "2019-01-01/2020-01-01", "year"),
        ("since 2016", "2016", "2016-01-01/2017-01-01", "year"),
        ("the 90s", "the 90s", "1990-01-01/2000-01-01", "decade"),
        ("the early nineties", "the early nineties", "1990-01-01/2000-01-01", "decade"),
        ("in the 2010s", "the 2010s", "2010-01-01/2020-01-01", "decade"),
        ("the 1900s", "the 1900s", "1900-01-01/2000-01-01", "decade"),
        ("in the summer of 2019", "the summer of 2019", "2019-06-01/2019-09-01", "season"),
        ("We met on the 3rd.", "the 3rd", "2023-05-03/2023-05-04", "day"),
        ("We met on the 20th.", "the 20th", "2023-04-20/2023-04-21", "day"),
        ("We will meet on the 3rd.", "the 3rd", "2023-06-03/2023-06-04", "day"),
        ("We met on May 20.", "May 20", "2022-05-20/2022-05-21", "day"),
        ("We will meet on May 20.", "May 20", "2023-05-20/2023-05-21", "day"),
        ("We will meet on May 7.", "May 7", "2024-05-07/2024-05-08", "day"),
        ("We moved in March.", "March", "2023-03-01/2023-04-01", "month"),
        ("We will move in March.", "March", "2024-03-01/2024-04-01", "month"),
        ("I stay until March.", "March", "2024-03-01/2024-04-01", "month"),
        ("I stayed until March.", "March", "2023-03-01/2023-04-01", "month"),
        ("We met on Friday.", "Friday", "2023-05-05/2023-05-06", "day"),
        ("I'm leaving on Friday.", "Friday", "2023-05-12/2023-05-13", "day"),
        ("It opens on Friday.", "Friday", "2023-05-12/2023-05-13", "day"),
        ("Bought 29 February.", "29 February", "2020-02-29/2020-03-01", "day"),
    ],
)
def test_times_told_by_the_calendar(text: str, expression: str, span: str, grain: str) -> None:
    assert meant(text) == [(expression, span, grain)]


@pytest.mark.parametrize(
    ("expression", "span", "grain"),
    [
        ("yesterday", "2023-05-07/2023-05-08", "day"),
        ("yesterday evening", "2023-05-07/2023-05-08", "day"),
        ("last night", "2023-05-07/2023-05-08", "day"),
        ("today", "2023-05-08/2023-05-09", "day"),
        ("tonight", "2023-05-08/2023-05-09", "day"),
        ("tomorrow", "2023-05-09/2023-05-10", "day"),
        ("the day before yesterday", "2023-05-06/2023-05-07", "day"),
        ("the day after tomorrow", "2023-05-10/2023-05-11", "day"),
        ("last week", "2023-05-01/2023-05-08", "week"),
        ("this week", "2023-05-08/2023-05-15", "week"),
        ("next week", "2023-05-15/2023-05-22", "week"),
        ("the week before last", "2023-04-24/2023-05-01", "week"),
        ("last weekend", "2023-05-06/2023-05-08", "weekend"),
        ("this past weekend", "2023-05-06/2023-05-08", "weekend"),
        ("this weekend", "2023-05-13/2023-05-15", "weekend"),
        ("next weekend", "2023-05-20/2023-05-22", "weekend"),
        ("two weekends ago", "2023-04-29/2023-05-01", "weekend"),
        ("last month", "2023-04-01/2023-05-01", "month"),
        ("next month", "2023-06-01/2023-07-01", "month"),
        ("last year", "2022-01-01/2023-01-01", "year"),
        ("this year", "2023-01-01/2024-01-01", "year"),
        ("last summer", "2022-06-01/2022-09-01", "season"),
        ("this summer", "2023-06-01/2023-09-01", "season"),
        ("last winter", "2022-12-01/2023-03-01", "season"),
        ("last May", "2022-05-01/2022-06-01", "month"),
        ("last March", "2023-03-01/2023-04-01", "month"),
        ("next May", "2024-05-01/2024-06-01", "month"),
        ("last Monday", "2023-05-01/2023-05-02", "day"),
        ("last Fri", "2023-05-05/2023-05-06", "day"),
        ("next Monday", "2023-05-15/2023-05-16", "day"),
        ("this Friday", "2023-05-12/2023-05-13", "day"),
        ("two Tuesdays ago", "2023-04-25/2023-04-26", "day"),
        ("three days ago", "2023-05-05/2023-05-06", "day"),
        ("a couple of days ago", "2023-05-05/2023-05-07", "day"),
        ("two weeks ago", "2023-04-21/2023-04-28", "week"),
        ("a month ago", "2023-03-24/2023-04-24", "month"),
        ("two years ago", "2021-01-28/2021-08-17", "year"),
        ("a few years back", "2018-01-28/2021-08-17", "year"),
        ("a year and a half ago", "2021-07-31/2022-02-17", "year"),
        ("three days from now", "2023-05-11/2023-05-12", "day"),
        ("the past two weeks", "2023-04-24/2023-05-09", "week"),
        ("the past year", "2022-05-08/2023-05-09", "year"),
        ("the next 3 days", "2023-05-08/2023-05-12", "day"),
    ],
)
def test_times_counted_from_when_it_was_said(expression: str, span: str, grain: str) -> None:
    assert meant(expression) == [(expression, span, grain)]
    assert expressions(expression, AT)[0].anchor == Anchor.SAID


def test_in_so_many_days_lies_ahead_only_where_the_verb_does() -> None:
    assert meant("I will go in three days.") == [("in three days", "2023-05-11/2023-05-12", "day")]
    assert meant("My exam is in three days.") == [("in three days", "2023-05-11/2023-05-12", "day")]
    assert meant("I read it in three days.") == []


def test_over_the_weekend_follows_the_verb() -> None:
    assert meant("We painted over the weekend.") == [("over the weekend", "2023-05-06/2023-05-08", "weekend")]
    assert meant("We will paint over the weekend.") == [("over the weekend", "2023-05-13/2023-05-15", "weekend")]
    assert meant("We paint over the weekend.") == []


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("We met on Friday at 3pm.", "2023-05-05T15:00"),
        ("We met at 3:30 pm on Friday.", "2023-05-05T15:30"),
        ("See it tomorrow, 10:15", "2023-05-09T10:15"),
        ("7 May 2023 at noon", "2023-05-07T12:00"),
        ("2023-05-07T10:30Z", "2023-05-07T10:30"),
        ("2023-05-07 10:30:59+02:00", "2023-05-07T08:30"),
    ],
)
def test_a_time_of_day_beside_a_day_is_a_moment(text: str, moment: str) -> None:
    (told,) = expressions(text, AT)
    assert (told.grain, f"{told.since:%Y-%m-%dT%H:%M}") == (Grain.MOMENT, moment)
    assert told.until - told.since == timedelta(minutes=1)


@pytest.mark.parametrize(
    "text",
    [
        "due 7/5/2023",  # May or July
        "on the 3rd floor",
        "at 3pm",  # of which day?
        "I wake at 6am on Fridays",
        "every Friday",
        "Friday nights",
        "Black Friday",
        "We may march on",
        "May I ask May, June and April",
        "this may help",
        "I may 5 times",
        "room 2023",
        "in 2000 steps",
        "$2019",
        "from 9 to 5",
        "today's world",
        "put it back in two",
        "1,000 years ago",
        "99999999 years ago",
        "9999 years ago",
        "31 April",
        "Feb 29, 2023",
        "0000-00-00",
        "2023-13-40T99:99",
        "in the fall",
        "I have a second to spare",
        "",
    ],
)
def test_what_is_no_time_or_not_clear_is_left_out(text: str) -> None:
    assert meant(text) == []


def test_a_range_of_years_is_two_times() -> None:
    assert [told[0] for told in meant("I lived in Rome from 2010 to 2015.")] == ["2010", "2015"]
    assert [told[0] for told in meant("Acme (2010-2015)")] == ["2010", "2015"]


def test_rough_times_say_so() -> None:
    rough = ["two weeks ago", "about three days ago", "a couple of days ago", "last summer", "the past year"]
    assert all(expressions(text, AT)[0].approximate for text in rough)
    assert not any(expressions(text, AT)[0].approximate for text in ["yesterday", "last week", "in 2019", "3 days ago"])


def test_borders_of_months_and_years() -> None:
    assert meant("a month ago", datetime(2024, 3, 31, tzinfo=UTC))[0][1] == "2024-02-14/2024-03-16"  # around 29 Feb
    assert meant("last year", datetime(2024, 2, 29, tzinfo=UTC))[0][1] == "2023-01-01/2024-01-01"
    assert meant("a year ago", datetime(2024, 2, 29, tzinfo=UTC))[0][1] == "2022-11-20/2023-06-09"  # around 28 Feb
    assert meant("next month", datetime(2023, 12, 31, tzinfo=UTC))[0][1] == "2024-01-01/2024-02-01"
    assert meant("tomorrow", datetime(2023, 12, 31, tzinfo=UTC))[0][1] == "2024-01-01/2024-01-02"
    assert meant("last week", datetime(2024, 1, 3, tzinfo=UTC))[0][1] == "2023-12-25/2024-01-01"


def test_days_are_those_of_the_speakers_zone() -> None:
    late = datetime(2023, 5, 8, 23, 30, tzinfo=timezone(timedelta(hours=-4)))
    (told,) = expressions("today", late)
    assert (told.since, told.until) == (datetime(2023, 5, 8, 4, tzinfo=UTC), datetime(2023, 5, 9, 4, tzinfo=UTC))


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidInput, match="time zone"):
        expressions("yesterday", datetime(2023, 5, 8))  # noqa: DTZ001


WORDS = (
    "last this next past the a an couple of few two 3 99 0 2019 2010 9999 in on at since until from to by for ago back "
    "day days week weekend months year years decade fortnight hour yesterday tomorrow today tonight before after May "
    "may march June 29 February Feb 31 April Monday Fri Friday summer winter 90s 1990s 3pm 10:30 2023-05-07 25/12/2023 "
    "12.13.2023 3rd 31st noon will went have is , . ? - – İ ß every I over morning half about more than now"
).split()
MOMENTS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=14)), ZoneInfo("Europe/Brussels")]))
NEAR_THE_EDGES = st.sampled_from(
    [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC), datetime(2024, 2, 29, tzinfo=UTC)]
)


@given(
    st.text(max_size=80) | st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join),
    st.datetimes(min_value=datetime(2, 1, 1), timezones=st.just(UTC)) | NEAR_THE_EDGES | st.just(AT),  # noqa: DTZ001
)
def test_any_text_said_at_any_moment_can_be_read(text: str, at: datetime) -> None:
    found = expressions(text, at)
    border = 0
    for told in found:
        assert border <= told.start < told.end <= len(text)
        assert told.since < told.until
        assert told.since.tzinfo is told.until.tzinfo is UTC
        border = told.end
    assert found == expressions(text, at)


@given(st.lists(st.sampled_from(WORDS), max_size=10).map(" ".join), MOMENTS.filter(lambda at: 2 < at.year < 9998))
def test_a_sentence_before_moves_the_spans_and_nothing_else(text: str, at: datetime) -> None:
    moved = [replace(told, start=told.start - 5, end=told.end - 5) for told in expressions(f"Hey!\n{text}", at)]
    assert tuple(moved) == expressions(text, at)


@pytest.mark.parametrize(
    "text",
    [
        "last May in June " * 1_000,
        "May 5 " * 3_000,
        "We will meet on 5 May and left on Monday, " * 500,
        "on 5 May 2023" + " " * 3_000 + "x at 3 pm",
    ],
    ids=lambda text: text[:20],
)
def test_a_sentence_without_end_takes_no_time(text: str) -> None:
    started = time.perf_counter()
    expressions(text, AT)
    assert time.perf_counter() - started < 5.0


@given(st.lists(st.sampled_from(["I left on Monday", "will", "was", "in May", ". ", "\n", "? ", " and "]), max_size=12))
def test_the_tense_of_a_time_is_that_of_its_own_sentence(parts: list[str]) -> None:
    text = " ".join(parts)
    said = Said(text, text.lower(), AT)
    for place in range(len(text) + 1):
        first = max(text.rfind(mark, 0, place) for mark in ".!?\n") + 1
        last = min((end for mark in ".!?\n" if (end := text.find(mark, place)) >= 0), default=len(text))
        told = tenses(said.low[first:last])
        before = [tense for start, tense in told if start < place - first]
        assert said.tense(place) == (before[-1] if before else told[0][1] if told else Tense.PRESENT)
