"""Retention: golden values, and strength that slows forgetting, which the reference code has the wrong way round."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.errors import InvalidInput
from agentmem.forgetting.retention import fades_after, half_life, retention, stability

DAYS = st.floats(0, 10_000)
STABILITIES = st.floats(0.01, 1000)


@pytest.mark.parametrize(
    ("days", "strength", "expected"),
    [
        (0, 1, 1.0),
        (5, 1, 0.367879441),
        (10, 1, 0.135335283),
        (10, 2, 0.367879441),
        (10, 4, 0.606530660),
        (1, 1, 0.818730753),
        (15, 3, 0.367879441),
    ],
)
def test_golden_values(days, strength, expected) -> None:
    assert float(retention(days, strength)) == pytest.approx(expected, abs=1e-9)


def test_strength_slows_forgetting_unlike_in_the_reference_code() -> None:
    weak, strong = retention(5.0, [1.0, 3.0])
    assert strong > weak
    reference = [math.exp(-5.0 / 5 * strength) for strength in (1.0, 3.0)]  # what the published code computes
    assert reference[1] < reference[0]
    assert weak == pytest.approx(reference[0])  # they agree only at strength 1
    assert strong == pytest.approx(math.exp(-5 / 15))


def test_stability_starts_at_1_and_grows_by_1_with_each_use() -> None:
    assert stability(1.0, [0, 1, 2, 7]).tolist() == [1.0, 2.0, 3.0, 8.0]


def test_feedback_multiplies_stability() -> None:
    assert stability([0.5, 2.0], [3, 3]).tolist() == [2.0, 8.0]


@given(DAYS, STABILITIES)
def test_it_is_a_share(days, lasting) -> None:
    assert 0.0 <= float(retention(days, lasting)) <= 1.0


@given(DAYS, DAYS, STABILITIES)
def test_more_time_leaves_less(one, other, lasting) -> None:
    assert retention(max(one, other), lasting) <= retention(min(one, other), lasting)


@given(DAYS, STABILITIES, STABILITIES)
def test_more_stability_leaves_more(days, one, other) -> None:
    assert retention(days, max(one, other)) >= retention(days, min(one, other))


@given(st.floats(0.1, 100), st.floats(0.5, 100))
def test_half_is_left_after_the_half_life(lasting, span) -> None:
    assert float(retention(half_life(lasting, span), lasting, span)) == pytest.approx(0.5)


@given(st.floats(0.001, 0.999), st.floats(0.1, 100))
def test_the_floor_is_reached_when_it_is_said_to_be(floor, lasting) -> None:
    assert float(retention(fades_after(floor, lasting), lasting)) == pytest.approx(floor)


def test_known_durations() -> None:
    assert half_life() == pytest.approx(3.4657359)
    assert fades_after(0.05) == pytest.approx(14.9786614)
    assert fades_after(1.0) == 0.0
    assert fades_after(0.0) == math.inf


def test_a_strength_of_0_has_forgotten_at_once_but_not_before() -> None:
    assert retention([0.0, 1.0], 0.0).tolist() == [1.0, 0.0]


def test_wrong_numbers_are_refused() -> None:
    with pytest.raises(InvalidInput, match="above 0"):
        retention(1.0, 1.0, span=0.0)
    with pytest.raises(InvalidInput, match="between 0 and 1"):
        fades_after(1.5)
    with pytest.raises(InvalidInput, match="above 0"):
        retention(1.0, 1.0, span=float("nan"))


def test_arguments_broadcast() -> None:
    assert retention(np.array([1.0, 2.0]), np.array([[1.0], [2.0]])).shape == (2, 2)
