"""What a model said once, served again over HTTP, gives the same answers, verdicts and scores: a run can be checked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from agentmem_evals.cli import app
from typer.testing import CliRunner

from agentmem.testing.chat_server import ChatServer, chat_server

pytest.importorskip("openai")
Messages = Sequence[Mapping[str, str]]


class Model:
    """Says something different to every new question, and keeps what it said."""

    def __init__(self) -> None:
        self.said: dict[str, str] = {}

    def __call__(self, messages: Messages) -> str:
        asked = json.dumps(list(messages))
        return self.said.setdefault(asked, self._new(messages[-1]["content"]))

    def _new(self, asked: str) -> str:
        number = len(self.said)
        if "verdict" in asked or "yes or no" in asked.lower():
            return json.dumps({"verdict": "yes" if number % 2 else "no"})
        return json.dumps({"answer": "a" if "(a)" in asked else f"answer {number}", "cited": [1]})


def replaying(said: Mapping[str, str]):
    return lambda messages: said[json.dumps(list(messages))]  # a question it was never asked is an error


def run_and_judge(server: ChatServer, data: Path, out: Path) -> dict[str, Any]:
    model = ("openai:scripted", "--base-url", server.url)
    asked = ("run", "--task", "qa", "--dataset", "locomo", "--data", data, "--system", "bm25", "--out", out)
    judged = ("judge", out, "--judge", "longmemeval", "--llm", *model)
    for arguments in ((*asked, "--concurrency", "3", "--reader-llm", *model), judged):
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        assert result.exit_code == 0, result.output
    scores: dict[str, Any] = json.loads((out / "scores.json").read_text("utf-8"))
    return {name: scores[name] for name in ("n", "failed", "metrics", "judged", "by_category")}


def kept(out: Path, name: str) -> dict[str, tuple[Any, ...]]:
    records = [json.loads(line) for line in (out / name).read_text("utf-8").splitlines()]
    told = ("said", "cited", "found", "correct", "reason")
    return {record["question_id"]: tuple(record.get(field) for field in told) for record in records}


def test_replies_served_again_give_the_same_run(
    small_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    model = Model()
    with chat_server(answer=model) as live:
        first = run_and_judge(live, small_path, tmp_path / "live")
        asked = len(live.requests)
    with chat_server(answer=replaying(model.said)) as again:
        second = run_and_judge(again, small_path, tmp_path / "again")
        assert len(again.requests) == asked == len(model.said)
    for name in ("predictions.jsonl", "judgements-longmemeval.jsonl"):
        assert kept(tmp_path / "again", name) == kept(tmp_path / "live", name)
    first_judged, second_judged = first.pop("judged"), second.pop("judged")
    assert first == second and first["failed"] == 0
    assert first_judged["longmemeval"]["accuracy"] == second_judged["longmemeval"]["accuracy"]
