"""Corrected gold: it lands on the right questions, and errata of another release are noticed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from agentmem_evals.datasets.errata import OFFICIAL_ORDER, read_errata
from agentmem_evals.datasets.locomo import load_locomo
from agentmem_evals.environment import DATA_VARIABLE, data_root
from agentmem_evals.errors import DataFormatError, DataNotFound
from agentmem_evals.types import Dataset, Question

REPOSITORY = Path(__file__).resolve().parents[2]
Write = Callable[..., Path]

MARATHON = {
    "question_id": "locomo_0_qa3",
    "question": "Where did Ben run a marathon?",
    "golden_answer": "Lisbon",
    "error_type": "WRONG_CITATION",
    "correct_evidence": ["D2:01", "D1:3, D99:9"],
    "correct_answer": "Porto",
}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(*entries: Any, name: str = "errata.json") -> Path:
        path = tmp_path / name
        path.write_text(json.dumps(list(entries)))
        return path

    return write


def by_id(dataset: Dataset) -> dict[str, Question]:
    return {question.id: question for question in dataset.questions}


def test_a_correction_replaces_evidence_and_answer_of_its_question_alone(small_path: Path, write: Write) -> None:
    before, after = by_id(load_locomo(small_path)), by_id(load_locomo(small_path, errata=write(MARATHON)))
    changed = {id for id in before if before[id] != after[id]}
    assert changed == {"locomo_conv-1_qa3"}
    question = after["locomo_conv-1_qa3"]
    assert (question.answer, question.evidence, question.unresolved) == ("Porto", ("D2:1", "D1:3"), ("D99:9",))


def test_what_a_correction_leaves_out_stays(small_path: Path, write: Write) -> None:
    said = {key: value for key, value in MARATHON.items() if key != "correct_evidence"}
    found = {key: value for key, value in MARATHON.items() if key != "correct_answer"}
    question = by_id(load_locomo(small_path, errata=write(said)))["locomo_conv-1_qa3"]
    assert (question.answer, question.evidence) == ("Porto", ("D2:1",))
    question = by_id(load_locomo(small_path, errata=write(found)))["locomo_conv-1_qa3"]
    assert (question.answer, question.evidence) == ("Lisbon", ("D2:1", "D1:3"))


def test_a_run_on_corrected_gold_is_of_other_data(small_path: Path, write: Write) -> None:
    before, after = load_locomo(small_path), load_locomo(small_path, errata=write(MARATHON))
    assert after.file_name == "locomo_small.json, errata.json"
    assert len(after.sha256) == 64 and after.sha256 != before.sha256
    assert load_locomo(small_path, errata=write()).sha256 not in {before.sha256, after.sha256}


@pytest.mark.parametrize(
    "other",
    [
        {"question": "Where did Ben run a race?"},
        {"golden_answer": "Paris"},
        {"question_id": "locomo_0_qa99"},
        {"question_id": "locomo_0_qa2"},
        {"question_id": "locomo_1_qa3"},
    ],
)
def test_errata_of_another_release_are_noticed(small_path: Path, write: Write, other: dict[str, str]) -> None:
    with pytest.raises(DataFormatError, match="another release"):
        load_locomo(small_path, errata=write(MARATHON | other))


def test_the_index_is_the_place_in_the_official_file_also_where_conversations_are_missing(
    small_path: Path, tmp_path: Path, write: Write
) -> None:
    samples = json.loads(small_path.read_text())
    samples[0]["sample_id"] = OFFICIAL_ORDER[6]  # the first of this file, the seventh of locomo10.json
    path = tmp_path / "some.json"
    path.write_text(json.dumps(samples))
    corrections = write(MARATHON | {"question_id": "locomo_6_qa3"})
    assert by_id(load_locomo(path, errata=corrections))["locomo_conv-47_qa3"].answer == "Porto"
    # Of a conversation that is not in the file: passed over, whatever it says.
    assert load_locomo(path, errata=write(MARATHON)).questions == load_locomo(path).questions


@pytest.mark.parametrize("content", ["no json", "{}", "[1]", '[{"question_id": "qa1"}]', '[{"question_id": 3}]'])
def test_another_format_is_a_typed_refusal(tmp_path: Path, content: str) -> None:
    path = tmp_path / "errata.json"
    path.write_text(content)
    with pytest.raises(DataFormatError, match="no file of errata"):
        read_errata(path)
    with pytest.raises(DataNotFound, match="no file of errata"):
        read_errata(tmp_path / "missing.json")


@pytest.mark.data
def test_every_correction_of_the_development_file_fits_its_question() -> None:
    folder = (data_root() or REPOSITORY.parent / "shared" / "data") / "locomo"
    path, errata = folder / "locomo_dev.json", folder / "errata_dev.json"
    if not path.is_file() or not errata.is_file():
        pytest.skip(f"LoCoMo and its errata are neither in ${DATA_VARIABLE}/locomo nor in ../shared/data/locomo")
    corrections = read_errata(errata).corrections
    assert len(corrections) == 85
    assert (corrections[0].conversation, corrections[0].number, corrections[0].kind) == (0, 1, "WRONG_CITATION")
    before, after = by_id(load_locomo(path)), by_id(load_locomo(path, errata=errata))
    assert sum(before[id].answer != after[id].answer for id in before) == 65
    assert all(
        question.evidence and not question.unresolved for question in after.values() if question != before[question.id]
    )
    # Conversation 0 is conv-26: its second question, whose citation was the turn before the one that says it.
    assert before["locomo_conv-26_qa1"].evidence == ("D1:12",)
    assert after["locomo_conv-26_qa1"].evidence == ("D1:14",)
    # Conversation 4 is conv-43, the last of the file.
    assert {after[id].body for id in before if before[id] != after[id]} == set(OFFICIAL_ORDER[:5])
