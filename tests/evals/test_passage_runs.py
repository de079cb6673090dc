"""Runs over passages: their own metrics, what a language model cost, and all runs side by side."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from agentmem_evals.cli import app
from agentmem_evals.datasets.catalog import PASSAGE_KS, find_data, load_dataset
from agentmem_evals.datasets.selection import select
from agentmem_evals.errors import ConfigurationMismatch
from agentmem_evals.reports.runs import overview, read_run
from agentmem_evals.runner.configuration import RunConfiguration
from agentmem_evals.runner.execute import run_retrieval
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.loop import Run
from agentmem_evals.runner.manifest import new_manifest
from agentmem_evals.scoring import score_folder
from agentmem_evals.types import Body, Retrieved
from typer.testing import CliRunner, Result

from agentmem.types import Usage

if TYPE_CHECKING:
    from conftest import ScriptedSystem

DATA = Path(__file__).parent / "data"
MUSIQUE = DATA / "musique"
OPENIE = MUSIQUE / "openie_small.json"
BORN = "Where was the designer of Tern Island Light born?"
MAYOR = "Who is the mayor of the town where the designer of Tern Island Light was born?"


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def run(out: Path, *more: str | Path, dataset: str = "musique", system: str = "bm25") -> Result:
    return invoke("run", "--dataset", dataset, "--data", DATA, "--system", system, "--out", out, *more)


class Thinking:
    """A scripted system that asks a language model: twice a passage on ingest, once a question."""

    def __init__(self, inner: ScriptedSystem) -> None:
        self._inner = inner
        self.name = inner.name
        self.describe, self.stored_bytes, self.close = inner.describe, inner.stored_bytes, inner.close
        self._asked = Usage()

    def ingest(self, body: Body) -> None:
        self._inner.ingest(body)
        for _ in body.items:
            self._asked += Usage(llm_calls=2, prompt_tokens=100, completion_tokens=10)

    def retrieve(self, question: str, k: int) -> Retrieved:
        self._asked += Usage(llm_calls=1, prompt_tokens=7, completion_tokens=2)
        return self._inner.retrieve(question, k)

    def usage(self) -> Usage:
        return self._inner.usage() + self._asked


def execute(
    system: Any, folder: RunFolder, ks: tuple[int, ...] = (1, 2), recordings: dict[str, Any] | None = None
) -> dict[str, Any]:
    dataset = load_dataset("musique", find_data("musique", MUSIQUE, None), captions=True)
    configuration = RunConfiguration("retrieval", "musique", "scripted", ks=ks)
    manifest = new_manifest(configuration, dataset, select(dataset), system.describe(), recordings)
    run_retrieval(Run(system, select(dataset), folder, manifest), ks[-1])
    return score_folder(folder)


def test_recall_of_passages_worked_by_hand(scripted: Callable[..., ScriptedSystem], tmp_path: Path) -> None:
    system = scripted({BORN: ["1", "4", "0"], MAYOR: ["2", "0", "1"]})
    scores = execute(system, RunFolder(tmp_path))
    # One of two and none at 1; one of two, two of three and none at 2; the third question finds nothing.
    assert set(scores["metrics"]) == {"passage"}
    assert scores["metrics"]["passage"]["recall@1"] == pytest.approx((1 / 2 + 1 / 3 + 0) / 3)
    assert scores["metrics"]["passage"]["recall@2"] == pytest.approx((1 / 2 + 2 / 3 + 0) / 3)
    assert scores["by_category"]["3-hop"] == {
        "name": "3-hop",
        "n": 1,
        "passage": scores["by_category"]["3-hop"]["passage"],
    }
    assert scores["by_category"]["2-hop"]["passage"]["recall@1"] == pytest.approx(1 / 4)


def test_calls_of_a_language_model_are_told_apart_for_build_and_queries(
    scripted: Callable[..., ScriptedSystem], tmp_path: Path
) -> None:
    scores = execute(Thinking(scripted({})), RunFolder(tmp_path / "thinking"))
    assert scores["cost"]["ingest"] == {
        "embedded_texts": 5,
        "llm_calls": 10,
        "prompt_tokens": 500,
        "completion_tokens": 50,
    }
    assert scores["cost"]["retrieve"]["llm_calls"] == 3 and scores["cost"]["retrieve"]["prompt_tokens"] == 21
    execute(scripted({BORN: ["0", "1"]}), RunFolder(tmp_path / "plain"), ks=(1, 3))
    table = overview([read_run(RunFolder(tmp_path / name)) for name in ("thinking", "plain")])
    assert table.title.startswith("Side by side (passage recall in %")
    lines = [dict(zip(table.header, row, strict=True)) for row in table.rows]
    for line in lines:
        assert float(line.pop("s")) >= 0 and float(line.pop("ms/q")) >= 0
    costs = {"calls": "10", "tokens": "550", "calls/q": "1.0", "tokens/q": "9"}
    measures = {"R@1": "0.0", "R@2": "0.0", "R@3": "–"}
    assert lines[0] == {"run": "thinking", **measures, **costs}
    assert lines[1]["R@3"] == "33.3"
    assert [lines[1][name] for name in costs] == ["0", "0", "0.0", "0"]


def test_a_run_with_other_recordings_is_another_run(scripted: Callable[..., ScriptedSystem], tmp_path: Path) -> None:
    execute(scripted({}), RunFolder(tmp_path), recordings={"sha256": "a"})
    with pytest.raises(ConfigurationMismatch, match=r"different are: recordings\.sha256"):
        execute(scripted({}), RunFolder(tmp_path), recordings={"sha256": "b"})


@pytest.mark.parametrize("dataset", ["musique", "hotpotqa", "2wiki"])
def test_a_baseline_runs_on_passages(tmp_path: Path, dataset: str) -> None:
    result = run(tmp_path / "out", dataset=dataset)
    assert result.exit_code == 0, result.output
    scores = json.loads((tmp_path / "out" / "scores.json").read_text())
    assert set(scores["metrics"]) == {"passage"} and scores["k"] == list(PASSAGE_KS)
    assert {"recall@2", "recall@5", "recall@10"} < set(scores["metrics"]["passage"])
    assert scores["metrics"]["passage"]["recall@5"] == 1.0 and scores["failed"] == 0
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["data"]["level"] == "passage" and manifest["recordings"] is None


def test_depths_can_be_chosen(tmp_path: Path) -> None:
    assert run(tmp_path / "out", "--k", "1,3").exit_code == 0
    assert json.loads((tmp_path / "out" / "scores.json").read_text())["k"] == [1, 3]


def test_a_report_shows_passages_beside_each_other(tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert run(tmp_path / name).exit_code == 0
    shown = invoke("report", tmp_path / "one", tmp_path / "two", "--markdown").stdout
    assert "**Side by side (passage recall" in shown and "| one | " in shown
    assert "| passage recall@5 | 100.0 | 100.0 |" in shown and "session" not in shown
    assert "| 2-hop (2) recall@5 | 100.0 | 100.0 |" in shown
    assert "| LLM calls to build | 0 | 0 |" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--system", "bm25", "--openie", OPENIE), "'bm25' has no use for recorded output"),
        (("--system", "agentmem", "--facts", "observations"), "use --openie"),
        (("--system", "agentmem", "--openie", DATA / "none.json"), "There is no file"),
        (("--system", "agentmem", "--openie", MUSIQUE / "questions_small.json"), "cannot be replayed"),
        (("--system", "agentmem:nothing"), "Recipes are: default"),
    ],
)
def test_wrong_options_are_refused_in_one_line(tmp_path: Path, arguments: tuple[str | Path, ...], message: str) -> None:
    result = invoke("run", "--dataset", "musique", "--data", DATA, "--out", tmp_path / "out", *arguments)
    assert result.exit_code == 1 and message in result.stderr
    assert "Traceback" not in result.output and not (tmp_path / "out").exists()


def test_fitting_wants_turns(tmp_path: Path) -> None:
    result = invoke("fit", "--dataset", "musique", "--data", DATA, "--out", tmp_path / "weights.json")
    assert result.exit_code == 1 and "musique has none" in result.stderr
