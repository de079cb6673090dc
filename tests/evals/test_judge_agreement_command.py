"""Measuring a judge from the command line, and showing it in a report."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from agentmem_evals.cli import app
from agentmem_evals.errors import DataFormatError
from agentmem_evals.judging.agreement_file import read_agreement
from agentmem_evals.judging.labelled import load_labelled_answers
from agentmem_evals.judging.references import REFERENCES
from report_runs import prediction, retrieved
from typer.testing import CliRunner, Result

from agentmem.testing.chat_server import ChatServer, chat_server


def labelled(id: str, answer: str, *, strict: bool, generous: bool = True) -> str:
    raw = {"id": id, "kind": "wording", "category": "multi-session", "question": "Who came?", "gold": "Ada"}
    return json.dumps({**raw, "unanswerable": False, "answer": answer, "strict": strict, "generous": generous}) + "\n"


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """Four labelled answers; a rule of equal words calls the first one right, and no other."""
    path = tmp_path / "mine.jsonl"
    path.write_text(
        labelled("a", "Ada", strict=True)
        + labelled("b", "It was Ada", strict=True)
        + labelled("c", "Ada, I think, or Ben", strict=False)
        + labelled("d", "Ben", strict=False, generous=False)
    )
    return path


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    """A judge that says yes to whatever names Ada."""
    pytest.importorskip("openai")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)

    def reply(messages: Any) -> str:
        asked = messages[1]["content"].rpartition('name="said"')[2]
        return json.dumps({"reasoning": "so it is", "correct": "Ada" in asked})

    with chat_server(answer=reply) as serving:
        yield serving


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def agree(out: Path, *more: str | Path) -> Result:
    return invoke("judge", "--agreement", "--out", out, *more)


def error_of(result: Result) -> str:
    return " ".join(result.stderr.split())


def test_the_rules_are_measured_without_a_model_on_the_projects_own_answers(tmp_path: Path) -> None:
    result = agree(tmp_path / "out")
    assert result.exit_code == 0, result.output
    told = {path.name: read_agreement(path) for path in sorted((tmp_path / "out").iterdir())}
    assert list(told) == [
        "agreement-exact.json",
        "agreement-hipporag_em.json",
        "agreement-locomo_f1-0.5.json",
        "agreement-mem0_f1-0.5.json",
    ]
    assert {one["judge"] for one in told.values()} == set(REFERENCES)
    own = load_labelled_answers()
    assert all(one["labelled"]["sha256"] == own.sha256 and one["model"] is None for one in told.values())
    assert all(one["strict"]["n"] + one["skipped"] == len(own.answers) for one in told.values())


def test_a_rule_worked_by_hand(tmp_path: Path, answers: Path) -> None:
    assert agree(tmp_path, "--judge", "exact", "--labelled", answers).exit_code == 0
    found = read_agreement(tmp_path / "agreement-exact.json")
    # It accepts a alone. Strict: right about a, c and d, and wrong to refuse b, one of the two right answers.
    assert (found["strict"]["accuracy"], found["strict"]["false_reject_rate"]) == (0.75, 0.5)
    assert found["strict"]["false_accept_rate"] == 0.0 and found["labelled"]["file"] == "mine.jsonl"
    # Generous: right about a and d of four.
    assert found["generous"]["accuracy"] == 0.5


def test_a_model_is_measured_over_http_and_not_paid_twice(server: ChatServer, tmp_path: Path, answers: Path) -> None:
    pytest.importorskip("openai")
    common = ("--judge", "strict", "--base-url", server.url, "--labelled", answers)
    result = agree(tmp_path, *common, "--llm", "openai:one")
    assert result.exit_code == 0, result.output
    found = read_agreement(tmp_path / "agreement-strict.json")
    # It accepts a, b and c: for a strict reader c is a false accept, one of two wrong answers; else it agrees.
    assert (found["strict"]["accuracy"], found["strict"]["false_accept_rate"]) == (0.75, 0.5)
    assert (found["generous"]["accuracy"], found["model"], found["failed"]) == (1.0, "openai:one", 0)
    assert set(found["prompts"]) == {"judge_strict", "judge_strict_abstention"}
    assert len(server.requests) == 4
    again = agree(tmp_path, *common, "--llm", "openai:one")
    assert again.exit_code == 0 and "75.0" in again.stdout
    assert len(server.requests) == 4
    refused = agree(tmp_path, *common, "--llm", "openai:two")
    assert refused.exit_code == 1 and "different are: model" in error_of(refused)
    assert agree(tmp_path, *common, "--llm", "openai:two", "--overwrite").exit_code == 0
    assert len(server.requests) == 8


def test_a_part_of_the_answers_measures_nothing(server: ChatServer, tmp_path: Path, answers: Path) -> None:
    common = ("--judge", "strict", "--base-url", server.url, "--labelled", answers, "--llm", "openai:one")
    stopped = agree(tmp_path / "out", *common, "--max-calls", "2", "--concurrency", "1")
    assert stopped.exit_code == 3 and "nothing is written" in error_of(stopped) and not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--judge", "strict"), "pass --llm"),
        (("--judge", "exact", "--llm", "openai:x"), "leave --llm out"),
        (("--llm", "openai:x"), "which protocol"),
        (("--judge", "vibes"), "no reference judge 'vibes'"),
        (("--judge", "vibes", "--llm", "openai:x"), "no judge 'vibes'"),
    ],
)
def test_what_cannot_be_measured_is_refused(tmp_path: Path, more: Sequence[str], words: str) -> None:
    refused = agree(tmp_path / "out", *more)
    assert refused.exit_code == 1 and words in error_of(refused) and not (tmp_path / "out").exists()


def test_options_that_belong_together(tmp_path: Path) -> None:
    assert invoke("judge", tmp_path, "--judge", "strict").exit_code == 2
    assert invoke("judge", tmp_path, "--judge", "strict", "--llm", "openai:x", "--out", tmp_path).exit_code == 2
    nowhere = invoke("judge", "--agreement", "--judge", "exact")
    assert nowhere.exit_code == 1 and "--out FOLDER" in error_of(nowhere)


def test_a_report_shows_how_far_a_judge_can_be_trusted(tmp_path: Path, answers: Path) -> None:
    retrieved(tmp_path / "bm25", [prediction(1, ["x"]), prediction(2, ["y"])])
    assert invoke("judge", tmp_path / "bm25", "--agreement", "--judge", "exact", "--labelled", answers).exit_code == 0
    told, page = tmp_path / "bm25" / "agreement-exact.json", tmp_path / "page.html"
    assert invoke("report", tmp_path / "bm25", "--agreement", told, "--html", page).exit_code == 0
    assert "Judges beside people" in page.read_text() and "exact" in page.read_text()
    shown = invoke("report", tmp_path / "bm25", "--agreement", told, "--markdown")
    assert shown.exit_code == 0 and "| exact | strict | 4 | 75.0 | 0.0 | 50.0 |" in shown.stdout
    assert "leave it out" in error_of(invoke("report", tmp_path / "bm25", "--agreement", told, "--json"))
    missing = invoke("report", tmp_path / "bm25", "--agreement", tmp_path / "none.json")
    assert missing.exit_code == 1 and "judge --agreement" in error_of(missing)


@pytest.mark.parametrize("text", ["{", "[]", "3", '{"judge": "x"}', '{"judge": "x", "failed": 0, "skipped": 0}'])
def test_other_files_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "agreement-x.json"
    path.write_text(text)
    with pytest.raises(DataFormatError, match=r"agreement-NAME\.json"):
        read_agreement(path)
