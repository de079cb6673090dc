"""The runner and the scorer: what is written, what an interruption and an exception leave behind, what it is worth."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from agentmem_evals.datasets.selection import select
from agentmem_evals.errors import ConfigurationMismatch, EvalError, FolderInUse, NotARun
from agentmem_evals.runner.configuration import RunConfiguration, differing_keys
from agentmem_evals.runner.execute import run_retrieval
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.loop import Run
from agentmem_evals.runner.manifest import Manifest, new_manifest
from agentmem_evals.runner.records import RETRIEVED, Failure, Prediction, Record
from agentmem_evals.runner.retrieving import WHY_DEPTH
from agentmem_evals.scoring import score_folder
from agentmem_evals.types import Dataset, Retrieved

if TYPE_CHECKING:
    from conftest import ScriptedSystem

CONFIGURATION = RunConfiguration("retrieval", "locomo", "scripted", ks=(1, 2))
ANSWERS = {
    "When did Ada join a pottery class?": ["D1:1", "D1:3"],
    "What do Ada and Ben do in their free time?": ["D2:1", "D1:2", "D1:1"],
    "What is Cleo's job?": ["D1:2", "D1:1"],
}


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """An empty place for a run."""
    return RunFolder(tmp_path / "run")


@pytest.fixture
def execute(small: Dataset, folder: RunFolder) -> Callable[..., dict[str, Any]]:
    """Runs a system over the hand-written data set into ``folder`` and scores it."""

    def run(
        system: ScriptedSystem, configuration: RunConfiguration = CONFIGURATION, *, overwrite: bool = False
    ) -> dict[str, Any]:
        selection = select(small, configuration.conversations, configuration.limit, configuration.seed)
        manifest = new_manifest(configuration, small, selection, system.describe())
        run_retrieval(Run(system, selection, folder, manifest, overwrite=overwrite), configuration.ks[-1])
        return score_folder(folder)

    return run


Execute = Callable[..., dict[str, Any]]
Scripted = Callable[..., "ScriptedSystem"]


def test_scores_worked_by_hand(execute: Execute, scripted: Scripted) -> None:
    scores = execute(scripted(ANSWERS))
    assert (scores["n"], scores["failed"], scores["skipped"], scores["missing"]) == (8, 0, 2, 0)
    turn, session = scores["metrics"]["turn"], scores["metrics"]["session"]
    # Of eight questions: one is right at once, one finds half of its evidence at 2, one is right at 2.
    assert turn["recall@1"] == pytest.approx(1 / 8) and turn["recall@2"] == pytest.approx(2.5 / 8)
    assert turn["all@2"] == pytest.approx(2 / 8) and turn["any@2"] == pytest.approx(3 / 8)
    assert turn["mrr"] == pytest.approx((1 + 1 / 2 + 1 / 2) / 8)
    assert session["recall@1"] == pytest.approx(2 / 8) and session["recall@2"] == pytest.approx(3 / 8)
    multi_hop = scores["by_category"]["1"]
    assert (multi_hop["name"], multi_hop["n"], multi_hop["turn"]["recall@2"]) == ("multi-hop", 1, 0.5)
    assert set(scores["by_category"]) == {"1", "2", "4", "5"}


def test_signals_are_kept_rounded_for_the_first_items_and_for_evidence(
    execute: Execute, scripted: Scripted, folder: RunFolder
) -> None:
    others = [id for id in ("D1:2", "D1:3", "D2:1", "D2:2", "D10:1", "D10:2") for _ in range(5)][1:]
    told = {"dense": 0.123456, "bm25": 0.00001, "speaker": -1.0}
    found = Retrieved((*others, "D1:1"), None, (told,) * 30)
    wrong = Retrieved(("D1:1",), None, ({"dense": "near"},))  # type: ignore[dict-item]
    system = scripted({"When did Ada join a pottery class?": found, "What is Cleo's job?": wrong})
    execute(system, replace(CONFIGURATION, ks=(1, 30)))
    records = {record.question_id: record for record in folder.read_records()}
    kept = next(one for one in records.values() if isinstance(one, Prediction) and len(one.found) == 30)
    assert [bool(one) for one in kept.why] == [True] * WHY_DEPTH + [False] * 9 + [True]
    assert kept.why[0] == kept.why[-1] == {"dense": 0.1235, "speaker": -1.0}
    (failed,) = (one for one in records.values() if isinstance(one, Failure))
    assert (failed.stage, failed.error) == ("retrieve", "ValueError")  # what tells nonsense has failed, and no more


def test_latency_and_cost_are_reported(execute: Execute, scripted: Scripted, folder: RunFolder) -> None:
    scores = execute(scripted(ANSWERS))
    assert 0 < scores["latency_ms"]["p50"] <= scores["latency_ms"]["p95"]
    assert scores["cost"]["ingest"] == {"embedded_texts": 9} and scores["cost"]["retrieve"] == {"embedded_texts": 8}
    assert (scores["cost"]["ingested_items"], scores["cost"]["stored_bytes"]) == (9, 20)
    assert folder.read_manifest().finished_at is not None


def test_scoring_again_needs_only_the_files(execute: Execute, scripted: Scripted, folder: RunFolder) -> None:
    scores = execute(scripted(ANSWERS))
    folder.scores_path.unlink()
    assert score_folder(folder) == scores == folder.read_scores()


def test_an_exception_is_a_stored_failure_and_not_a_zero(
    execute: Execute, scripted: Scripted, folder: RunFolder
) -> None:
    system = scripted({**ANSWERS, "What is Cleo's job?": RuntimeError("no such luck")}, broken=["conv-1"])
    scores = execute(system)
    assert (scores["n"], scores["failed"]) == (1, 7)
    failures = [record for record in folder.read_records() if isinstance(record, Failure)]
    assert [(failure.stage, failure.error) for failure in failures] == [("ingest", "OSError")] * 6 + [
        ("retrieve", "RuntimeError")
    ]
    assert failures[-1].message == "no such luck"
    assert scores["metrics"]["turn"]["recall@1"] == 0.0  # the one answered question found nothing


@pytest.mark.parametrize(
    "named", [["D1:1", "turn-D1:3"], Retrieved(("D1:1",), ("session_1", "session 1"))], ids=["items", "sessions"]
)
def test_an_id_of_nothing_is_a_stored_failure_and_not_a_zero(
    execute: Execute, scripted: Scripted, folder: RunFolder, named: Sequence[str] | Retrieved
) -> None:
    scores = execute(scripted({**ANSWERS, "What is Cleo's job?": named}))
    assert (scores["n"], scores["failed"]) == (7, 1)
    (failed,) = (record for record in folder.read_records() if isinstance(record, Failure))
    assert (failed.stage, failed.error) == ("retrieve", "UnknownName")
    assert "A system must name" in failed.message and failed.usage == {"embedded_texts": 1}
    assert scores["cost"]["retrieve"] == {"embedded_texts": 8}  # of seven answers and the failure


def test_a_folder_is_of_one_run_at_a_time(execute: Execute, scripted: Scripted, folder: RunFolder) -> None:
    with folder.held(), pytest.raises(FolderInUse, match="Another run is writing to"):
        execute(scripted(ANSWERS))
    assert execute(scripted(ANSWERS))["n"] == 8


def test_a_process_that_is_killed_leaves_its_folder_free(folder: RunFolder) -> None:
    program = (
        "import sys; from pathlib import Path; from agentmem_evals.runner.folder import RunFolder\n"
        "with RunFolder(Path(sys.argv[1])).held(): print('held', flush=True); sys.stdin.read()"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", program, str(folder.path)], stdin=pipe, stdout=pipe) as other:
        assert other.stdout is not None and other.stdout.readline().strip() == b"held"
        with pytest.raises(FolderInUse), folder.held():
            """Never here."""
        other.kill()
    with folder.held():
        assert folder.path.is_dir()


def test_a_question_counts_once_however_often_it_was_written(
    execute: Execute, scripted: Scripted, folder: RunFolder
) -> None:
    scores = execute(scripted(ANSWERS))
    lines = folder.predictions_path.read_text().splitlines(keepends=True)
    failed = Failure(json.loads(lines[0])["question_id"], "conv-1", "2", "retrieve", "OSError", "gone")
    folder.predictions_path.write_text(RETRIEVED.to_text([failed]) + "".join([*lines, *lines]))
    assert score_folder(folder) == scores


def test_a_run_without_answers_has_no_measures(execute: Execute, scripted: Scripted) -> None:
    scores = execute(scripted({}, broken=["conv-1", "conv-2"]))
    assert (scores["n"], scores["failed"]) == (0, 8)
    assert scores["metrics"] == {"turn": {}, "session": {}} and scores["latency_ms"] == {}


def test_failed_questions_are_asked_again_and_answered_ones_are_not(execute: Execute, scripted: Scripted) -> None:
    execute(scripted({**ANSWERS, "What is Cleo's job?": RuntimeError()}))
    second = scripted(ANSWERS)
    scores = execute(second)
    assert second.asked == ["What is Cleo's job?"] and second.ingested == ["conv-2"]
    assert (scores["n"], scores["failed"]) == (8, 0)


def test_an_interrupted_run_goes_on_where_it_stopped(execute: Execute, scripted: Scripted, folder: RunFolder) -> None:
    with pytest.raises(KeyboardInterrupt):
        execute(scripted({**ANSWERS, "Where did Ben run a marathon?": KeyboardInterrupt()}))
    with folder.predictions_path.open("a") as file:
        file.write('{"kind": "prediction", "question_id": "cut o')
    assert folder.read_manifest().finished_at is None
    assert score_folder(folder)["missing"] == 5
    second = scripted(ANSWERS)
    scores = execute(second)
    assert len(second.asked) == 5 and second.ingested == ["conv-1", "conv-2"]
    assert (scores["n"], scores["missing"]) == (8, 0)


def test_a_finished_run_is_left_alone(execute: Execute, scripted: Scripted, folder: RunFolder) -> None:
    execute(scripted(ANSWERS))
    before = folder.manifest_path.read_text(), folder.predictions_path.read_text()
    second = scripted({})
    execute(second)
    assert second.ingested == [] and second.asked == []
    assert (folder.manifest_path.read_text(), folder.predictions_path.read_text()) == before


def test_another_configuration_is_refused_and_named(execute: Execute, scripted: Scripted) -> None:
    execute(scripted(ANSWERS))
    with pytest.raises(ConfigurationMismatch, match=r"configuration\.ks.*--overwrite"):
        execute(scripted(ANSWERS), replace(CONFIGURATION, ks=(1, 5)))
    assert execute(scripted({}), replace(CONFIGURATION, ks=(1, 5)), overwrite=True)["metrics"]["turn"]["mrr"] == 0.0


def test_other_code_is_another_configuration(execute: Execute, scripted: Scripted, folder: RunFolder) -> None:
    execute(scripted(ANSWERS))
    other = replace(folder.read_manifest(), code={"sha256": "0" * 64})
    with pytest.raises(ConfigurationMismatch, match="different are: code"):
        folder.take_up(other, RETRIEVED)


def test_predictions_without_a_manifest_are_refused(folder: RunFolder, execute: Execute, scripted: Scripted) -> None:
    folder.path.mkdir()
    folder.predictions_path.write_text("")
    with pytest.raises(NotARun, match="without a manifest"):
        execute(scripted(ANSWERS))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("manifest.json", "{"),
        ("manifest.json", "[]"),
        ("manifest.json", '{"format": 1}'),
        ("manifest.json", '{"format": 2, "colour": "red"}'),
        ("predictions.jsonl", "no json\n"),
        ("predictions.jsonl", '{"kind": "guess"}\n'),
        ("predictions.jsonl", "[]\n"),
        ("predictions.jsonl", ""),
    ],
)
def test_damaged_files_are_a_typed_refusal(
    execute: Execute, scripted: Scripted, folder: RunFolder, name: str, content: str
) -> None:
    execute(scripted(ANSWERS))
    (folder.path / name).write_text(content)
    with pytest.raises(NotARun):
        score_folder(folder)


def test_records_survive_being_written() -> None:
    records: list[Record] = [
        Prediction("q", "c", "1", "Was für ein\u2028Tag?\n", ("D1:1",), ("s",), (), (), "turns", 1.5, {"llm_calls": 2}),
        Failure("q", "c", "1", "retrieve", "ValueError", "two\nlines"),
    ]
    assert RETRIEVED.from_text(RETRIEVED.to_text(records)) == records


def test_a_manifest_names_no_path(execute: Execute, scripted: Scripted, folder: RunFolder, tmp_path: Path) -> None:
    execute(scripted(ANSWERS))
    text = folder.manifest_path.read_text()
    assert str(tmp_path) not in text and str(Path(__file__).parent) not in text
    manifest = folder.read_manifest()
    assert manifest.data["file"] == "locomo_small.json" and len(manifest.data["sha256"]) == 64
    assert manifest.environment["packages"]["numpy"] and manifest.code["sha256"]
    assert Manifest.from_json(json.loads(text)) == manifest


@pytest.mark.parametrize(
    "change", [{"task": "qa"}, {"ks": ()}, {"ks": (5, 5)}, {"ks": (0,)}, {"batch": 0}, {"limit": 0}]
)
def test_impossible_configurations_are_refused(change: Mapping[str, Any]) -> None:
    with pytest.raises(EvalError):
        replace(CONFIGURATION, **change)


def test_differences_are_named_with_dots() -> None:
    assert differing_keys({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 1, "c": 4}, "e": 5}) == ["a.c", "d", "e"]
