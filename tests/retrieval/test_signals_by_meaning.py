"""The signals of vectors: a memory's own, and smoothed with its neighbours'."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scenes import UNKNOWN, every, said, scene, signal

from agentmem.retrieval.signals import measure

FIVE = ["a", "b", "c", "d", "e"]


def smoothed(own: float, *neighbours: tuple[float, float]) -> float:
    """``(weight, cosine)`` of each neighbour that is there."""
    total = own + sum(weight * cosine for weight, cosine in neighbours)
    weights = 1 + sum(weight for weight, _ in neighbours)
    squares = 1 + sum(weight**2 for weight, _ in neighbours)
    return total / math.sqrt(0.7 * squares + 0.3 * weights**2)


def test_dense_and_spoken_are_the_cosines_of_their_views() -> None:
    stage = scene(["a", "b"], "x", bare=[0.5, -0.25], spoken=[0.75, 0.0])
    assert (signal(stage, "dense"), signal(stage, "spoken")) == ([0.5, -0.25], [0.75, 0.0])


def test_a_view_that_is_not_there_counts_0() -> None:
    stage = scene(["a", "b"], "x")
    assert signal(stage, "dense") == signal(stage, "spoken") == signal(stage, "context") == [0.0, 0.0]


def test_an_unknown_cosine_counts_0() -> None:
    stage = scene(["a", "b"], "x", bare=[UNKNOWN, 0.5])
    assert signal(stage, "dense") == [0.0, 0.5]
    assert signal(stage, "context")[0] == 0.0


def test_context_in_the_middle_weighs_two_neighbours_on_each_side() -> None:
    found = signal(scene(FIVE, "x", bare=[0.1, 0.2, 0.3, 0.4, 0.5]), "context")
    assert found[2] == pytest.approx(smoothed(0.3, (0.25, 0.1), (0.5, 0.2), (0.5, 0.4), (0.25, 0.5)), abs=1e-6)


def test_context_at_the_edge_weighs_who_is_there() -> None:
    found = signal(scene(FIVE, "x", bare=[0.1, 0.2, 0.3, 0.4, 0.5]), "context")
    assert found[0] == pytest.approx(smoothed(0.1, (0.5, 0.2), (0.25, 0.3)), abs=1e-6)
    assert found[4] == pytest.approx(smoothed(0.5, (0.25, 0.3), (0.5, 0.4)), abs=1e-6)


def test_context_leaves_out_a_neighbour_whose_cosine_is_unknown() -> None:
    found = signal(scene(["a", "b", "c"], "x", bare=[0.1, 0.2, UNKNOWN]), "context")
    assert found[1] == pytest.approx(smoothed(0.2, (0.5, 0.1)), abs=1e-6)


def test_context_of_a_memory_alone_is_its_cosine() -> None:
    stage = scene([said("a", session=None), said("b", session=None)], "x", bare=[0.4, 0.6])
    assert signal(stage, "context") == pytest.approx([0.4, 0.6])


def test_measuring_completes_the_candidates_and_their_neighbours_only() -> None:
    asked: list[int] = []
    stage = scene([*FIVE, "f", "g"], "x", bare=[UNKNOWN] * 7)
    stage = replace(stage, complete=lambda slots: asked.extend(slots.tolist()))
    measure(stage, np.array([1]))
    assert sorted(asked) == [0, 1, 2, 3]


def test_what_is_completed_is_measured() -> None:
    stage = scene(["a", "b"], "x", bare=[UNKNOWN, UNKNOWN])

    def complete(slots: np.ndarray) -> None:
        stage.dense["bare"][slots] = 0.5

    stage = replace(stage, complete=complete)
    assert measure(stage, every(stage))["dense"].tolist() == [0.5, 0.5]
