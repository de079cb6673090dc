"""Runs whose reader takes notes first (chain of note), over HTTP; and the signals of what was read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from agentmem_evals.cli import app
from agentmem_evals.errors import EvalError
from agentmem_evals.runner.answer_records import ANSWERED, Answer
from agentmem_evals.runner.configuration import QA, RunConfiguration
from agentmem_evals.runner.folder import RunFolder
from typer.testing import CliRunner, Result

from agentmem.testing.chat_server import ChatServer, chat_server

pytest.importorskip("openai")
NOTED = {"notes": [{"number": 1, "note": "a red car"}], "reasoning": "one car", "answer": "red", "cited": [1]}
PLAIN = {"reasoning": "one car", "answer": "red", "cited": [1]}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)

    def reply(messages: Any) -> str:
        return json.dumps(NOTED if "`notes`" in messages[0]["content"] else PLAIN)

    with chat_server(answer=reply) as serving:
        yield serving


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Two records in LongMemEval's schema, one session each."""
    turns = [
        {"role": "user", "content": "Yesterday I bought a red car, and later a green hat.", "has_answer": True},
        {"role": "assistant", "content": "A car in red is easy to find."},
        {"role": "user", "content": "What is the weather?"},
    ]
    records = [
        {
            "question_id": f"q{number}",
            "question_type": "single-session-user",
            "question": "Which colour has my car?",
            "answer": "red",
            "question_date": "2023/06/01 (Thu) 10:00",
            "haystack_session_ids": ["answer_1"],
            "haystack_dates": ["2023/05/20 (Sat) 02:21"],
            "haystack_sessions": [turns],
            "answer_session_ids": ["answer_1"],
        }
        for number in (1, 2)
    ]
    path = tmp_path / "longmemeval_oracle.json"
    path.write_text(json.dumps(records))
    return path


def run(server: ChatServer, data: Path, out: Path, *more: str) -> Result:
    command = ("run", "--task", "qa", "--dataset", "longmemeval-oracle", "--data", data, "--system", "bm25")
    reading = ("--reader-llm", "openai:x", "--base-url", server.url, "--out", out)
    return CliRunner().invoke(app, [str(one) for one in (*command, *reading, *more)])


def answers(out: Path) -> Sequence[Answer]:
    return [record for record in RunFolder(out).read(ANSWERED) if isinstance(record, Answer)]


def test_notes_are_asked_for_and_the_manifest_says_so(server: ChatServer, history: Path, tmp_path: Path) -> None:
    assert run(server, history, tmp_path / "noted", "--notes").exit_code == 0
    assert all("`notes`" in request.body["messages"][0]["content"] for request in server.requests)
    assert [one.said for one in answers(tmp_path / "noted")] == ["red", "red"]
    manifest = RunFolder(tmp_path / "noted").read_manifest()
    assert manifest.configuration["notes"] is True
    asked = len(server.requests)
    assert run(server, history, tmp_path / "plain").exit_code == 0
    assert not any("`notes`" in request.body["messages"][0]["content"] for request in server.requests[asked:])
    refused = run(server, history, tmp_path / "noted")
    assert refused.exit_code == 1 and "configuration.notes" in " ".join(refused.stderr.split())


def test_each_item_read_has_its_own_signals(server: ChatServer, history: Path, tmp_path: Path) -> None:
    assert run(server, history, tmp_path / "out").exit_code == 0
    one = answers(tmp_path / "out")[0]
    # Best first is the second turn, which is shorter; what is read is in the order of time.
    assert one.found == ("answer_1_1", "answer_1_2")
    assert len(one.why) == 2 and 0 < one.why[0]["bm25"] < one.why[1]["bm25"]


def test_notes_are_for_readers_of_data_sets_that_know_them() -> None:
    common: dict[str, Any] = {"task": QA, "system": "bm25", "ks": (30,), "notes": True}
    reading = {"reader_llm": "openai:x", "context_tokens": 100}
    with pytest.raises(EvalError, match="'locomo' is not answered after notes"):
        RunConfiguration(**common, **reading, dataset="locomo")
    with pytest.raises(EvalError, match="leave --context-tokens and --notes out"):
        RunConfiguration(**common, dataset="longmemeval-s")
    with pytest.raises(EvalError, match="reads nothing"):
        RunConfiguration(**{**common, "task": "retrieval"}, dataset="longmemeval-s")
    assert RunConfiguration(**common, **reading, dataset="longmemeval-s").as_json()["notes"] is True
