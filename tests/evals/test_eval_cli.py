"""The command: run, score, report, and what it says when something is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from agentmem_evals.cli import app
from agentmem_evals.environment import DATA_VARIABLE
from typer.testing import CliRunner, Result


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def bm25_run(tmp_path: Path, small_path: Path) -> Path:
    """A finished run of the lexical baseline."""
    out = tmp_path / "bm25"
    result = invoke("run", "--dataset", "locomo", "--data", small_path, "--system", "bm25", "--out", out)
    assert result.exit_code == 0, result.output
    return out


def test_a_run_writes_its_three_files_and_shows_a_table(bm25_run: Path) -> None:
    written = ["manifest.json", "predictions.jsonl", "scores.json"]
    assert sorted(path.name for path in bm25_run.iterdir()) == [".lock", *written]
    scores = json.loads((bm25_run / "scores.json").read_text())
    assert scores["n"] == 8 and scores["skipped"] == 2
    assert set(scores) >= {"n", "metrics", "by_category", "latency_ms", "cost"}
    measures = {f"{kind}@{k}" for kind in ("recall", "all", "any") for k in (5, 10, 20, 50)} | {"mrr"}
    assert set(scores["metrics"]["turn"]) == set(scores["metrics"]["session"]) == measures
    assert set(scores["by_category"]["4"]) == {"name", "n", "turn", "session"}
    assert set(scores["latency_ms"]) == {"p50", "p95"}
    assert scores["metrics"]["turn"]["recall@5"] == 0.75


def test_runs_repeat_exactly(bm25_run: Path, small_path: Path, tmp_path: Path) -> None:
    other = tmp_path / "again"
    invoke(
        "run",
        "--dataset",
        "locomo",
        "--data",
        small_path,
        "--system",
        "bm25",
        "--out",
        other,
    )
    one, two = (json.loads((folder / "scores.json").read_text())["metrics"] for folder in (bm25_run, other))
    assert one == two


def test_score_recomputes_from_the_files(bm25_run: Path) -> None:
    before = (bm25_run / "scores.json").read_text()
    (bm25_run / "scores.json").unlink()
    assert invoke("score", bm25_run).exit_code == 0
    assert (bm25_run / "scores.json").read_text() == before


def test_report_sets_runs_side_by_side(bm25_run: Path, small_path: Path, tmp_path: Path) -> None:
    other = tmp_path / "limited"
    common = ("--dataset", "locomo", "--data", small_path, "--system", "bm25", "--out", other)
    assert invoke("run", *common, "--k", "3,1", "--limit", "2", "--no-captions").exit_code == 0
    markdown = invoke("report", bm25_run, other, "--markdown")
    assert markdown.exit_code == 0
    assert "|  | bm25 | limited |" in markdown.stdout and "| turn recall@3 | – | " in markdown.stdout
    assert "not comparable; different are: captions, limit" in " ".join(markdown.stderr.split())
    read = json.loads(invoke("report", bm25_run, other, "--json").stdout)
    assert [(one["run"], one["scores"]["n"]) for one in read] == [("bm25", 8), ("limited", 2)]
    assert read[1]["manifest"]["configuration"]["ks"] == [1, 3]
    assert "turn recall@5" in invoke("report", bm25_run).stdout


def test_data_is_looked_for_in_the_environment(
    tmp_path: Path, small_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "locomo").mkdir()
    (tmp_path / "locomo" / "locomo10.json").write_text(small_path.read_text())
    arguments = ("run", "--dataset", "locomo", "--system", "bm25", "--out", tmp_path / "out")
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    refused = invoke(*arguments)
    assert refused.exit_code == 1 and "set $AGENTMEM_DATA" in refused.stderr
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    assert invoke(*arguments).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--dataset", "nope", "--system", "bm25"), "no data set 'nope'"),
        (("--dataset", "locomo", "--system", "nope"), "no system 'nope'"),
        (("--dataset", "locomo", "--system", "bm25", "--k", "five"), "list of numbers"),
        (("--dataset", "locomo", "--system", "bm25", "--task", "chat"), "no task 'chat'"),
        (("--dataset", "locomo", "--system", "bm25", "--conversations", "conv-9"), "No conversation conv-9"),
    ],
)
def test_wrong_options_are_refused_in_one_line(
    tmp_path: Path, small_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    result = invoke("run", *arguments, "--data", small_path, "--out", tmp_path / "out")
    assert result.exit_code == 1 and message in result.stderr
    assert "Traceback" not in result.output and not (tmp_path / "out").exists()


def test_what_the_operating_system_refuses_is_told_in_one_line(small_path: Path, tmp_path: Path) -> None:
    (tmp_path / "afile").write_text("not a folder")
    result = invoke("run", "--dataset", "locomo", "--data", small_path, "--system", "bm25", "--out", tmp_path / "afile")
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
    assert "Error: " in result.stderr and "afile" in result.stderr and "Traceback" not in result.output


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    for arguments in (("score", tmp_path), ("report", tmp_path)):
        result = invoke(*arguments)
        assert result.exit_code == 1 and "no manifest.json" in result.stderr


def test_another_configuration_in_the_same_folder_is_refused(bm25_run: Path, small_path: Path) -> None:
    again = ("run", "--dataset", "locomo", "--data", small_path, "--system", "bm25", "--out", bm25_run, "--k", "1")
    result = invoke(*again)
    assert result.exit_code == 1 and "another configuration" in result.stderr
    assert invoke(*again, "--overwrite").exit_code == 0
