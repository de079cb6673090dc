"""LoCoMo's observations in place of its turns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from agentmem_evals.cli import app
from agentmem_evals.datasets.catalog import dataset_entry
from agentmem_evals.datasets.locomo import load_locomo
from agentmem_evals.datasets.observations import load_observations, turns_of
from agentmem_evals.datasets.recorded import read_recorded
from agentmem_evals.datasets.selection import select
from agentmem_evals.environment import DATA_VARIABLE, data_root
from agentmem_evals.errors import DataFormatError, EvalError
from agentmem_evals.reports.examined import read_examined
from agentmem_evals.reports.measures import headline
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.types import Level
from report_runs import prediction, retrieved
from typer.testing import CliRunner

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
    assert observed.level is Level.OBSERVATION is dataset_entry(observed.name).level
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


def test_a_run_has_measures_of_observations_and_of_their_sessions(alone: Path, tmp_path: Path) -> None:
    out = tmp_path / "bm25"
    common = ["run", "--dataset", "locomo-observations", "--data", str(alone), "--system", "bm25", "--out", str(out)]
    result = CliRunner().invoke(app, [*common, "--k", "1,2"])
    assert result.exit_code == 0, result.output
    scores = json.loads((out / "scores.json").read_text())
    assert set(scores["metrics"]) == {"observation", "session"} and scores["metrics"]["observation"]["recall@2"] > 0
    assert all({"observation", "session"} < set(one) for one in scores["by_category"].values())
    run = read_examined(RunFolder(out))
    assert headline([run]) == "observation recall@2"
    shown = CliRunner().invoke(app, ["report", str(out), "--markdown"]).stdout
    assert "(observation recall in %" in shown and "| observation recall@2 |" in shown and "| turn " not in shown
    page = tmp_path / "page.html"
    assert CliRunner().invoke(app, ["report", str(out), "--html", str(page)]).exit_code == 0
    assert "Recall of observations against k" in page.read_text()


@pytest.mark.parametrize("option", ["facts", "openie"])
def test_nothing_is_replayed_in_the_place_of_observations(alone: Path, option: str) -> None:
    with pytest.raises(EvalError, match="has observations: leave it out"):
        read_recorded(load_observations(alone), alone, **{"openie": None, "facts": None, option: alone})


def test_without_sessions_there_are_no_measures_of_sessions(tmp_path: Path) -> None:
    records = [prediction(1, ["x"], gold_sessions=(), sessions=())]
    run = retrieved(tmp_path / "run", records, data={"level": "observation"})
    assert set(run.scored.scores["metrics"]) == {"observation"}
    assert not any(name.startswith("session") for name in run.outcomes[0].values)


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
