"""How similar a text must be to go down."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.errors import InvalidInput
from agentmem.structures.trees.threshold import PUBLISHED, Threshold

THRESHOLDS = st.builds(Threshold, st.floats(0, 1), st.floats(0, 5), st.booleans())


@given(THRESHOLDS, st.integers(0, 10_000))
def test_it_rises_with_depth_and_never_passes_1(threshold: Threshold, deepest: int) -> None:
    values = [threshold(depth, deepest) for depth in range(0, deepest + 1, max(1, deepest // 20))]
    assert values == sorted(values)
    assert all(0.0 <= value <= 1.0 for value in values)
    assert values[0] == threshold.start


def test_the_published_values_give_the_range_from_040_to_066() -> None:
    assert PUBLISHED(0, 13) == 0.4
    assert PUBLISHED(13, 13) == pytest.approx(0.4 * math.exp(0.5))
    assert PUBLISHED(1, 2) == pytest.approx(0.4 * math.exp(0.25))


def test_the_form_that_is_not_normalised_allows_only_identical_texts_below_depth_2() -> None:
    steep = Threshold(normalised=False)
    assert [round(steep(depth, 9), 3) for depth in range(4)] == [0.4, 0.659, 1.0, 1.0]


def test_a_tree_of_only_a_root_starts_at_the_start() -> None:
    assert PUBLISHED(0, 0) == 0.4
    assert PUBLISHED(5, 0) == 0.4  # cannot be, and must not divide by zero


def test_great_depth_does_not_overflow() -> None:
    assert Threshold(rate=10.0, normalised=False)(10**9, 10**9) == 1.0


@pytest.mark.parametrize("values", [(-0.1, 0.5), (1.1, 0.5), (0.4, -1.0), (0.4, math.inf), (math.nan, 0.5)])
def test_values_that_make_no_threshold_are_refused(values: tuple[float, float]) -> None:
    with pytest.raises(InvalidInput, match="published values"):
        Threshold(*values)
