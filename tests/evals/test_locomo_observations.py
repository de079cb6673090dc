"""LoCoMo's observations in place of its turns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from agentmem_evals.datasets.locomo import load_locomo
from agentmem_evals.datasets.observations import load_observations, turns_of
from agentmem_evals.datasets.selection import select
from agentmem_evals.environment import DATA_VARIABLE, data_root
from agentmem_evals.errors import DataFormatError

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def alone(tmp_path: Path, small_path: Path) -> Path:
    """The small data set's first conversation: the second has no observations."""
    path = tmp_path / "locomo10.json"
    path.write_text(json.dumps(json.loads(small_path.read_text())[:1]))
    return path


def test_observations_take_the_place_of_turns(alone: Path) -> None:
    observed = load_observations(alone)
    assert observed.name == "locomo-observations" and observed.sha256 == load_locomo(alone).sha256
    turns = list(observed.bodies[0].items)
    assert [turn.id for turn in turns] == [
        "D1:1|session_1|0",
        "D1:3+D1:2|session_1|1",
        "D1:2|session_1|2",
        "|session_1|3",  # it names a turn that does not exist
        "D2:1|session_2|0",
        "D10:1|session_10|0",
    ]
    assert [turns_of(turn.id) for turn in turns[:4]] == [("D1:1",), ("D1:3", "D1:2"), ("D1:2",), ()]
    assert observed.bodies[0].session_of()["D1:2|session_1|2"] == "session_1"


def test_gold_are_the_observations_of_the_evidence_turns(alone: Path) -> None:
    gold = {question.id: question.evidence for question in load_observations(alone).questions}
    assert gold["locomo_conv-1_qa1"] == ("D1:1|session_1|0", "D1:3+D1:2|session_1|1", "D1:2|session_1|2")
    assert gold["locomo_conv-1_qa3"] == ("D2:1|session_2|0",)


def test_an_evidence_turn_without_observations_is_unresolved(alone: Path) -> None:
    samples = json.loads(alone.read_text())
    del samples[0]["observation"]["session_2_observation"]
    alone.write_text(json.dumps(samples))
    question = load_observations(alone).questions[3]
    assert question.evidence == () and question.unresolved == ("D2:1",)


def test_a_file_without_observations_is_refused(alone: Path) -> None:
    alone.write_text(alone.read_text().replace('"observation"', '"seen"'))
    with pytest.raises(DataFormatError, match="observation"):
        load_observations(alone)


@pytest.mark.data
def test_the_development_file_has_its_count_first_and_last_observation() -> None:
    path = (data_root() or REPOSITORY.parent / "shared" / "data") / "locomo" / "locomo_dev.json"
    if not path.is_file():
        pytest.skip(f"the LoCoMo development file is neither in ${DATA_VARIABLE}/locomo nor in ../shared/data/locomo")
    observed = load_observations(path)
    told = [list(body.items) for body in observed.bodies]
    assert [len(turns) for turns in told] == [184, 169, 324, 266, 267]
    first, last = told[0][0], told[-1][-1]
    assert first.id == "D1:3|session_1|0"
    assert first.text.startswith("Caroline attended an LGBTQ support group recently")
    assert last.id == "D29:12|session_29|7" and last.text.startswith("John recommends Barcelona as a must-visit city")
    assert all(len({turn.id for turn in turns}) == len(turns) for turns in told)
    selection = select(observed)
    assert (len(selection.questions), selection.skipped, selection.unresolved) == (820, 179, 296)
    known = {body.id: body.session_of() for body in observed.bodies}
    assert all(set(question.evidence) <= known[question.body].keys() for question in observed.questions)
