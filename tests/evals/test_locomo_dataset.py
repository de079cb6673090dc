"""LoCoMo's loader: every trap on hand-written data, and count, first and last item on the real file."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from agentmem_evals.datasets.catalog import find_data
from agentmem_evals.datasets.evidence import normalise_turn_id, resolve_evidence
from agentmem_evals.datasets.locomo import NOT_MENTIONED, load_locomo, parse_session_date
from agentmem_evals.datasets.selection import has_answer, select
from agentmem_evals.environment import DATA_VARIABLE, data_root
from agentmem_evals.errors import DataFormatError, DataNotFound, UnknownName
from agentmem_evals.types import Dataset

REPOSITORY = Path(__file__).resolve().parents[2]


def test_sessions_are_in_numeric_order_and_dates_without_turns_are_passed_over(small: Dataset) -> None:
    assert [session.id for session in small.bodies[0].sessions] == ["session_1", "session_2", "session_10"]


def test_a_turn_is_dated_by_its_session_plus_a_second_per_position(small: Dataset) -> None:
    turns = list(small.bodies[0].turns)
    assert [turn.id for turn in turns] == ["D1:1", "D1:2", "D1:3", "D2:1", "D2:2", "D10:1", "D10:2"]
    assert turns[2].at == datetime(2023, 5, 8, 13, 56, 2, tzinfo=UTC)
    assert turns[5].at == datetime(2024, 1, 1, 0, 5, tzinfo=UTC)
    assert turns[2].session == "session_1" and turns[2].speaker == "Ada"


def test_captions_join_the_text_unless_they_are_switched_off(small: Dataset, small_path: Path) -> None:
    texts = {turn.id: turn.text for turn in small.bodies[0].turns}
    assert texts["D1:2"].endswith("sailing boat. [shares an image: a photo of a red wooden boat in a shed]")
    assert texts["D2:1"] == "[shares an image: a certificate of a marathon in Lisbon]"
    bare = {turn.id: turn.text for turn in load_locomo(small_path, captions=False).bodies[0].turns}
    assert bare["D1:2"] == "Nice! I spent the week repairing my sailing boat." and bare["D2:1"] == ""


def test_evidence_is_split_normalised_and_resolved(small: Dataset) -> None:
    evidence = {question.id: question.evidence for question in small.questions}
    assert evidence["locomo_conv-1_qa1"] == ("D1:1", "D1:2")
    assert evidence["locomo_conv-1_qa2"] == ("D1:2", "D1:3")
    assert evidence["locomo_conv-1_qa3"] == ("D2:1",)
    assert evidence["locomo_conv-1_qa4"] == ("D10:1",)
    assert evidence["locomo_conv-1_qa5"] == evidence["locomo_conv-1_qa6"] == ()
    assert small.questions[4].unresolved == ("D10:19",) and small.questions[6].unresolved == ("D",)


def test_answers_may_be_numbers_or_missing(small: Dataset) -> None:
    assert small.questions[4].answer == "2023"
    assert small.questions[5].answer == "Likely yes"


def test_adversarial_questions_are_a_choice_between_a_trap_and_that_nothing_is_told(small: Dataset) -> None:
    trap = small.questions[7]
    assert trap.category == "5" and trap.unanswerable
    assert trap.answer == NOT_MENTIONED and set(trap.options) == {NOT_MENTIONED, "greyhound"} and trap.aliases == ()
    others = [question for question in small.questions if question.category != "5"]
    assert not any(question.options or question.unanswerable for question in others)


def test_the_order_of_the_options_depends_on_the_seed_alone(small_path: Path) -> None:
    orders = {seed: load_locomo(small_path, seed=seed).questions[7].options for seed in range(20)}
    assert orders == {seed: load_locomo(small_path, seed=seed).questions[7].options for seed in range(20)}
    assert len(set(orders.values())) == 2  # the chance that 20 fair draws agree is 2 in a million; the draw is fixed


def test_two_conversations_of_one_name_are_refused(tmp_path: Path, small_path: Path) -> None:
    samples = json.loads(small_path.read_text())
    samples[1]["sample_id"] = samples[0]["sample_id"]
    path = tmp_path / "locomo10.json"
    path.write_text(json.dumps(samples))
    with pytest.raises(DataFormatError, match="same 'sample_id'"):
        load_locomo(path)


@pytest.mark.parametrize(
    ("piece", "expected"),
    [
        ("D8:6", "D8:6"),
        ("D30:05", "D30:5"),
        ("D:11:26", "D11:26"),
        ("d1:2", "D1:2"),
        ("D10:100", "D10:100"),
        ("D", None),
        ("8:6", None),
        ("D8", None),
    ],
)
def test_turn_ids_are_normalised(piece: str, expected: str | None) -> None:
    assert normalise_turn_id(piece) == expected


def test_what_does_not_resolve_is_kept_apart() -> None:
    known = {"D8:6", "D9:17", "D9:1"}
    assert resolve_evidence(["D8:6; D9:17", "D9:1,D4:36", ""], known) == (("D8:6", "D9:17", "D9:1"), ("D4:36",))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1:56 pm on 8 May, 2023", datetime(2023, 5, 8, 13, 56, tzinfo=UTC)),
        ("12:00 pm on 31 December, 2022", datetime(2022, 12, 31, 12, 0, tzinfo=UTC)),
        ("12:09 am on 13 September, 2023", datetime(2023, 9, 13, 0, 9, tzinfo=UTC)),
    ],
)
def test_session_dates_are_read_in_any_locale(text: str, expected: datetime) -> None:
    assert parse_session_date(text) == expected


@pytest.mark.parametrize("text", ["8 May 2023", "1:56 pm on 8 Maybe, 2023x", "1:56 pm on 8 Foo, 2023"])
def test_other_dates_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a session date"):
        parse_session_date(text)


@pytest.mark.parametrize("content", ["no json", "{}", "[1]", json.dumps([{"sample_id": "x", "qa": []}]), "null"])
def test_another_format_is_a_typed_refusal(tmp_path: Path, content: str) -> None:
    path = tmp_path / "locomo10.json"
    path.write_text(content)
    with pytest.raises(DataFormatError, match="official format"):
        load_locomo(path)


def test_questions_without_evidence_are_skipped_and_counted(small: Dataset) -> None:
    selection = select(small)
    assert (len(small.questions), len(selection.questions), selection.skipped) == (10, 8, 2)
    assert selection.unresolved == 2


def test_questions_with_a_gold_answer_are_chosen_for_answering(small: Dataset) -> None:
    selection = select(small, measurable=has_answer)
    assert (len(selection.questions), selection.skipped) == (10, 0)
    without = replace(small, questions=(replace(small.questions[0], answer=None), *small.questions[1:]))
    assert select(without, measurable=has_answer).skipped == 1


def test_a_limit_takes_the_first_questions_and_a_seed_draws_them(small: Dataset) -> None:
    first = select(small, limit=2)
    assert [question.id for question in first.questions] == ["locomo_conv-1_qa0", "locomo_conv-1_qa1"]
    assert [conversation.id for conversation in first.bodies] == ["conv-1"]
    draws = {select(small, limit=3, seed=seed).questions for seed in range(5)}
    assert len(draws) > 1 and all(len(draw) == 3 for draw in draws)
    assert select(small, limit=3, seed=1) == select(small, limit=3, seed=1)


def test_conversations_are_chosen_by_id(small: Dataset) -> None:
    assert {question.body for question in select(small, ["conv-2"]).questions} == {"conv-2"}
    with pytest.raises(UnknownName, match="conv-3"):
        select(small, ["conv-2", "conv-3"])


def test_data_is_found_as_a_file_in_a_folder_or_under_the_root(tmp_path: Path) -> None:
    folder = tmp_path / "locomo"
    folder.mkdir()
    file = folder / "locomo10.json"
    file.write_text("[]")
    other = tmp_path / "mine.json"
    other.write_text("[]")
    assert find_data("locomo", other, None) == other
    assert find_data("locomo", folder, None) == file
    assert find_data("locomo", tmp_path, None) == find_data("locomo", None, tmp_path) == file


def test_missing_data_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DataNotFound, match="pass --data FILE_OR_FOLDER, or set \\$AGENTMEM_DATA"):
        find_data("locomo", None, None)
    with pytest.raises(DataNotFound, match="holds none"):
        find_data("locomo", tmp_path, None)
    with pytest.raises(UnknownName, match="Known are: locomo, "):
        find_data("nope", None, None)


@pytest.fixture(scope="module")
def dev() -> Dataset:
    path = (data_root() or REPOSITORY.parent / "shared" / "data") / "locomo" / "locomo_dev.json"
    if not path.is_file():
        pytest.skip(f"the LoCoMo development file is neither in ${DATA_VARIABLE}/locomo nor in ../shared/data/locomo")
    return load_locomo(path)


@pytest.mark.data
def test_the_development_file_has_its_count_first_and_last_item(dev: Dataset) -> None:
    assert [conversation.id for conversation in dev.bodies] == [f"conv-{n}" for n in (26, 30, 41, 42, 43)]
    assert [len(conversation.sessions) for conversation in dev.bodies] == [19, 19, 32, 29, 29]
    assert sum(1 for conversation in dev.bodies for _ in conversation.turns) == 2760
    assert len(dev.questions) == 999
    first, last = dev.questions[0], dev.questions[-1]
    assert first.id == "locomo_conv-26_qa0"
    assert first.text == "When did Caroline go to the LGBTQ support group?"
    assert (first.answer, first.category, first.evidence) == ("7 May 2023", "2", ("D1:3",))
    assert last.id == "locomo_conv-43_qa241"
    assert last.text == "What was Tims's reaction to sealing the deal with the beverage company?"
    assert (last.answer, last.category, last.evidence) == (NOT_MENTIONED, "5", ("D29:6",))


@pytest.mark.data
def test_the_development_file_has_the_known_categories_and_dirt(dev: Dataset) -> None:
    counts = Counter(question.category for question in dev.questions)
    assert counts == {"1": 142, "2": 156, "3": 46, "4": 418, "5": 237}
    selection = select(dev)
    assert (len(selection.questions), selection.skipped, selection.unresolved) == (997, 2, 2)
    unresolved = {question.id: question.unresolved for question in dev.questions if question.unresolved}
    assert unresolved == {"locomo_conv-42_qa58": ("D10:19",), "locomo_conv-42_qa88": ("D",)}


@pytest.mark.data
def test_the_development_files_adversarial_questions_have_two_options_in_both_orders(dev: Dataset) -> None:
    traps = [question for question in dev.questions if question.category == "5"]
    assert all(len(trap.options) == 2 and trap.answer in trap.options and trap.unanswerable for trap in traps)
    right_first = sum(trap.options[0] == NOT_MENTIONED for trap in traps)
    assert 90 < right_first < 147  # 237 fair draws: 118.5, and within four standard deviations of 7.7
    answered = {trap.id: trap.aliases for trap in traps if trap.aliases}
    assert answered == {"locomo_conv-26_qa167": ("No",), "locomo_conv-26_qa178": ("No",)}
