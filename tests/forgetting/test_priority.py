"""Priority: by hand, against a loop, and what must raise or lower it."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standings import NOW, ROWS, SCOPES, Row, ago, standing

from agentmem.errors import InvalidInput
from agentmem.forgetting.priority import Worth, freshness, importance, priorities, values
from agentmem.forgetting.standing import DAY, NEVER, days_since, moments

WORTHS = st.sampled_from([Worth(), Worth(strength=0), Worth(uses=3, span=1), Worth(remnant=0), Worth(remnant=1)])


def naive_priority(row: Row, worth: Worth) -> float:
    parts = [
        (worth.strength, row.strength / (row.strength + 1)),
        (worth.uses, row.uses / (row.uses + 4)),
        (worth.reinforcements, row.reinforcements / (row.reinforcements + 2)),
        (worth.importance, 0.5),
        (worth.information, 0.5),
    ]
    value = sum(weight * part for weight, part in parts) / sum(weight for weight, _ in parts)
    days = min(days for days in (row.age, row.unused, row.recorded) if days is not None)
    left = math.exp(-max(days, 0.0) / (worth.span * row.strength))
    return value * (worth.remnant + (1 - worth.remnant) * left)


@given(SCOPES, WORTHS)
def test_it_is_what_a_loop_computes(rows, worth) -> None:
    found = priorities(standing(*rows), NOW, worth)
    np.testing.assert_allclose(found, [naive_priority(row, worth) for row in rows], rtol=1e-9, atol=1e-12)
    assert ((found >= 0) & (found <= 1)).all()


def test_golden_values() -> None:
    new, used, old = priorities(standing(Row(age=0), Row(age=50, unused=0, uses=4, strength=3), Row(age=90)), NOW)
    assert new == pytest.approx(0.4 * 0.5 + 0.1 * 0.5 + 0.1 * 0.5)  # 0.3
    assert used == pytest.approx(0.4 * 0.75 + 0.1 * 0.5 + 0.1)  # 0.45
    assert old == pytest.approx(0.3 * (0.25 + 0.75 * math.exp(-1)))


@pytest.mark.parametrize(
    "better",
    [
        {"strength": 1.5},
        {"uses": 1},
        {"reinforcements": 1},
        {"unused": 1.0},
        {"age": 2.0},
        {"recorded": 1.0},
    ],
)
def test_each_part_counts(better) -> None:
    plain = Row()
    one, other = priorities(standing(plain, dataclasses.replace(plain, **better)), NOW)
    assert other > one


@given(ROWS, st.floats(0.1, 10))
def test_more_strength_never_lowers_it(row, strength) -> None:
    weak, strong = sorted((row.strength, strength))
    one, other = priorities(
        standing(dataclasses.replace(row, strength=weak), dataclasses.replace(row, strength=strong)), NOW
    )
    assert other >= one


@given(SCOPES, ROWS)
def test_it_does_not_depend_on_what_else_is_there(rows, other) -> None:
    alone = priorities(standing(*rows), NOW)
    assert priorities(standing(other, *rows), NOW)[1:].tolist() == alone.tolist()


def test_the_newest_is_the_freshest() -> None:  # the released code of Generative Agents has it the other way round
    found = freshness(standing(Row(age=30), Row(age=20), Row(age=10)), ago(0))
    assert found[0] < found[1] < found[2]


def test_importance_and_information_count_where_they_are_told() -> None:
    plain = standing(Row(), Row())
    told = dataclasses.replace(plain, importance=np.array([0.2, 0.9]), information=np.array([0.5, 1.0]))
    assert values(told)[0] < values(plain)[0] < values(told)[1]


def test_what_can_be_made_again_matters_less() -> None:
    assert importance(["chunk", "fact", "profile", "file"]).tolist() == [0.6, 0.4, 0.4, 0.6]


@pytest.mark.parametrize(
    "wrong",
    [
        {"strength": -1},
        {"strength": 0, "uses": 0, "reinforcements": 0, "importance": 0, "information": 0},
        {"span": 0},
        {"remnant": 1.1},
        {"uses": float("nan")},
    ],
)
def test_wrong_weights_are_refused(wrong) -> None:
    with pytest.raises(InvalidInput):
        Worth(**wrong)


@pytest.mark.parametrize(
    ("column", "content"),
    [
        ("uses", np.array([-1, 0])),
        ("strength", np.array([1.0, np.nan])),
        ("strength", np.array([np.inf, 1.0])),
        ("size_bytes", np.array([0])),
        ("reinforcements", np.array([0, -3])),
        ("importance", np.array([0.5, 1.5])),
        ("information", np.array([np.nan, 0.5])),
        ("rows", np.array([1, 2, 3])),
        ("pinned", np.array([[True, False]])),
    ],
)
def test_columns_that_cannot_be_are_refused(column, content) -> None:
    with pytest.raises(InvalidInput, match=column):
        dataclasses.replace(standing(Row(), Row()), **{column: content})


def test_moments_and_days() -> None:
    assert moments([5, None, -7]).tolist() == [5, NEVER, -7]
    assert days_since(np.array([0, 3 * DAY, 9 * DAY]), 4 * DAY).tolist() == [4.0, 1.0, 0.0]


def test_moments_long_ago_and_far_ahead_do_not_overflow() -> None:
    found = priorities(standing(Row(age=365.0 * 2020), Row(age=-365.0 * 7000)), NOW)
    assert found[0] == pytest.approx(0.3 * 0.25) and found[1] == pytest.approx(0.3)
