"""Maximal marginal relevance against one written out, step by step."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmem.retrieval.diversify import diversify

EAST, NORTH, NOTHING = [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]


def chosen(scores, vectors, k: int, diversity: float) -> list[int]:
    return diversify(np.array(scores, np.float32), np.array(vectors, np.float32), k, diversity).tolist()


def gains_of(scores: np.ndarray, vectors: np.ndarray, taken: list[int], diversity: float) -> dict[int, float]:
    low, high = float(scores.min()), float(scores.max())
    gains = {}
    for place in range(len(scores)):
        if place not in taken:
            relevance = (float(scores[place]) - low) / (high - low) if high > low else 1.0
            nearest = max([0.0, *(float(vectors[place] @ vectors[other]) for other in taken)])
            gains[place] = (1 - diversity) * relevance - diversity * nearest
    return gains


@settings(max_examples=80)
@given(st.integers(1, 9), st.integers(1, 12), st.floats(0.0, 1.0), st.integers(0, 2**32 - 1))
def test_every_step_takes_the_highest_gain(n: int, k: int, diversity: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    scores = random.random(n).astype(np.float32)
    vectors = random.standard_normal((n, 3)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    order = diversify(scores, vectors, k, diversity).tolist()
    assert len(order) == len(set(order)) == min(k, n)
    for step, place in enumerate(order):
        gains = gains_of(scores, vectors, order[:step], diversity)
        assert gains[place] >= max(gains.values()) - 1e-5


@given(st.lists(st.integers(0, 50), min_size=1, max_size=8, unique=True))
def test_without_diversity_the_order_is_that_of_scores(numbers: list[int]) -> None:
    scores = [number / 50 for number in numbers]
    expected = sorted(range(len(scores)), key=lambda place: -scores[place])
    assert chosen(scores, [EAST] * len(scores), len(scores), 0.0) == expected


def test_a_duplicate_is_pushed_down() -> None:
    assert chosen([0.9, 0.89, 0.5, 0.1], [EAST, EAST, NORTH, NORTH], 4, 0.5)[:2] == [0, 2]


def test_the_best_comes_first_below_full_diversity() -> None:
    assert chosen([0.1, 0.9, 0.5], [EAST, NORTH, EAST], 1, 0.9) == [1]


def test_a_zero_vector_resembles_nothing() -> None:
    assert chosen([0.9, 0.8, 0.7], [EAST, EAST, NOTHING], 3, 0.6) == [0, 2, 1]


def test_scores_are_stretched_before_they_are_compared() -> None:
    vectors = [EAST, EAST, NORTH, NORTH]
    small = [0.500, 0.498, 0.495, 0.490]
    large = [1.0, 0.8, 0.5, 0.0]
    assert chosen(small, vectors, 4, 0.4) == chosen(large, vectors, 4, 0.4)


def test_equal_scores_leave_the_choice_to_the_vectors() -> None:
    assert chosen([0.5, 0.5, 0.5], [EAST, EAST, NORTH], 3, 0.3) == [0, 2, 1]


@pytest.mark.parametrize("k", [3, 4, 1_000])
def test_more_than_there_is_gives_all_of_it_once(k: int) -> None:
    assert sorted(chosen([0.3, 0.2, 0.1], [EAST, NORTH, EAST], k, 0.5)) == [0, 1, 2]


def test_of_nothing_nothing_is_chosen() -> None:
    assert diversify(np.empty(0, np.float32), np.empty((0, 2), np.float32), 5, 0.5).tolist() == []


def test_neither_scores_nor_vectors_are_changed() -> None:
    scores, vectors = np.array([0.3, 0.9], np.float32), np.array([EAST, NORTH], np.float32)
    diversify(scores, vectors, 2, 0.5)
    assert scores.tolist() == pytest.approx([0.3, 0.9]) and vectors.tolist() == [EAST, NORTH]
