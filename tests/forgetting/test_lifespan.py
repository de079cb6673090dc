"""Memoria's lifespan, by hand, and the closed form against steps one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.errors import InvalidInput
from agentmem.forgetting.lifespan import Memoria, after_step, gains, leaving_short_term, remaining

WEIGHTS = st.lists(st.floats(0, 1e6), min_size=1, max_size=8)


def test_gains_by_hand() -> None:
    # alpha N w: 8 * 4 * (0.5, 0.25, 0.25, 0)
    assert gains([2.0, 1.0, 1.0, 0.0]).tolist() == [16.0, 8.0, 8.0, 0.0]


def test_a_step_by_hand() -> None:
    lifespans = np.array([9.0, 1.0, 1.0, 3.0])
    left = after_step(lifespans, np.array([1, 3]), [3.0, 1.0], Memoria(gain=2.0))
    assert left.tolist() == [8.0, 3.0, 0.0, 3.0]  # 1 - 1 + 2*2*3/4; 3 - 1 + 2*2/4; the third is to be dropped
    assert lifespans.tolist() == [9.0, 1.0, 1.0, 3.0]


@given(WEIGHTS, st.floats(0, 20))
def test_the_mean_gain_is_alpha(weights, alpha) -> None:
    gained = gains(weights, Memoria(gain=alpha))
    expected = alpha * len(weights) if max(weights) > 0 else 0.0
    assert gained.sum() == pytest.approx(expected)
    assert (gained >= 0).all()


def test_nobody_gains_where_nobody_is_reminded() -> None:
    assert gains([]).tolist() == []
    assert gains([0.0, 0.0]).tolist() == [0.0, 0.0]
    assert after_step(np.array([2.0]), np.empty(0, np.int64), []).tolist() == [1.0]


def test_tiny_and_huge_weights_are_normalised_too() -> None:
    assert gains([5e-324, 0.0]).tolist() == [16.0, 0.0]
    assert gains([1e308, 1e308]).tolist() == [8.0, 8.0]


@pytest.mark.parametrize("weights", [[-0.1, 1.0], [float("nan")], [float("inf"), 1.0]])
def test_attention_is_not_negative(weights) -> None:
    with pytest.raises(InvalidInput, match="Clip"):
        gains(weights)


@given(st.lists(st.sets(st.integers(0, 4)), max_size=20))
def test_the_closed_form_is_what_steps_give_when_all_gain_the_same(reminded_by_step) -> None:
    lifespans, uses = np.full(5, 9.0), np.zeros(5)
    for reminded in reminded_by_step:
        indices = np.array(sorted(reminded), dtype=np.int64)
        lifespans = after_step(lifespans, indices, np.ones(len(indices)))
        uses[indices] += 1
    np.testing.assert_allclose(remaining(len(reminded_by_step), uses), lifespans)


@pytest.mark.parametrize(
    ("days", "uses", "strength", "left"),
    [(0, 0, 1, 9), (8.99, 0, 1, 1), (9, 0, 1, 0), (9, 1, 1, 8), (9, 1, 2, 25), (17, 1, 1, 0), (2, 0, 0.1, -1.1)],
)
def test_remaining_by_hand(days, uses, strength, left) -> None:
    assert float(remaining(days, uses, strength)) == pytest.approx(left)


def test_steps_can_be_longer() -> None:
    assert float(remaining(20, 0, constants=Memoria(step_days=7))) == 7.0


def test_first_in_first_out_of_the_short_term() -> None:
    constants = Memoria(short_term=2)
    assert leaving_short_term(np.array([30, 10, 40, 20]), constants).tolist() == [1, 3]
    assert leaving_short_term(np.array([5, 5, 5]), constants).tolist() == [0]
    assert leaving_short_term(np.array([5, 5]), constants).tolist() == []
    assert leaving_short_term(np.array([2, 1]), Memoria(short_term=0)).tolist() == [1, 0]


@pytest.mark.parametrize(
    "wrong", [{"initial": 0}, {"gain": -1}, {"step_days": 0}, {"short_term": -1}, {"initial": float("nan")}]
)
def test_wrong_constants_are_refused(wrong) -> None:
    with pytest.raises(InvalidInput, match="Memoria needs"):
        Memoria(**wrong)
