"""The second look: which questions are shown, with what, and how one pages through them."""

from __future__ import annotations

import dataclasses
import json
from io import StringIO

import pytest
from agentmem_evals.datasets.catalog import load_dataset
from agentmem_evals.errors import ConfigurationMismatch, DataNotFound, UnknownName
from agentmem_evals.reports.inspecting.browse import browse
from agentmem_evals.reports.inspecting.cases import cases, chosen, position_of
from agentmem_evals.reports.inspecting.library import Library, library_of, read_library
from agentmem_evals.reports.inspecting.views import case_view, list_view
from agentmem_evals.runner.records import Failure
from report_runs import answer, answered, manifest, prediction, retrieved
from rich.console import Console
from test_report_tables import verdict

LIBRARY = Library(
    {"b0": {"x": "Ada: I like \x1b[31mtea.", "y": "Ben: Hello."}, "b1": {"x": "Cleo: No."}}, {"q2": "tea"}
)
NOTHING = Library()


@pytest.fixture
def run(tmp_path):
    records = [
        prediction(1, ["x"]),
        prediction(2, ["y", "x"], ["x", "z"], why=({"lexical": 0.25, "dense": -2.0}, {"dense": 1.0})),
        prediction(3, ["y"]),
        Failure("q4", "b0", "1", "retrieve", "OSError", "the disk is gone"),
    ]
    return retrieved(tmp_path / "run", records)


def seen(renderable, width: int = 100) -> str:
    console = Console(file=StringIO(), width=width)
    console.print(renderable)
    return console.file.getvalue()


def test_the_worst_come_first(run):
    found = cases(run, LIBRARY)
    assert [case.question_id for case in found] == ["q4", "q3", "q2", "q1"]
    assert [case.value for case in found] == [None, 0.0, 0.5, 1.0]
    assert [case.fails for case in found] == [True, True, True, False]
    assert found[0].error == "retrieve: OSError: the disk is gone"


def test_a_case_has_all_that_is_known(run):
    case = cases(run, LIBRARY)[2]
    assert (case.question, case.answer, case.category, case.measure) == (
        "What is 2?",
        "tea",
        "multi-hop",
        "turn recall@5",
    )
    assert [(one.id, one.rank) for one in case.evidence] == [("x", 2), ("z", None)]
    assert [(hit.id, hit.is_evidence, hit.text) for hit in case.hits] == [
        ("y", False, "Ben: Hello."),
        ("x", True, "Ada: I like \x1b[31mtea."),
    ]
    assert case.hits[0].why == {"lexical": 0.25, "dense": -2.0}


def test_without_the_data_ids_must_do(run):
    case = cases(run, NOTHING)[2]
    assert case.answer is None and all(hit.text is None for hit in case.hits)
    assert "x" in seen(case_view(case))


def test_another_measure_decides(run):
    assert [case.question_id for case in cases(run, NOTHING, "turn recall@1")] == ["q4", "q2", "q3", "q1"]
    with pytest.raises(UnknownName, match="it has: turn recall@1"):
        cases(run, NOTHING, "elegance")


def test_choosing(run):
    found = cases(run, NOTHING)
    assert [case.question_id for case in chosen(found, failures_only=True)] == ["q4", "q3", "q2"]
    assert [case.question_id for case in chosen(found, category="temporal")] == ["q3"]
    assert [case.question_id for case in chosen(found, limit=1)] == ["q4"]
    with pytest.raises(UnknownName, match="there are: multi-hop, temporal"):
        chosen(found, category="5")


def test_a_question_is_found_by_the_end_of_its_id(run):
    found = cases(run, NOTHING)
    assert position_of(found, "q2") == 2 and position_of(found, "2") == 2
    with pytest.raises(UnknownName, match="No question"):
        position_of(found, "q9")
    several = [dataclasses.replace(found[0], question_id=id_) for id_ in ("a_q1", "b_q1")]
    with pytest.raises(UnknownName, match="More than one question here has the id 'q1': a_q1, b_q1"):
        position_of(several, "q1")


def test_answers_fail_below_a_half_and_where_a_judge_says_no(tmp_path):
    one, other = answer(1, "blue car", cited=("x",)), answer(2, "a blue boat and much more", cited=())
    plain = answered(tmp_path / "plain", [one, other])
    assert [(case.question_id, case.fails) for case in cases(plain, NOTHING)] == [("q2", True), ("q1", False)]
    judged = answered(tmp_path / "judged", [one, other], {"strict": verdict(one, False) + verdict(other, True)})
    worst = cases(judged, NOTHING)[0]
    assert worst.fails and worst.question_id == "q1" and worst.verdicts == {"strict": (False, "so it is")}
    told = seen(case_view(worst))
    for part in ("gold answer: blue car", "said: blue car", "judge strict: wrong: so it is", "✓ cited"):
        assert part in told


def test_the_list_has_a_line_for_each(run):
    table = list_view(cases(run, NOTHING))
    assert table.title == "4 questions, worst in turn recall@5 first; 3 of them fail (ranks: of the evidence)"
    assert table.rows[0][1:3] == ["retrieve: OSError: the disk is gone", "q4"]
    assert table.rows[2] == ["3", "What is 2?", "q2", "multi-hop", "50", "2, –"]
    assert list_view([]).rows == []


