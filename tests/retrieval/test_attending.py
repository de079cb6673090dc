"""Hops over vectors: the state of the question moves by what it reads."""

from __future__ import annotations

import numpy as np
import pytest

from agentmem.retrieval.strategies.attend import SHARPNESS, next_state


def test_the_next_state_is_the_question_and_the_mean_of_what_it_attends_to():
    # p = softmax(20 * [0.05 ln 3, 0]) = [3/4, 1/4]; o = 3/4 (1, 0) + 1/4 (0, 1); u + o = (0, 1) + (3/4, 1/4)
    # = (3/4, 5/4), of length sqrt(34)/4, so (3, 5) / sqrt(34).
    state = np.array([0.0, 1.0], dtype=np.float32)
    matches = np.array([np.log(3) / SHARPNESS, 0.0], dtype=np.float32)
    moved = next_state(state, matches, np.eye(2, dtype=np.float32))
    assert moved == pytest.approx(np.array([3.0, 5.0]) / np.sqrt(34), abs=1e-6)
    assert moved.dtype == np.float32


def test_one_memory_takes_all_attention():
    state = np.array([1.0, 0.0], dtype=np.float32)
    moved = next_state(state, np.array([0.0], dtype=np.float32), np.array([[0.0, 1.0]], dtype=np.float32))
    assert moved == pytest.approx(np.array([1.0, 1.0]) / np.sqrt(2), abs=1e-6)
