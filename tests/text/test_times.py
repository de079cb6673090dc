from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.text.times import date_cue

NOW = datetime(2026, 5, 20, 15, 30, tzinfo=UTC)  # a Wednesday


@pytest.mark.parametrize(
    ("text", "months", "years"),
    [
        ("What happened in May 2023?", {5}, {2023}),
        ("may I ask what you may do?", set(), set()),
        ("They march on", set(), set()),
        ("on 3 July", {7}, set()),
        ("in Sept. 2019 and dec 2020", {9, 12}, {2019, 2020}),
        ("JANUARY", {1}, set()),
        ("marching in maybe", set(), set()),
        ("room 2023", set(), {2023}),
    ],
)
def test_months_and_years_are_seen(text: str, months: set[int], years: set[int]) -> None:
    cue = date_cue(text, NOW)
    assert (cue.months, cue.years, bool(cue)) == (months, years, bool(months))


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("yesterday", "2026-05-19", "2026-05-20"),
        ("what did I do today", "2026-05-20", "2026-05-19"),
        ("this week", "2026-05-18", "2026-05-17"),
        ("last week", "2026-05-17", "2026-05-18"),
        ("last weekend", "2026-05-16", "2026-05-15"),
        ("last month", "2026-04-01", "2026-03-31"),
        ("last year", "2025-01-01", "2026-01-01"),
        ("three days ago", "2026-05-17", "2026-04-30"),
        ("2 weeks ago", "2026-05-06", "2026-01-01"),
        ("a couple of days ago", "2026-05-17", "2026-05-20"),
        ("last Friday", "2026-05-15", "2026-05-08"),
        ("in the past month", "2026-04-21", "2026-04-19"),
        ("in the last three weeks", "2026-05-20", "2026-04-28"),
    ],
)
def test_times_relative_to_now_are_spans(text: str, inside: str, outside: str) -> None:
    cue = date_cue(text, NOW)
    assert cue
    assert cue.covers(datetime.fromisoformat(inside).replace(tzinfo=UTC))
    assert not cue.covers(datetime.fromisoformat(outside).replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("What did we do last May?", "2025-05-10", "2024-05-10"),
        ("before May 2024", "2024-04-30", "2024-05-01"),
        ("until May 2024", "2024-05-31", "2024-06-01"),
        ("after June 2024", "2024-07-01", "2024-06-30"),
        ("since March", "2026-03-01", "2026-02-28"),
        ("before 2024", "2023-12-31", "2024-01-01"),
        ("on 2025-05-03", "2025-05-20", "2024-05-03"),
        ("between March and June 2025", "2025-04-10", "2025-07-01"),
        ("from November to February", "2026-01-01", "2026-03-01"),
        ("the week before 9 June 2023", "2023-06-02", "2023-05-01"),
        ("May I ask what she did in March?", "2026-03-03", "2026-05-03"),
    ],
)
def test_dates_bounds_and_ranges(text: str, inside: str, outside: str) -> None:
    cue = date_cue(text, NOW)
    assert cue.covers(datetime.fromisoformat(inside).replace(tzinfo=UTC))
    assert not cue.covers(datetime.fromisoformat(outside).replace(tzinfo=UTC))


@pytest.mark.parametrize("text", ["What does June cook?", "June's dish", "Who is Jan?", "Did April sing?"])
def test_a_month_that_is_somebodys_name_is_no_month_alone(text: str) -> None:
    assert date_cue(text, NOW) and not date_cue(text, NOW, lambda word: word in ("June", "Jan", "April"))


@pytest.mark.parametrize("text", ["in June", "June 2024", "last June", "3 June", "before 3 June"])
def test_in_a_date_it_is_a_month(text: str) -> None:
    assert date_cue(text, NOW, lambda word: word == "June")


@pytest.mark.parametrize("text", ["a film for tonight", "next week", "tomorrow", "last summer", "in three days"])
def test_what_is_to_come_and_seasons_are_no_cue(text: str) -> None:
    assert not date_cue(text, NOW)


def test_beside_a_full_date_nothing_is_counted_from_now() -> None:
    cue = date_cue("last weekend before April 10, 2023", NOW)
    assert (cue.months, cue.years, cue.spans) == ({4}, {2023}, ())


def test_a_year_narrows_a_month() -> None:
    cue = date_cue("in May 2023", NOW)
    assert cue.covers(datetime(2023, 5, 31, 23, tzinfo=UTC))
    assert not cue.covers(datetime(2024, 5, 31, tzinfo=UTC))


@pytest.mark.parametrize("text", ["99999999 years ago", "500000 weeks ago", "999999999999999999999 days ago"])
def test_times_before_all_calendars_are_no_cue(text: str) -> None:
    assert not date_cue(text, NOW).covers(NOW - timedelta(days=1))


@given(st.text())
def test_any_text_can_be_looked_at(text: str) -> None:
    date_cue(text, NOW)
