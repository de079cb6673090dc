"""Intervals of means over questions."""

from __future__ import annotations

import pytest
from agentmem_evals.reports.intervals import Estimate, estimate
from hypothesis import given, settings
from hypothesis import strategies as st


def test_values_that_are_all_the_same_leave_no_doubt():
    assert estimate([0.5] * 7) == Estimate(0.5, 0.5, 0.5, 7)


def test_no_values_have_no_mean():
    assert estimate([]) is None


def test_half_of_a_hundred_questions():
    # A share of 1/2 over 100 has a standard error of sqrt(0.25 / 100) = 0.05: the interval is about 0.4 to 0.6.
    found = estimate([0.0, 1.0] * 50)
    assert found is not None and found.mean == 0.5
    assert found.low == pytest.approx(0.4, abs=0.02) and found.high == pytest.approx(0.6, abs=0.02)


def test_more_questions_make_it_narrower():
    few, many = estimate([0.0, 1.0] * 10), estimate([0.0, 1.0] * 1000)
    assert few is not None and many is not None
    assert many.high - many.low < (few.high - few.low) / 5


def test_many_questions_are_drawn_in_blocks():
    found = estimate([0.0, 1.0] * 5000, samples=450)  # 200 rows fit at once: 200, 200 and 50
    assert found is not None and found.low < 0.5 < found.high


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.integers(0, 5))
def test_an_interval_holds_its_mean_and_is_the_same_every_time(values, seed):
    found = estimate(values, seed=seed, samples=100)
    assert found is not None and found == estimate(values, seed=seed, samples=100)
    assert min(values) - 1e-9 <= found.low <= found.mean <= found.high <= max(values) + 1e-9
