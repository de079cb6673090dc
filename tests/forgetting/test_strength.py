"""Strength: feedback moves it within bounds; a use counts and starts the clock anew."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standings import NOW, Row, ago, standing

from agentmem.errors import InvalidInput
from agentmem.forgetting.standing import NEVER
from agentmem.forgetting.strength import Feedback, after_feedback, after_use

STRENGTHS = st.floats(0.1, 10.0)


def test_useful_strengthens_and_useless_weakens() -> None:
    assert after_feedback(1.0, True) == 1.5
    assert after_feedback(1.0, False) == pytest.approx(2 / 3)
    assert after_feedback(2.0, True, Feedback(approval=2.0)) == 4.0


@given(STRENGTHS, st.lists(st.booleans(), max_size=60))
def test_it_stays_within_bounds(strength, judgements) -> None:
    for useful in judgements:
        judged = after_feedback(strength, useful)
        assert 0.1 <= judged <= 10.0
        assert judged >= strength if useful else judged <= strength
        strength = judged


@given(st.floats(0.2, 6.0))
def test_one_approval_takes_back_one_rejection(strength) -> None:
    assert after_feedback(after_feedback(strength, False), True) == pytest.approx(strength)


@given(STRENGTHS, STRENGTHS, st.booleans())
def test_the_stronger_stays_the_stronger(one, other, useful) -> None:
    assert after_feedback(max(one, other), useful) >= after_feedback(min(one, other), useful)


def test_what_lies_outside_the_bounds_comes_back() -> None:
    assert after_feedback(0.0, False) == 0.1
    assert after_feedback(50.0, True) == 10.0


@pytest.mark.parametrize("strength", [-1.0, float("nan"), float("inf")])
def test_no_strength_at_all_is_refused(strength) -> None:
    with pytest.raises(InvalidInput, match="at least 0"):
        after_feedback(strength, True)


@pytest.mark.parametrize(
    "wrong", [{"approval": 0.9}, {"rejection": 1.1}, {"rejection": 0.0}, {"least": 0.0}, {"least": 2}, {"most": 0.5}]
)
def test_wrong_constants_are_refused(wrong) -> None:
    with pytest.raises(InvalidInput, match="Feedback needs"):
        Feedback(**wrong)


def test_a_use_counts_and_starts_the_clock_anew() -> None:
    before = standing(Row(), Row(unused=3, uses=2), Row(unused=-1, uses=1))
    after = after_use(before, np.array([1, 1, 2]), NOW)
    assert after.uses.tolist() == [0, 4, 2]
    assert after.used_at.tolist() == [NEVER, ago(0), ago(-1)]  # never set back
    assert before.uses.tolist() == [0, 2, 1] and before.used_at[1] == ago(3)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(InvalidInput, match="time zone"):
        after_use(standing(Row()), np.array([0]), (NOW + timedelta(1)).replace(tzinfo=None))
