"""Routing through a hierarchy, and weights by feedback, use and absence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.errors import InvalidInput
from agentmem.retrieval.routing import Widths, by_strength, route, weighed, weight

# Two domains (0, 1), a category in each (2, 3), two traces in the first (4, 5) and one in the second (6), and texts:
# 7 under trace 4, 8 under 5, 9 under 6, and 10 under nothing.
LAYER = np.array([0, 0, 1, 1, 2, 2, 2, 3, 3, 3, 3])
PARENTS = np.array([-1, -1, 0, 1, 2, 2, 3, 4, 5, 6, -1])


def similar(**other):
    values = dict.fromkeys(range(11), 0.5) | {int(key[1:]): value for key, value in other.items()}
    return np.array([values[node] for node in range(11)], dtype=np.float32)


class TestRouting:
    def test_only_the_children_of_the_best_of_each_layer_are_compared(self):
        reached, compared = route(LAYER, PARENTS, similar(_0=0.9, _5=0.8), (1, 1, 1))
        # 2 domains; 1 category, of domain 0; its 2 traces; then text 8, of trace 5, and text 10: 2 + 1 + 2 + 2
        assert reached.tolist() == [8, 10] and compared == 7

    def test_what_is_best_of_all_is_not_found_behind_a_domain_that_is_not(self):
        reached, _ = route(LAYER, PARENTS, similar(_1=0.9, _7=1.0), (1, 1, 1))
        assert reached.tolist() == [9, 10]

    def test_with_wide_layers_everything_is_reached(self):
        reached, compared = route(LAYER, PARENTS, similar(), (2, 2, 3))
        assert reached.tolist() == [7, 8, 9, 10] and compared == 11

    def test_what_lost_its_node_stands_beside_the_top_of_its_layer(self):
        parents = PARENTS.copy()
        parents[3] = -1  # the second category, without its domain
        reached, compared = route(LAYER, parents, similar(_0=0.9, _3=0.9), (1, 1, 1))
        assert reached.tolist() == [9, 10] and compared == 2 + 2 + 1 + 2

    def test_of_nothing(self):
        nothing = np.array([], dtype=np.int64)
        reached, compared = route(nothing, nothing, nothing.astype(np.float32), (1, 1, 1))
        assert not len(reached) and compared == 0

    @given(st.data())
    def test_wider_layers_reach_no_less_and_nobody_is_compared_twice(self, data):
        counts = data.draw(st.lists(st.integers(0, 6), min_size=4, max_size=4))
        layer = np.repeat(np.arange(4), counts)
        parents = np.array(
            [
                data.draw(st.sampled_from([-1, *np.flatnonzero(layer == number - 1).tolist()]))
                for number in layer.tolist()
            ],
            dtype=np.int64,
        )
        scores = np.array(data.draw(st.lists(st.floats(0, 1, width=32), min_size=len(layer), max_size=len(layer))))
        scores = scores.astype(np.float32)
        width = data.draw(st.integers(1, 6))
        narrow, few = route(layer, parents, scores, (1, 1, width))
        wide, many = route(layer, parents, scores, (6, 6, 6))
        assert set(narrow.tolist()) <= set(wide.tolist()) == set(np.flatnonzero(layer == 3).tolist())
        assert few <= many == len(layer)

    def test_widths_are_at_least_one(self):
        with pytest.raises(InvalidInput, match="at least 1"):
            Widths(domains=0)


class TestWeights:
    def test_strength_times_retention(self):
        # R(t) = exp(-t / (5 S)), S = strength (1 + uses). Strength 2, one use, 20 days: S = 4, 2 exp(-20/20) = 0.7358
        assert float(weight(2.0, 1, 20.0)) == pytest.approx(0.735759, abs=1e-6)
        assert float(weight(1.0, 0, 0.0)) == 1.0
        assert float(weight(1.0, 0, 5.0, span=5.0)) == pytest.approx(0.367879, abs=1e-6)

    def test_what_it_adds(self):
        # 0.8 (1 + 0.1 · 1/2) / 1.1 = 0.8 · 1.05 / 1.1 = 0.763636; weight 3: 0.8 (1 + 0.1 · 3/4) / 1.1 = 0.781818
        assert weighed([0.8, 0.8, 0.8], [1.0, 3.0, 0.0], 0.1).tolist() == pytest.approx([0.763636, 0.781818, 0.727273])
        assert weighed([0.3, 0.8], [5.0, 0.0], 0.0).tolist() == [0.3, 0.8]

    @given(st.floats(0.1, 10), st.floats(0.1, 10), st.integers(0, 50), st.floats(0, 1e4), st.floats(0, 1e4))
    def test_approval_and_use_raise_it_and_absence_lowers_it(self, one, other, uses, days, more):
        low, high = sorted((one, other))
        assert weight(low, uses, days) <= weight(high, uses, days) + 1e-12
        assert weight(low, uses, days) <= weight(low, uses + 1, days) + 1e-12
        assert weight(low, uses, days + more) <= weight(low, uses, days) + 1e-12

    @given(st.floats(0, 1), st.floats(0, 10), st.floats(0, 2))
    def test_a_score_stays_a_score_and_changes_by_no_more_than_the_gain(self, alike, heavy, gain):
        score = float(weighed(alike, heavy, gain))
        assert alike / (1 + gain) - 1e-9 <= score <= alike + 1e-9

    def test_constants_are_checked(self):
        with pytest.raises(InvalidInput, match="gain"):
            by_strength(gain=-0.1)
        with pytest.raises(InvalidInput, match="span"):
            by_strength(span=0)
