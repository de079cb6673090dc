"""Every command but `run`: judge, compare, inspect, data, systems; and the README held against the help."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from agentmem_evals.cli import app
from agentmem_evals.cli.reference import render
from agentmem_evals.environment import DATA_VARIABLE
from agentmem_evals.judging.rubrics import JUDGES
from agentmem_evals.metrics.answers import ANSWER_METRICS
from agentmem_evals.systems.catalog import SYSTEMS
from agentmem_evals.systems.deciders import DECIDERS
from typer.main import get_command
from typer.testing import CliRunner, Result

from agentmem.testing.chat_server import ChatServer, chat_server

README = Path(__file__).parents[2] / "evals" / "README.md"
_REFERENCE = re.compile(r"<!-- agentmem-evals-help -->\n(.*?)\n<!-- /agentmem-evals-help -->", re.DOTALL)
_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    pytest.importorskip("openai")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)

    def reply(messages: Any) -> str:
        if "verdict" in messages[0]["content"]:
            return json.dumps({"verdict": "yes" if "greyhound" in messages[1]["content"] else "no"})
        if "(a)" in messages[1]["content"]:
            return json.dumps({"answer": "a", "cited": []})
        return json.dumps({"answer": "a greyhound", "cited": [1]})

    with chat_server(answer=reply) as serving:
        yield serving


@pytest.fixture
def answered(server: ChatServer, small_path: Path, tmp_path: Path) -> Path:
    """A finished run of the task qa."""
    common = ("run", "--task", "qa", "--dataset", "locomo", "--data", small_path, "--system", "bm25")
    out = tmp_path / "answered"
    result = invoke(*common, "--out", out, "--reader-llm", "openai:x", "--base-url", server.url)
    assert result.exit_code == 0, result.output
    return out


@pytest.fixture
def found(small_path: Path, tmp_path: Path) -> Path:
    """A finished run of the task retrieval."""
    out = tmp_path / "found"
    result = invoke("run", "--dataset", "locomo", "--data", small_path, "--system", "bm25", "--out", out)
    assert result.exit_code == 0, result.output
    return out


def test_judging_writes_scores_and_is_not_paid_twice(server: ChatServer, answered: Path) -> None:
    asked = len(server.requests)
    common = ("judge", answered, "--judge", "longmemeval", "--llm", "openai:judge", "--base-url", server.url)
    stopped = invoke(*common, "--max-calls", "2", "--concurrency", "1")
    assert stopped.exit_code == 3 and "budget of 2 calls is spent" in " ".join(stopped.stderr.split())
    scores = json.loads((answered / "scores.json").read_text())
    assert scores["judged"]["longmemeval"]["n"] == 2 == len(server.requests) - asked
    assert invoke(*common).exit_code == 0
    scores = json.loads((answered / "scores.json").read_text())
    judged = scores["judged"]["longmemeval"]
    assert judged["n"] == len(server.requests) - asked and judged["failed"] == 0
    assert 0 < judged["accuracy"] <= 1 and set(judged["by_type"]) <= set(scores["by_category"])
    lines = (answered / "judgements-longmemeval.jsonl").read_text().splitlines()
    assert len(lines) == judged["n"] and all("reason" in json.loads(line) for line in lines)
    before = len(server.requests)
    assert invoke(*common).exit_code == 0 and len(server.requests) == before
    assert invoke("report", answered).exit_code == 0


def test_other_models_judgements_are_not_mixed(server: ChatServer, answered: Path) -> None:
    common = ("judge", answered, "--judge", "longmemeval", "--base-url", server.url)
    assert invoke(*common, "--llm", "openai:one").exit_code == 0
    refused = invoke(*common, "--llm", "openai:two")
    assert refused.exit_code == 1 and "must not be mixed" in " ".join(refused.stderr.split())
    assert invoke(*common, "--llm", "openai:two", "--overwrite").exit_code == 0


def test_judging_asks_for_answers_and_a_judge_that_exists(server: ChatServer, answered: Path, found: Path) -> None:
    refused = invoke("judge", found, "--judge", "strict", "--llm", "openai:x", "--base-url", server.url)
    assert refused.exit_code == 1 and "what can be judged are answers" in " ".join(refused.stderr.split())
    assert (found / "scores.json").exists()
    refused = invoke("judge", answered, "--judge", "kind", "--llm", "openai:x")
    assert refused.exit_code == 1 and "no judge 'kind'" in refused.stderr


def test_runs_are_compared(found: Path, small_path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    arguments = ("run", "--dataset", "locomo", "--data", small_path, "--system", "recent-turns", "--out", other)
    assert invoke(*arguments).exit_code == 0
    shown = invoke("compare", found, other, "--measure", "turn recall@5", "--markdown")
    assert shown.exit_code == 0 and "turn recall@5" in shown.stdout
    read = json.loads(invoke("compare", found, other, "--json").stdout)
    assert (read["first"], read["second"]) == ("found", "other") and read["differences"]
    refused = invoke("compare", found, other, "--measure", "vibes")
    assert refused.exit_code == 1 and "vibes" in refused.stderr
    assert invoke("compare", found, other, "--json", "--markdown").exit_code == 1


def test_failures_are_listed_and_shown(found: Path, small_path: Path) -> None:
    listed = invoke("inspect", found, "--all", "--data", small_path)
    assert listed.exit_code == 0 and "Ben" in listed.stdout
    one = json.loads((found / "predictions.jsonl").read_text().splitlines()[0])
    shown = invoke("inspect", found, "--question", one["question_id"], "--data", small_path)
    assert shown.exit_code == 0 and one["question"] in " ".join(shown.stdout.split())
    assert "I joined a pottery class yesterday" in " ".join(shown.stdout.split())
    assert invoke("inspect", found, "--category", "none of these").exit_code == 1


def test_data_sets_and_systems_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    listed = invoke("data", "list", "--markdown")
    assert listed.exit_code == 0 and re.search(r"\| locomo \| turn \| CC BY-NC 4.0 \|.*\| no \|", listed.stdout)
    listed = invoke("systems", "--markdown")
    assert listed.exit_code == 0 and all(f"| {name} |" in listed.stdout for name in SYSTEMS)
    assert "| strict | judge of answers |" in listed.stdout


def test_nothing_is_downloaded_before_its_licence_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    refused = invoke("data", "fetch", "locomo", "--to", tmp_path)
    assert refused.exit_code == 1 and "CC BY-NC 4.0" in refused.stdout and "--accept-licence" in refused.stderr
    assert not list(tmp_path.iterdir())
    assert "Say where to put it" in invoke("data", "fetch", "locomo", "--accept-licence").stderr
    assert "nothing to download" in " ".join(invoke("data", "fetch", "nope", "--to", tmp_path).stderr.split())


def test_formats_of_a_report_exclude_each_other(found: Path, tmp_path: Path) -> None:
    assert invoke("report", found, "--json", "--html", tmp_path / "page.html").exit_code == 1
    page = tmp_path / "new" / "page.html"
    assert invoke("report", found, "--html", page).exit_code == 0 and "found" in page.read_text()


def commands(markdown: str) -> Iterator[list[str]]:
    """The arguments of every ``agentmem-evals`` in the shell blocks of a text."""
    for block in _BLOCK.findall(markdown):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ["agentmem-evals"]:
                yield words[1:]


def wrong(arguments: list[str]) -> str | None:
    """What in a command's arguments does not exist."""
    command: Any = get_command(app)
    for word in arguments:
        if word.startswith("--"):
            known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
            if word.partition("=")[0] not in known:
                return f"{command.name} has no option {word}"
        elif word in getattr(command, "commands", {}):
            command = command.commands[word]
    return None if not hasattr(command, "commands") else f"{' '.join(arguments)}: no such command"


def test_what_the_readme_shows_exists() -> None:
    shown = list(commands(README.read_text(encoding="utf-8")))
    assert len(shown) > 10 and [fault for one in shown if (fault := wrong(one))] == []
    assert wrong(["run", "--colour", "red"]) and wrong(["dance"]) and wrong(["data", "--help"])


def test_the_readmes_list_of_commands_is_the_real_one() -> None:
    found = _REFERENCE.search(README.read_text(encoding="utf-8"))
    assert found, "evals/README.md needs the lines <!-- agentmem-evals-help --> and <!-- /agentmem-evals-help -->"
    assert found[1].strip() == render(), "Renew it with: python -m agentmem_evals.cli.reference"
    assert render().count("\n") == 12 and "| `data fetch` |" in render() and "`--accept-licence`" in render()


def test_the_readme_names_every_system_and_judge() -> None:
    text = README.read_text(encoding="utf-8")
    assert [name for name in [*SYSTEMS, *DECIDERS, *JUDGES, *ANSWER_METRICS] if f"`{name}" not in text] == []
