"""The task summaries: session by session a model behind real HTTP lists each speaker's events; what is written."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from agentmem_evals.cli.models import open_chat
from agentmem_evals.datasets.catalog import load_dataset
from agentmem_evals.datasets.event_questions import EventQuestion, select_events
from agentmem_evals.environment import DATA_VARIABLE, data_root
from agentmem_evals.reading.summariser import NOTHING_YET, Summariser
from agentmem_evals.runner.configuration import RunConfiguration
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.loop import Run
from agentmem_evals.runner.manifest import new_manifest
from agentmem_evals.runner.purse import Purse
from agentmem_evals.runner.records import Failure
from agentmem_evals.runner.summarising import run_summaries
from agentmem_evals.runner.summary_records import SUMMARISED
from summary_runs import (
    AUGUST,
    JUNE,
    MAY,
    NEW_YEAR,
    Messages,
    given,
    invoke,
    reply,
    scores_of,
    summaries_of,
    summarise,
    with_events,
)

from agentmem.models.chat.budget import Budget
from agentmem.testing.chat_server import ChatServer, chat_server

if TYPE_CHECKING:
    from conftest import ScriptedSystem

pytest.importorskip("openai")
REPOSITORY = Path(__file__).resolve().parents[2]
BOTH = [(speaker, date) for date in (MAY, AUGUST, NEW_YEAR) for speaker in ("Ada", "Ben")]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with chat_server(answer=reply) as serving:
        yield serving


@pytest.fixture
def data(tmp_path: Path, small_path: Path) -> Path:
    return with_events(tmp_path, small_path)


def prompts(server: ChatServer) -> list[dict[str, str]]:
    return [given(request.body["messages"]) for request in server.requests]


def test_each_session_is_listed_for_each_speaker_with_the_gold_beside_it(
    server: ChatServer, data: Path, tmp_path: Path
) -> None:
    result = summarise(server.url, data, tmp_path / "out")
    assert result.exit_code == 0, result.output
    found = summaries_of(tmp_path / "out")
    assert list(found) == [*BOTH, ("Cleo", JUNE), ("Dan", JUNE)] and len(server.requests) == 8
    ada = found["Ada", NEW_YEAR]
    assert ada.said == ("Ada adopts a dog called Comet.",) and ada.events == ("Ada adopts a greyhound called Comet.",)
    assert (ada.session, ada.place, ada.earlier) == ("session_10", 2, 1)
    assert ada.found == ada.turns == ("D10:1", "D10:2") and ada.cited == ("D10:1",)  # 99 is the number of nothing
    assert ada.context_tokens > 0 and ada.answer_ms > 0 and ada.answer_usage["llm_calls"] == 1
    assert found["Dan", JUNE].said == () == found["Dan", JUNE].events
    scores = scores_of(tmp_path / "out")
    assert (scores["task"], scores["n"], scores["failed"], scores["missing"]) == ("summaries", 8, 0, 0)
    assert scores["events"] == {"said": 5, "gold": 5} and scores["retrieval"]["recall"] == 1
    assert scores["cost"]["answer"]["llm_calls"] == 8 and scores["judged"] == {}


def test_what_was_listed_before_is_shown_with_the_next_session_of_the_same_speaker_only(
    server: ChatServer, data: Path, tmp_path: Path
) -> None:
    assert summarise(server.url, data, tmp_path / "out").exit_code == 0
    earlier = {(one["speaker"], one["date"]): one["earlier"] for one in prompts(server)}
    assert earlier == {
        ("Ada", MAY): NOTHING_YET,
        ("Ben", MAY): NOTHING_YET,
        ("Ada", AUGUST): f"{MAY}: Ada joins a pottery class.",
        ("Ben", AUGUST): NOTHING_YET,
        ("Ada", NEW_YEAR): f"{MAY}: Ada joins a pottery class.",
        ("Ben", NEW_YEAR): f"{AUGUST}: Ben runs a marathon in Lisbon.",
        ("Cleo", JUNE): NOTHING_YET,
        ("Dan", JUNE): NOTHING_YET,
    }
    assert "greyhound" not in prompts(server)[0]["items"]  # full-context: the session itself, not what comes after it


def test_a_memory_is_asked_about_the_speaker_and_the_session_and_packed_to_the_budget(
    server: ChatServer, data: Path, tmp_path: Path
) -> None:
    result = summarise(server.url, data, tmp_path / "out", "--k", "3", "--context-tokens", "60", system="bm25")
    assert result.exit_code == 0, result.output
    found = summaries_of(tmp_path / "out")
    assert all(len(one.found) <= 3 and one.context_tokens <= 60 for one in found.values())
    assert {one.question for one in found.values() if one.speaker == "Ben"} == {
        f"What events in Ben's life were told of at {date}?" for date in (MAY, AUGUST, NEW_YEAR)
    }
    assert any(set(one.found) - set(one.turns) for one in found.values())  # what a memory finds is not cut to a session
    assert 0 < scores_of(tmp_path / "out")["retrieval"]["recall"] < 1


def test_the_manifest_names_the_reader_and_its_prompt(server: ChatServer, data: Path, tmp_path: Path) -> None:
    assert summarise(server.url, data, tmp_path / "out", "--limit", "3").exit_code == 0
    manifest = RunFolder(tmp_path / "out").read_manifest()
    assert manifest.reader is not None and list(manifest.reader["prompts"]) == ["summarise_events"]
    assert manifest.reader["model"] == "openai:scripted"
    assert manifest.reader["budget"] is None  # of full-context; of other systems, unless told, 4,000 tokens
    assert manifest.configuration["ks"] == [30] and manifest.spent["llm_calls"] == 3
    assert list(summaries_of(tmp_path / "out")) == BOTH[:3]


def test_scores_are_the_same_whatever_is_done_at_once(server: ChatServer, data: Path, tmp_path: Path) -> None:
    one, many = tmp_path / "one", tmp_path / "many"
    assert summarise(server.url, data, one).exit_code == 0
    assert summarise(server.url, data, many, "--concurrency", "4").exit_code == 0
    parts = ("n", "metrics", "events", "retrieval")
    assert [scores_of(one)[part] for part in parts] == [scores_of(many)[part] for part in parts]
    assert [found.earlier for found in summaries_of(one).values()] == [
        found.earlier for found in summaries_of(many).values()
    ]


def test_rouge_is_measured_by_speaker_and_by_session(server: ChatServer, data: Path, tmp_path: Path) -> None:
    assert summarise(server.url, data, tmp_path / "out").exit_code == 0
    metrics = scores_of(tmp_path / "out")["metrics"]
    # Sessions with an event on either side: Ada's May 1, Ben's May 0 (nothing listed), Ben's August 1, Ada's new year
    # 5 of 6 words each: 10/12, Ben's new year 0 (nothing happened), Cleo's 4 words of 5 and of 7: 8/12.
    assert metrics["session"]["n"] == 6
    assert metrics["session"]["rouge1"] == pytest.approx((1 + 0 + 1 + 10 / 12 + 0 + 8 / 12) / 6)
    # In the same order bigrams: 1, 0, 1, 3 of 5 and 5: 6/10, 0, "as a" and "a nurse" of 4 and 6: 4/10.
    assert metrics["session"]["rouge2"] == pytest.approx((1 + 0 + 1 + 6 / 10 + 0 + 4 / 10) / 6)
    # By speaker: Ada 10 words of 11 and 11; Ben 7 (twice "Ben") of 10 and of 11: 14/21; Cleo 8/12; Dan has none.
    assert metrics["speaker"]["n"] == 3
    assert metrics["speaker"]["rouge1"] == pytest.approx((20 / 22 + 14 / 21 + 8 / 12) / 3)
    # Ben's longest common subsequence is the marathon, 6 words: 12/21.
    assert metrics["speaker"]["rouge_l"] == pytest.approx((20 / 22 + 12 / 21 + 8 / 12) / 3)


def test_a_session_that_failed_is_a_record_and_tried_again(server: ChatServer, data: Path, tmp_path: Path) -> None:
    refused = {"Ada": True}

    def first_refused(messages: Messages) -> str:
        asked = given(messages)
        return "no JSON" if refused["Ada"] and (asked["speaker"], asked["date"]) == ("Ada", MAY) else reply(messages)

    server.answer = first_refused
    out = tmp_path / "out"
    assert summarise(server.url, data, out).exit_code == 0
    failures = [one for one in RunFolder(out).read(SUMMARISED) if isinstance(one, Failure)]
    assert [(one.question_id, one.category, one.stage, one.error) for one in failures] == [
        ("locomo_conv-1_session_1_Ada", "Ada", "read", "MalformedReply")
    ]
    scores = scores_of(out)
    assert (scores["n"], scores["failed"], scores["missing"]) == (7, 1, 0)
    # Not zero: Ada is measured by the other sessions, 10/12.
    assert scores["metrics"]["speaker"]["rouge1"] == pytest.approx((10 / 12 + 14 / 21 + 8 / 12) / 3)
    assert summaries_of(out)["Ada", NEW_YEAR].earlier == 0
    refused["Ada"], before = False, len(server.requests)
    assert summarise(server.url, data, out).exit_code == 0
    assert len(server.requests) == before + 1 and prompts(server)[-1]["earlier"] == NOTHING_YET
    assert (scores_of(out)["n"], scores_of(out)["failed"]) == (8, 0)
    assert scores_of(out)["metrics"]["speaker"]["rouge1"] == pytest.approx((20 / 22 + 14 / 21 + 8 / 12) / 3)


def test_what_a_system_raises_or_invents_is_a_failure_of_retrieval(
    server: ChatServer, data: Path, tmp_path: Path, scripted: Callable[..., ScriptedSystem]
) -> None:
    dataset = load_dataset("locomo", data)
    selection = select_events(dataset, data, ["conv-1"])
    asked = {(one.category, one.text.rpartition(" at ")[2]): one.text for one in selection.questions}
    system = scripted({asked["Ada", f"{MAY}?"]: ["D9:9"], asked["Ben", f"{MAY}?"]: ValueError("squawk")})
    configuration = RunConfiguration(
        "summaries", "locomo", "scripted", ks=(5,), reader_llm="openai:x", context_tokens=100
    )
    folder, purse = RunFolder(tmp_path / "out"), Purse(Budget())
    summariser = Summariser(purse.wrap(open_chat("openai:x", server.url)), 100)
    manifest = new_manifest(configuration, dataset, selection, system.describe(), reader=summariser.describe())
    run_summaries(Run(system, selection, folder, manifest, purse), summariser, 5)
    failures = [one for one in folder.read(SUMMARISED) if isinstance(one, Failure)]
    assert [(one.stage, one.error) for one in failures] == [("retrieve", "UnknownName"), ("retrieve", "ValueError")]
    assert len(folder.read(SUMMARISED)) == 6 and len(server.requests) == 4


def test_a_budget_stops_the_run_and_a_larger_one_goes_on(server: ChatServer, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    stopped = summarise(server.url, data, out, "--max-calls", "3")
    assert stopped.exit_code == 3 and "The budget of 3 calls is spent" in " ".join(stopped.stderr.split())
    assert (scores_of(out)["n"], scores_of(out)["missing"]) == (3, 5)
    assert summarise(server.url, data, out, "--max-calls", "8").exit_code == 0 and len(server.requests) == 8
    assert prompts(server)[-4]["earlier"] == f"{MAY}: Ada joins a pottery class."  # from the first start
    refused = summarise(server.url, data, out, "--k", "7")
    assert refused.exit_code == 1 and "another configuration" in refused.stderr


@pytest.mark.parametrize("concurrency", ["1", "2"])
def test_a_run_that_is_killed_while_the_model_speaks_ends_with_the_same_summaries(
    concurrency: str, data: Path, tmp_path: Path
) -> None:
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    env = {name: value for name, value in os.environ.items() if name != "OPENAI_BASE_URL"}
    running: list[subprocess.Popen[bytes]] = []
    deadly, asked, counting = random.Random(3).randrange(2, 7), 0, threading.Lock()

    def deadly_reply(messages: Messages) -> str:
        nonlocal asked
        with counting:
            asked += 1
            if asked == deadly:
                running[0].kill()
        return reply(messages)

    with chat_server(answer=deadly_reply) as server:
        common = ["--task", "summaries", "--dataset", "locomo", "--data", str(data), "--system", "bm25"]
        common += ["--reader-llm", "openai:x", "--base-url", server.url, "--concurrency", concurrency]
        line = [sys.executable, "-m", "agentmem_evals", "run", *common, "--out", str(killed)]
        running.append(subprocess.Popen(line, env=env, stderr=subprocess.DEVNULL))
        assert running[0].wait(120) == -signal.SIGKILL
        before, written = asked, killed / "predictions.jsonl"
        kept = written.read_bytes().count(b"\n") if written.exists() else 0
        assert invoke("run", *common, "--out", killed).exit_code == 0
        assert asked - before == 8 - kept  # what was written is not asked again
        assert invoke("run", *common, "--out", whole).exit_code == 0
    names = ("said", "events", "found", "cited", "earlier", "context_tokens")
    first, second = (
        {key: [getattr(one, name) for name in names] for key, one in summaries_of(out).items()}
        for out in (killed, whole)
    )
    assert first == second and len(first) == 8


def test_runs_are_reported_side_by_side(server: ChatServer, data: Path, tmp_path: Path) -> None:
    result = summarise(server.url, data, tmp_path / "runs", "--system", "bm25")
    assert result.exit_code == 0, result.output
    runs = (tmp_path / "runs" / "full-context", tmp_path / "runs" / "bm25")
    shown = invoke("report", *runs, "--markdown")
    assert shown.exit_code == 0
    assert "| ROUGE-1 of sessions | 58.3 | 58.3 |" in shown.stdout  # the model says the same whatever it reads
    assert "turns of the session that were read | 100.0 |" in shown.stdout and "facts" not in shown.stdout
    page = tmp_path / "page.html"
    assert invoke("report", *runs, "--html", page).exit_code == 0 and "Summaries: locomo" in page.read_text()
    assert json.loads(invoke("report", *runs, "--json").stdout)[0]["scores"]["task"] == "summaries"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--k", "5,10"), "pass one --k"),
        (("--seed", "0"), "no use for --seed"),
        (("--half", "held_out"), "no use for --half"),
        (("--dataset", "locomo-observations"), "has no event summaries: use --dataset locomo"),
        (("--context-tokens", "-1"), "0 for no limit"),
    ],
)
def test_wrong_options_are_refused(
    server: ChatServer, data: Path, tmp_path: Path, more: tuple[str, ...], message: str
) -> None:
    result = summarise(server.url, data, tmp_path / "out", *more)
    assert result.exit_code == 1 and message in " ".join(result.stderr.split())
    assert not server.requests and not (tmp_path / "out").exists()


def test_without_a_reader_or_without_events_nothing_is_asked(data: Path, small_path: Path, tmp_path: Path) -> None:
    command = ("run", "--task", "summaries", "--dataset", "locomo", "--system", "bm25", "--out", tmp_path / "out")
    refused = invoke(*command, "--data", data)
    assert refused.exit_code == 1 and "pass --reader-llm" in " ".join(refused.stderr.split())
    refused = invoke(*command, "--data", small_path, "--reader-llm", "openai:x")
    assert refused.exit_code == 1 and "event_summary" in " ".join(refused.stderr.split())


@pytest.mark.data
def test_the_development_file_asks_about_every_session_and_speaker() -> None:
    path = (data_root() or REPOSITORY.parent / "shared" / "data") / "locomo" / "locomo_dev.json"
    if not path.is_file():
        pytest.skip(f"the LoCoMo development file is neither in ${DATA_VARIABLE}/locomo nor in ../shared/data/locomo")
    selection = select_events(load_dataset("locomo", path), path)
    questions = [one for one in selection.questions if isinstance(one, EventQuestion)]
    assert len(questions) == 256 and sum(not one.parts for one in questions) == 50
    assert sum(len(one.parts) for one in questions) == 302
    first, last = questions[0], questions[-1]
    assert (first.speaker, first.session, first.place, first.parts) == (
        "Caroline",
        "session_1",
        0,
        ("Caroline attends an LGBTQ support group for the first time.",),
    )
    assert (last.session, last.place) == ("session_29", 28) and len({one.id for one in questions}) == 256
