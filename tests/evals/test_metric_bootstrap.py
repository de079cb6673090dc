"""The paired bootstrap: cases with a known answer, coverage, and what clusters do."""

from __future__ import annotations

import numpy as np
import pytest
from agentmem_evals.metrics.bootstrap import PairedDifference, paired_bootstrap
from hypothesis import given, settings
from hypothesis import strategies as st


def compared(first, second, **options) -> PairedDifference:
    result = paired_bootstrap(first, second, **options)
    assert result is not None
    return result


def test_a_constant_difference_has_no_spread() -> None:
    # Every resample has the same difference, -0.25; none reaches 0: p = 2 * (1 + 0) / (1 + 99)
    result = compared([0.5, 0.75, 1.0], [0.25, 0.5, 0.75], samples=99)
    assert (result.first, result.second, result.difference) == (0.75, 0.5, -0.25)
    assert result.low == result.high == -0.25 and result.significant
    assert result.p == pytest.approx(0.02)
    assert (result.questions, result.clusters, result.samples) == (3, 3, 99)


def test_no_difference_is_no_surprise() -> None:
    result = compared([0.1, 0.9, 0.4], [0.1, 0.9, 0.4])
    assert (result.difference, result.low, result.high, result.p) == (0.0, 0.0, 0.0, 1.0)
    assert not result.significant


def test_the_interval_is_that_of_the_binomial() -> None:
    # 100 questions, the second is better by 1 on 20 and worse by 1 on 10: mean 0.1, variance (30 - 1) / 100 per
    # question = 0.29, standard error sqrt(0.29 / 100) = 0.05385: about 0.1 -+ 1.96 * 0.05385 = [-0.0055, 0.2055],
    # and p about 2 * (1 - Phi(1.857)) = 0.063, more for the lattice of hundredths.
    first, second = [0.0] * 20 + [1.0] * 10 + [0.5] * 70, [1.0] * 20 + [0.0] * 10 + [0.5] * 70
    result = compared(first, second)
    assert result.difference == pytest.approx(0.1)
    assert result.low == pytest.approx(-0.0055, abs=0.011) and result.high == pytest.approx(0.2055, abs=0.011)
    assert 0.05 < result.p < 0.1


def test_pairing_sees_what_two_separate_means_hide() -> None:
    # Hard and easy questions differ by far more than the systems, which differ by 0.05 on every question.
    generator = np.random.default_rng(1)
    first = generator.random(200)
    second = first + 0.05 + generator.normal(0, 0.01, 200)
    result = compared(first.tolist(), second.tolist())
    assert result.low > 0.045 and result.high < 0.055
    shuffled = compared(first.tolist(), generator.permutation(second).tolist())
    assert shuffled.high - shuffled.low > 5 * (result.high - result.low)


def test_clusters_are_redrawn_whole() -> None:
    # Two conversations, one all better by 1, one all worse by 1, 50 questions each. Resamples are AA, AB, BA, BB:
    # differences 1, 0, 0, -1. The interval is all there is; over questions it seems to be a tenth of that.
    first, second = [0.0] * 50 + [1.0] * 50, [1.0] * 50 + [0.0] * 50
    names = ["a"] * 50 + ["b"] * 50
    clustered = compared(first, second, clusters=names)
    assert (clustered.low, clustered.high, clustered.clusters) == (-1.0, 1.0, 2)
    assert clustered.p == 1.0
    alone = compared(first, second)
    assert alone.high < 0.25 and alone.low > -0.25


def test_conversations_of_different_length_weigh_by_their_questions() -> None:
    # a: 1 question, difference 1; b: 3 questions, difference 0. AA: 2/2, AB and BA: 1/4, BB: 0.
    result = compared([0.0, 0.5, 0.5, 0.5], [1.0, 0.5, 0.5, 0.5], clusters=["a", "b", "b", "b"])
    assert result.difference == 0.25 and (result.low, result.high) == (0.0, 1.0)
    # Each question a cluster of its own is no clustering.
    values = ([0.0, 0.2, 0.9, 0.4], [0.1, 0.1, 0.3, 0.8])
    assert compared(*values, clusters=["a", "b", "c", "d"]) == compared(*values)


def test_the_order_of_clusters_in_the_data_does_not_matter_to_what_is_drawn() -> None:
    first, second, names = [0.0, 1.0, 0.5, 0.25], [0.5, 0.5, 0.5, 0.5], ["b", "a", "b", "a"]
    order = [2, 0, 3, 1]
    moved = [[values[place] for place in order] for values in (first, second, names)]
    assert compared(first, second, clusters=names) == compared(moved[0], moved[1], clusters=moved[2])


def test_a_seed_reproduces() -> None:
    generator = np.random.default_rng(2)
    first, second = generator.random(60).tolist(), generator.random(60).tolist()
    assert compared(first, second, seed=3) == compared(first, second, seed=3)
    assert compared(first, second, seed=3) != compared(first, second, seed=4)


def test_samples_come_in_blocks_that_hold_together(monkeypatch: pytest.MonkeyPatch) -> None:
    values = ([0.0] * 40 + [1.0] * 10, [0.5] * 50)
    monkeypatch.setattr("agentmem_evals.metrics.bootstrap._AT_ONCE", 130)  # 2 samples at a time, and one left over
    result = compared(*values, samples=101)
    assert result.samples == 101 and result.low < result.difference < result.high


def test_nothing_to_compare_and_what_does_not_fit() -> None:
    assert paired_bootstrap([], []) is None
    with pytest.raises(ValueError, match="same questions"):
        paired_bootstrap([0.1], [])
    with pytest.raises(ValueError, match="same questions"):
        paired_bootstrap([0.1], [0.2], clusters=[])
    with pytest.raises(ValueError, match="samples"):
        paired_bootstrap([0.1], [0.2], samples=0)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    generator = np.random.default_rng(5)
    covered = 0
    for trial in range(200):
        differences = generator.normal(0.1, 0.5, 100)
        result = compared([0.0] * 100, differences.tolist(), samples=300, seed=trial)
        covered += result.low <= 0.1 <= result.high
    assert 0.9 <= covered / 200 <= 0.99


@settings(max_examples=40)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.sampled_from("abc")), min_size=1, max_size=30))
def test_turning_it_round_turns_the_sign(rows: list[tuple[float, float, str]]) -> None:
    first, second, names = map(list, zip(*rows, strict=True))
    one = compared(first, second, clusters=names, samples=200)
    other = compared(second, first, clusters=names, samples=200)
    assert one.difference == pytest.approx(-other.difference)
    assert one.low == pytest.approx(-other.high) and one.high == pytest.approx(-other.low)
    assert one.low <= one.high and 0.0 < one.p <= 1.0