def test_a_case_in_a_terminal_tells_why_and_cannot_steer_it(run):
    told = seen(case_view(cases(run, LIBRARY)[2], place="3 of 4"))
    for part in (
        "3 of 4",
        "turn recall@5: 50 %",
        "found at 2",
        "not found",
        "lexical=0.25  dense=-2",
        "gold answer: tea",
    ):
        assert part in told
    assert "\x1b" not in told and "�" in told


def test_only_the_first_hits_are_shown(run):
    told = seen(case_view(cases(run, LIBRARY)[2], depth=1))
    assert "Found (1 of 2" in told and "Ben: Hello." in told


def pages(found, *replies, start=0, depth=1):
    """What is shown while these replies are given; then nothing more comes."""
    console, waiting = Console(file=StringIO(), width=100), iter(replies)

    def ask(_prompt):
        try:
            return next(waiting)
        except StopIteration:
            raise EOFError from None

    browse(found, console, ask, start=start, depth=depth)
    told = console.file.getvalue()
    return [line.split()[3] for line in told.split("\n") if " of 4  " in line], told


def test_paging(run):
    found = cases(run, NOTHING)
    assert pages(found)[0] == ["q4"]
    assert pages(found, "n", "", "p", "q")[0] == ["q4", "q3", "q2", "q3"]
    assert pages(found, "p", "4", "2", "n", "q")[0] == ["q4", "q4", "q1", "q3", "q2"]
    assert pages(found, "n", start=3)[0] == ["q1"]  # after the last one there is nothing


def test_paging_to_an_id_and_a_reply_that_means_nothing(run):
    shown, told = pages(cases(run, NOTHING), "q2", "elsewhere", "9", "q")
    assert shown == ["q4", "q2"] and "No question here has the id 'elsewhere'" in told and "'9'" in told


def test_paging_shows_more(run):
    shown, told = pages(cases(run, NOTHING), "m", "n", "q", start=2)
    assert shown == ["q2", "q2", "q1"]
    assert "Found (1 of 2" in told and "Found (2 of 2" in told


def test_the_library_of_a_data_set(small):
    library = library_of(small)
    assert library.text("conv-1", "D1:1") and library.text("conv-1", "D99:1") is None
    assert all(library.answers[one.id] == one.answer for one in small.questions if one.answer is not None)


def test_texts_come_from_the_data_that_the_run_was_made_on(small, small_path, tmp_path):
    own = manifest("retrieval", "bm25", 1, data={"sha256": small.sha256})
    assert read_library(own, small_path, None).texts
    assert read_library(own, None, None) == NOTHING and read_library(own, None, tmp_path) == NOTHING
    with pytest.raises(DataNotFound):
        read_library(own, tmp_path, None)
    with pytest.raises(ConfigurationMismatch, match="leave --data and --errata out"):
        read_library(manifest("retrieval", "bm25", 1), small_path, None)


def test_texts_of_a_run_with_errata_need_them(small_path, tmp_path):
    errata = tmp_path / "errors.json"
    wrong = {
        "question_id": "locomo_0_qa3",
        "question": "Where did Ben run a marathon?",
        "golden_answer": "Lisbon",
        "error_type": "WRONG_CITATION",
        "correct_evidence": ["D2:1"],
        "correct_answer": "Porto",
    }
    errata.write_text(json.dumps([wrong]))
    corrected = load_dataset("locomo", small_path, errata=errata)
    own = manifest("retrieval", "bm25", 1, data={"sha256": corrected.sha256}, errata="errors.json")
    library = read_library(own, small_path, None, errata)
    assert library.texts and library.answers["locomo_conv-1_qa3"] == "Porto"
    with pytest.raises(ConfigurationMismatch, match=r"its errors\.json with --errata"):
        read_library(own, small_path, None)
    with pytest.raises(DataNotFound):
        read_library(own, small_path, None, tmp_path / "none.json")
    plain = manifest("retrieval", "bm25", 1, data={"sha256": load_dataset("locomo", small_path).sha256})
    with pytest.raises(ConfigurationMismatch, match="Pass the run's own data; or"):
        read_library(plain, small_path, None, errata)


def test_texts_of_the_users_side_alone(tmp_path):
    turns = [{"role": "user", "content": "I like tea.", "has_answer": True}, {"role": "assistant", "content": "Good."}]
    record = {
        "question_id": "q1",
        "question_type": "multi-session",
        "question": "What do I like?",
        "answer": "tea",
        "question_date": "2023/06/01 (Thu) 10:00",
        "haystack_session_ids": ["answer_1"],
        "haystack_dates": ["2023/05/20 (Sat) 02:21"],
        "haystack_sessions": [turns],
        "answer_session_ids": ["answer_1"],
    }
    path = tmp_path / "longmemeval_oracle.json"
    path.write_text(json.dumps([record]))
    digest = load_dataset("longmemeval-oracle", path).sha256
    for user_side_only, known in ((True, ["answer_1_1"]), (False, ["answer_1_1", "answer_1_2"])):
        made = manifest("retrieval", "bm25", 1, data={"sha256": digest}, dataset="longmemeval-oracle")
        configuration = {**made.configuration, "user_side_only": user_side_only}
        library = read_library(dataclasses.replace(made, configuration=configuration), path, None)
        assert sorted(library.texts["q1"]) == known


def test_other_data_in_the_usual_place_is_passed_over(small_path, tmp_path):
    (tmp_path / "locomo").mkdir()
    (tmp_path / "locomo" / "locomo10.json").write_bytes(small_path.read_bytes())
    assert read_library(manifest("retrieval", "bm25", 1), None, tmp_path) == NOTHING
