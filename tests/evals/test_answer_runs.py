"""Runs that answer: retrieve, pack, read with a model behind real HTTP; what is written, and what the command shows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from agentmem_evals.cli import app
from agentmem_evals.runner.answer_records import ANSWERED, Answer
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.records import Failure
from typer.testing import CliRunner, Result

from agentmem.testing.chat_server import ChatServer, chat_server

pytest.importorskip("openai")
SAID = {
    "When did Ada join a pottery class?": "7 May 2023",
    "What do Ada and Ben do in their free time?": "sailing, pottery",
    "What colour is Ben's boat?": "blue",
    "Where did Ben run a marathon?": "Lisbon",
}
"""What the model says; to any other question it has one answer."""
Messages = Sequence[Mapping[str, str]]


def reply(messages: Messages) -> str:
    asked = messages[-1]["content"]
    if "(a)" in asked:
        return json.dumps({"answer": "a", "cited": []})
    said = next((answer for question, answer in SAID.items() if question in asked), "I do not know")
    return json.dumps({"answer": said, "cited": [1, 99]})


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with chat_server(answer=reply) as serving:
        yield serving


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def run(server: ChatServer, data: Path, out: Path, *more: str | Path, system: str = "bm25") -> Result:
    command = ("run", "--task", "qa", "--dataset", "locomo", "--data", data, "--system", system, "--out", out)
    return invoke(*command, "--reader-llm", "openai:scripted", "--base-url", server.url, *more)


def answers_of(out: Path) -> dict[str, Answer]:
    records = RunFolder(out).read(ANSWERED)
    return {record.question: record for record in records if isinstance(record, Answer)}


def scores_of(out: Path) -> dict[str, Any]:
    scores: dict[str, Any] = json.loads((out / "scores.json").read_text())
    return scores


def test_a_run_retrieves_reads_and_scores(server: ChatServer, small_path: Path, tmp_path: Path) -> None:
    out = tmp_path / "qa"
    result = run(server, small_path, out, "--k", "2", "--context-tokens", "500")
    assert result.exit_code == 0, result.output
    found = answers_of(out)
    pottery = found["When did Ada join a pottery class?"]
    assert (pottery.said, pottery.gold, pottery.evidence) == ("7 May 2023", "7 May 2023", ("D1:1",))
    assert "D1:1" in pottery.found and len(pottery.found) <= 2
    assert pottery.cited == pottery.found[:1]  # 99 is the number of nothing
    assert 0 < pottery.context_tokens <= 500 and pottery.answer_ms > 0
    assert pottery.answer_usage["llm_calls"] == 1 and pottery.answer_usage["prompt_tokens"] > 0
    scores = scores_of(out)
    # Ten questions, none of them without something to hold an answer against: those without evidence are asked too.
    assert (scores["task"], scores["n"], scores["failed"], scores["skipped"], scores["missing"]) == ("qa", 10, 0, 0, 0)
    assert "Would Ada enjoy a dog show?" in found
    assert len(server.requests) == 10 == scores["cost"]["answer"]["llm_calls"]
    assert set(scores["latency_ms"]) == {"retrieve", "answer"}
    assert set(scores["latency_ms"]["answer"]) == {"p50", "p95"} == set(scores["retrieval"]["context_tokens"])
    # Eight questions have evidence that exists; with two turns of context some of it is found.
    assert scores["retrieval"]["n"] == 8 and 0 < scores["retrieval"]["recall"] < 1
    assert scores["by_category"]["1"]["name"] == "multi-hop"
    # One of multi-hop: "pottery; sailing" is one part by LoCoMo's commas; the best of "sailing" and "pottery" against
    # its two words has precision 1, recall 1/2.
    assert scores["by_category"]["1"]["locomo_f1"] == pytest.approx(2 / 3)
    assert 0 < scores["metrics"]["locomo_f1"] < 1
    assert scores["judged"] == {}


def test_the_manifest_says_who_read_what_with_which_prompts(
    server: ChatServer, small_path: Path, tmp_path: Path
) -> None:
    assert run(server, small_path, tmp_path, "--limit", "2", "--seed", "4", "--llm", "openai:builder").exit_code == 1
    assert run(server, small_path, tmp_path, "--limit", "2", "--seed", "4").exit_code == 0
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["reader"]["model"] == "openai:scripted" and manifest["reader"]["budget"] == 4000
    assert all(len(prompt["digest"]) == 16 for prompt in manifest["reader"]["prompts"].values())
    configuration = manifest["configuration"]
    assert (configuration["task"], configuration["seed"], configuration["ks"]) == ("qa", 4, [30])
    assert configuration["reader_llm"] == "openai:scripted" and configuration["context_tokens"] == 4000
    assert "locomo_f1" in manifest["data"]["answer_metrics"] and manifest["spent"]["llm_calls"] == 2
    assert server.url not in (tmp_path / "manifest.json").read_text()


def test_a_question_that_is_refused_is_a_failure_with_its_stage(
    server: ChatServer, small_path: Path, tmp_path: Path
) -> None:
    server.behaviour, server.failures = "400", 3
    assert run(server, small_path, tmp_path).exit_code == 0
    records = RunFolder(tmp_path).read(ANSWERED)
    failures = [record for record in records if isinstance(record, Failure)]
    assert [(one.stage, one.error) for one in failures] == [("read", "LLMRefused")] * len(failures) and failures
    scores = scores_of(tmp_path)
    assert (scores["n"], scores["failed"]) == (10 - len(failures), len(failures))
    again = run(server, small_path, tmp_path)
    assert again.exit_code == 0 and (scores_of(tmp_path)["n"], scores_of(tmp_path)["failed"]) == (10, 0)


def test_what_a_failed_answer_cost_is_counted(server: ChatServer, small_path: Path, tmp_path: Path) -> None:
    assert run(server, small_path, tmp_path / "good").exit_code == 0
    question = "Where did Ben run a marathon?"
    server.answer = lambda messages: "Sorry." if question in messages[1]["content"] else reply(messages)
    assert run(server, small_path, tmp_path / "bad").exit_code == 0
    (failed,) = [one for one in RunFolder(tmp_path / "bad").read(ANSWERED) if isinstance(one, Failure)]
    assert (failed.stage, failed.error, failed.usage["llm_calls"]) == ("read", "MalformedReply", 2)
    good, bad = (scores_of(tmp_path / name)["cost"]["answer"] for name in ("good", "bad"))
    assert (good["llm_calls"], bad["llm_calls"]) == (10, 11)  # asked once more, to repair what it said
    assert bad["prompt_tokens"] > good["prompt_tokens"]


def test_scores_do_not_depend_on_concurrency_nor_on_the_order_of_the_file(
    server: ChatServer, small_path: Path, tmp_path: Path
) -> None:
    one, many = tmp_path / "one", tmp_path / "many"
    assert run(server, small_path, one).exit_code == 0
    assert run(server, small_path, many, "--concurrency", "4").exit_code == 0
    parts = ("n", "metrics", "by_category", "retrieval")
    assert [scores_of(one)[part] for part in parts] == [scores_of(many)[part] for part in parts]
    before = scores_of(one)
    lines = (one / "predictions.jsonl").read_text().splitlines(keepends=True)
    (one / "predictions.jsonl").write_text("".join(reversed(lines)))
    assert invoke("score", one).exit_code == 0
    assert scores_of(one) == before


def test_several_systems_get_a_folder_each_and_one_report(server: ChatServer, small_path: Path, tmp_path: Path) -> None:
    result = run(server, small_path, tmp_path, "--system", "full-context", "--system", "recent-turns")
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bm25", "full-context", "recent-turns"]
    assert "full-context" in result.stdout and "recent-turns" in result.stdout
    everything = answers_of(tmp_path / "full-context")["What colour is Ben's boat?"]
    assert everything.found == (
        "D1:1",
        "D1:2",
        "D1:3",
        "D2:1",
        "D2:2",
        "D10:1",
        "D10:2",
    )  # in order, more than k or not
    shown = invoke("report", tmp_path / "bm25", tmp_path / "full-context", "--markdown")
    assert shown.exit_code == 0 and "bm25" in shown.stdout
    page = tmp_path / "page.html"
    assert invoke("report", tmp_path / "bm25", tmp_path / "full-context", "--html", page).exit_code == 0
    assert page.read_text().lstrip().lower().startswith("<!doctype html>")
    compared = invoke("compare", tmp_path / "bm25", tmp_path / "full-context")
    assert compared.exit_code == 0 and "locomo_f1" in compared.stdout
    listed = invoke("inspect", tmp_path / "bm25", "--data", small_path, "--list")
    assert listed.exit_code == 0 and "boat" in listed.stdout


def test_full_context_is_read_whole_and_a_budget_that_cuts_is_told(
    server: ChatServer, small_path: Path, tmp_path: Path
) -> None:
    raw = json.loads(small_path.read_text())
    raw[0]["conversation"]["session_1"][0]["text"] += " and on it went" * 1500  # some 6,000 tokens
    data = tmp_path / "locomo10.json"
    data.write_text(json.dumps(raw))
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert run(server, data, whole, "--system", "full-context").exit_code == 0
    everything = answers_of(whole / "full-context")["What colour is Ben's boat?"]
    assert len(everything.found) == 7 and everything.context_tokens > 4000 and everything.left_out == 0
    assert [
        json.loads((whole / name / "manifest.json").read_text())["configuration"]["context_tokens"]
        for name in ("full-context", "bm25")
    ] == [0, 4000]
    assert "left_out" not in scores_of(whole / "full-context")["retrieval"]
    result = run(server, data, cut, "--context-tokens", "4000", system="full-context")
    assert result.exit_code == 0
    partly = answers_of(cut)["What colour is Ben's boat?"]
    assert (len(partly.found), partly.left_out) == (6, 1)
    # Eight questions about the conversation of seven turns, of which one is left out, and two about the one of two.
    assert scores_of(cut)["retrieval"]["left_out"] == {"items": 8, "of": 60, "questions": 8}
    told = " ".join(result.stderr.split())
    assert "8 of 60 items that the system handed over were not read (13 %), of 8 of 10 questions" in told


def test_a_system_that_answers_by_itself_needs_no_reader(
    small_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "parrots.py").write_text(
        "class Parrot:\n"
        "    def ingest(self, body): self.body = body.id\n"
        "    def answer(self, question):\n"
        "        if 'marathon' in question: raise ValueError('squawk')\n"
        "        return '7 May 2023'\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    out = tmp_path / "out"
    common = ("run", "--task", "qa", "--dataset", "locomo", "--data", small_path, "--out", out)
    refused = invoke(*common, "--system", "bm25")
    assert refused.exit_code == 1 and "pass --reader-llm" in refused.stderr and not out.exists()
    result = invoke(*common, "--system", "parrots:Parrot")
    assert result.exit_code == 0, result.output
    scores = scores_of(out)
    assert (scores["n"], scores["failed"]) == (9, 1)
    failures = [one for one in RunFolder(out).read(ANSWERED) if isinstance(one, Failure)]
    assert [(one.stage, one.error, one.message) for one in failures] == [("answer", "ValueError", "squawk")]
    assert answers_of(out)["When did Ada join a pottery class?"].said == "7 May 2023"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--k", "5,10"), "pass one --k"),
        (("--context-tokens", "-1"), "0 for no limit"),
        (("--half", "held_out"), "no use for --half"),
        (("--max-usd", "1"), "needs the model's prices"),
        (("--reader-llm", "scripted"), "no language model 'scripted'"),
        (("--llm", "openai:x"), "The system 'bm25' builds nothing with a language model: leave --llm out"),
    ],
)
def test_wrong_options_of_answering_are_refused(
    server: ChatServer, small_path: Path, tmp_path: Path, more: tuple[str, ...], message: str
) -> None:
    result = run(server, small_path, tmp_path / "out", *more)
    assert result.exit_code == 1 and message in " ".join(result.stderr.split())
    assert not server.requests and not (tmp_path / "out").exists()
