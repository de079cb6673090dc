"""bAbI's accuracy."""

from __future__ import annotations

import pytest
from agentmem_evals.metrics.exact import exact
from agentmem_evals.metrics.gold import Gold


@pytest.mark.parametrize(
    ("said", "answer", "score"),
    [
        ("bathroom", "bathroom", 1.0),
        (" Bathroom.\n", "bathroom", 1.0),
        ('"bathroom"', "bathroom", 1.0),
        ("the bathroom", "bathroom", 0.0),
        ("bath", "bathroom", 0.0),
        ("", "nothing", 0.0),
        ("apple, milk", "apple,milk", 1.0),
        ("milk,apple", "apple,milk", 0.0),  # published results take the list as one answer
        ("apple", "apple,milk", 0.0),
        ("apple,milk,football", "apple,milk", 0.0),
        ("apple and milk", "apple,milk", 0.0),
        ("N, W", "n,w", 1.0),
        ("w,n", "n,w", 0.0),  # the way from here to there, not back
        ("n,n", "n,n", 1.0),
        ("n", "n,n", 0.0),
        ("three", "three", 1.0),
        ("3", "three", 0.0),
    ],
)
def test_the_whole_answer_or_nothing(said: str, answer: str, score: float) -> None:
    assert exact(said, Gold(answer)) == score


def test_aliases_parts_and_nothing() -> None:
    assert exact("north, west", Gold("n,w", aliases=("north,west",))) == 1.0
    assert exact("a, b", Gold(None, parts=("A", "B"))) == 1.0
    assert exact("b, a", Gold(None, parts=("A", "B"))) == 0.0
    assert exact("a", Gold(None)) is None
