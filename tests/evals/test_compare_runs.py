"""One run against another: differences, what was won and lost, and what is refused."""

from __future__ import annotations

import json

import pytest
from agentmem_evals.errors import ConfigurationMismatch, EvalError, UnknownName
from agentmem_evals.reports.comparing.comparison import compare_runs
from agentmem_evals.reports.comparing.tables import comparison_notes, comparison_tables
from agentmem_evals.reports.examined import ExaminedRun
from hypothesis import given, settings
from hypothesis import strategies as st
from report_runs import answer, answered, prediction, retrieved


@pytest.fixture
def two(tmp_path):
    """Of four questions the second run wins one, loses one, and leaves two as they were."""
    before = [["x"], ["a"], ["x"], ["a"]]
    after = [["x"], ["a", "x"], ["a"], ["b"]]
    return tuple(
        retrieved(tmp_path / name, [prediction(n, ids) for n, ids in enumerate(found)])
        for name, found in (("old", before), ("new", after))
    )


def test_differences_are_those_of_the_means(two):
    compared = compare_runs(*two, samples=200)
    (recall,) = [one for one in compared.differences if one.measure == "turn recall@5" and one.category is None]
    # Before: 1, 0, 1, 0; after: 1, 1, 0, 0.
    assert (recall.questions.first, recall.questions.second, recall.questions.difference) == (0.5, 0.5, 0.0)
    assert recall.questions.low < 0 < recall.questions.high and recall.questions.questions == 4
    assert recall.clustered is not None and recall.clustered.clusters == 2
    (first,) = [one for one in compared.differences if one.measure == "turn recall@1" and one.category is None]
    assert first.questions.difference == pytest.approx(-0.25)  # 1, 0, 1, 0 and 1, 0, 0, 0


def test_by_category(two):
    compared = compare_runs(*two, samples=200)
    parts = {one.category: one for one in compared.differences if one.measure == "turn recall@5" and one.category}
    # Questions 0 and 3 are of category 2, 1 and 2 of category 1.
    assert parts["2"].questions.questions == 2 and parts["2"].questions.difference == 0
    assert parts["1"].questions.questions == 2
    assert {one.measure for one in compared.differences if one.category} == {f"turn recall@{k}" for k in (1, 2, 5)}


def test_a_category_about_one_conversation_has_no_interval_by_conversation(tmp_path):
    one, other = (retrieved(tmp_path / name, [prediction(1, ["x"]), prediction(3, ["x"])]) for name in ("a", "b"))
    assert all(found.clustered is None for found in compare_runs(one, other, samples=50).differences)


def test_questions_won_and_lost(two):
    compared = compare_runs(*two, samples=50)
    assert [(one.question_id, one.first_ranks, one.second_ranks) for one in compared.won] == [("q1", (None,), (2,))]
    assert [(one.question_id, one.first_ranks, one.second_ranks) for one in compared.lost] == [("q2", (1,), (None,))]
    assert (compared.measure, compared.same, compared.only_first) == ("turn recall@5", 2, 0)


def test_the_measure_decides_what_is_won(two):
    compared = compare_runs(*two, "turn recall@1", samples=50)
    assert not compared.won and [one.question_id for one in compared.lost] == ["q2"]
    with pytest.raises(UnknownName, match="both have: turn recall@1"):
        compare_runs(*two, "elegance")


def test_only_questions_of_both_runs_count(tmp_path):
    one = retrieved(tmp_path / "a", [prediction(n, ["x"]) for n in range(4)])
    other = retrieved(tmp_path / "b", [prediction(n, ["y"]) for n in (3, 2, 7)])
    compared = compare_runs(one, other, samples=50)
    assert (len(compared.lost), compared.only_first, compared.only_second) == (2, 2, 1)
    assert "2 questions have a result in a alone, and are in no figure." in comparison_notes(compared)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"data": {"sha256": "ff"}}, "data"),
        ({"dataset": "musique"}, "dataset"),
        ({"captions": False}, "captions"),
    ],
)
def test_runs_on_different_data_are_refused(tmp_path, changes, named):
    one = retrieved(tmp_path / "a", [prediction(1, ["x"])])
    other = retrieved(tmp_path / "b", [prediction(1, ["x"])], **changes)
    with pytest.raises(ConfigurationMismatch, match=f"different are: {named}"):
        compare_runs(one, other)


def test_runs_of_different_tasks_or_without_a_common_question_are_refused(tmp_path):
    one = retrieved(tmp_path / "a", [prediction(1, ["x"])])
    with pytest.raises(ConfigurationMismatch, match="task"):
        compare_runs(one, answered(tmp_path / "b", [answer(1, "x")]))
    with pytest.raises(ConfigurationMismatch, match="no answered question in common"):
        compare_runs(one, retrieved(tmp_path / "c", [prediction(2, ["x"])]))


def test_decisions_are_not_compared(tmp_path):
    one = retrieved(tmp_path / "a", [prediction(1, ["x"])])
    one.scored.manifest.configuration["task"] = "decisions"
    with pytest.raises(EvalError, match="report"):
        compare_runs(ExaminedRun(one.scored), ExaminedRun(one.scored))


def test_answers_are_compared_with_what_was_said(tmp_path):
    one = answered(tmp_path / "a", [answer(1, "a boat"), answer(2, "blue car")])
    other = answered(tmp_path / "b", [answer(1, "blue car"), answer(2, "blue car")])
    compared = compare_runs(one, other, samples=50)
    (won,) = compared.won
    assert (compared.measure, won.before, won.after, won.answer) == ("locomo_f1", 0.0, 1.0, "blue car")
    table = comparison_tables(compared)[2]
    assert table.rows[0] == ["What is 1?", "q1", "multi-hop", "blue car", "1", "1", "a boat", "blue car"]


def test_tables_and_json(two):
    compared = compare_runs(*two, samples=50)
    overall, parts, won, lost = comparison_tables(compared)
    line = next(row for row in overall.rows if row[0] == "turn recall@1")
    assert line[1:4] == ["50.0", "25.0", "-25.0"] and line[-1] == "4"
    assert [row[0] for row in parts.rows] == ["multi-hop", "temporal"]
    assert won.title == "Won by new in turn recall@5 (1)" and won.rows == [
        ["What is 1?", "q1", "multi-hop", "x", "–", "2"]
    ]
    assert lost.title.startswith("Lost by new")
    assert comparison_tables(compared, 0)[2].title == "Won by new in turn recall@5 (1, the first 0)"
    read = json.loads(json.dumps(compared.as_json()))
    assert read["won"][0]["question_id"] == "q1" and read["differences"][0]["questions"]["samples"] == 50
    assert "only 2 of them" in " ".join(comparison_notes(compared))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["x", "a"]), st.sampled_from(["x", "a"])), min_size=1, max_size=8))
def test_turned_around_what_was_won_is_lost(tmp_path_factory, found):
    folder = tmp_path_factory.mktemp("runs")
    one, other = (
        retrieved(folder / str(side), [prediction(n, [pair[side]]) for n, pair in enumerate(found)]) for side in (0, 1)
    )
    forth, back = compare_runs(one, other, samples=20), compare_runs(other, one, samples=20)
    assert [change.question_id for change in forth.won] == [change.question_id for change in back.lost]
    assert len(forth.won) + len(forth.lost) + forth.same == len(found)
    for there, here in zip(forth.differences, back.differences, strict=True):
        assert there.questions.difference == pytest.approx(-here.questions.difference)
    assert all(not same.won and not same.lost for same in (compare_runs(one, one, samples=20),))
