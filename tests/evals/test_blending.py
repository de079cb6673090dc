"""Two rankings fused, and what the second adds to the first on bodies that its weight was not chosen on."""

from __future__ import annotations

import pytest
from agentmem_evals.cli.app import app
from agentmem_evals.fitting.blending import WEIGHTS, blend, fused
from hypothesis import given
from hypothesis import strategies as st
from report_runs import prediction, retrieved
from typer.testing import CliRunner

ITEMS = st.lists(st.sampled_from("abcdefgh"), unique=True)


def test_places_count_by_their_reciprocals():
    # a: 1/61; b: 1/62 + 0.5/61 = 0.02433; c: 1/63 + 0.5/62 = 0.02394; d: 0.5/63
    assert fused(["a", "b", "c"], ["b", "c", "d"], 0.5) == ("b", "c", "a", "d")
    assert fused(["a", "b", "c"], ["b", "c", "d"], 0.0) == ("a", "b", "c", "d")
    assert fused(["a", "a", "b"], [], 1.0) == ("a", "b")  # what comes twice counts once


@given(ITEMS, ITEMS, st.sampled_from(WEIGHTS))
def test_nothing_is_lost_and_nothing_comes_twice(first, second, weight):
    assert sorted(fused(first, second, weight)) == sorted({*first, *second})


def by_question(found, **changes):
    return {one.question_id: one for one in (prediction(n, ids, **changes) for n, ids in enumerate(found))}


FIRST = [["a", "x"]] * 8
"""The evidence, x, stands second."""


def test_a_ranking_that_knows_better_adds():
    added = blend(by_question(FIRST), by_question([["x", "b"]] * 8), "recall@1")
    assert added is not None and added.alone == 1.0
    assert (added.added.first, added.added.second, added.added.difference) == (0.0, 1.0, 1.0)
    assert set(added.weights) == {0.05}  # x: 1/62 + 0.05/61 = 0.01695, a: 1/61 = 0.01639: the smallest that is enough


def test_the_weight_is_chosen_on_the_other_bodies():
    """The second is right about body b0 and wrong about b1, so that each is given the weight that suits the other."""
    first = by_question([["a", "x"], ["x", "b"]] * 4)
    second = by_question([["x"], ["b"]] * 4)
    added = blend(first, second, "recall@1")
    assert added is not None
    assert added.weights == (0.0, 0.05)  # for b0, as b1 would have it; for b1, as b0 would
    assert added.added.difference == -0.5


def test_questions_without_evidence_and_of_one_run_alone_do_not_count():
    first = by_question(FIRST)
    assert blend(first, by_question(FIRST[:3]), "recall@1").added.questions == 3
    assert blend(by_question(FIRST, gold=()), first, "recall@1") is None
    with pytest.raises(ValueError, match="one body"):
        blend(by_question(FIRST, body="b0"), first, "recall@1")


@pytest.fixture
def runs(tmp_path):
    for name, found in (("one", FIRST), ("two", [["x"]] * 8)):
        retrieved(tmp_path / name, [prediction(n, ids) for n, ids in enumerate(found)], ks=[5, 10])
    return tmp_path


def test_the_command(runs):
    shown = CliRunner().invoke(app, ["blend", str(runs / "one"), str(runs / "two"), "--markdown"])
    assert shown.exit_code == 0
    assert "| two | 100.0 | +0.00 | 100.0 | +0.00 | 100.0 | +0.00 |" in shown.output


def test_what_is_refused(runs, tmp_path):
    retrieved(tmp_path / "shallow", [prediction(n, ["x"]) for n in range(4)])
    retrieved(tmp_path / "single", [prediction(n, ["x"], body="b0") for n in range(4)], ks=[5, 10])
    retrieved(tmp_path / "others", [prediction(n, ["x"]) for n in range(20, 24)], ks=[5, 10])
    for first, other, why in (
        ("one", "shallow", "--k 5,10"),
        ("single", "one", "several bodies"),
        ("one", "others", "no question in common"),
        ("one", "nowhere", "scores.json"),
    ):
        shown = CliRunner().invoke(app, ["blend", str(runs / first), str(runs / other)])
        assert shown.exit_code == 1 and why in " ".join(shown.output.split()), shown.output
