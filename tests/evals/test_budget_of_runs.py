"""A budget stops a run cleanly, in whatever it is counted, and a larger one goes on from there."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from agentmem_evals.cli import app
from agentmem_evals.datasets.selection import select
from agentmem_evals.runner.configuration import RunConfiguration
from agentmem_evals.runner.execute import run_retrieval
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.loop import Run
from agentmem_evals.runner.manifest import new_manifest
from agentmem_evals.runner.purse import Purse, spent_between, total_usage, usage_as_json
from agentmem_evals.types import Body, Dataset, Retrieved
from typer.testing import CliRunner, Result

from agentmem.errors import BudgetExhausted, LLMUnavailable
from agentmem.llm import ChatReply, ChatRequest
from agentmem.models.chat.budget import Budget
from agentmem.testing.chat_server import ChatServer, chat_server
from agentmem.testing.conformance.chat import TEXTS, request_about
from agentmem.types import Usage

if TYPE_CHECKING:
    from conftest import ScriptedSystem

REQUEST = request_about(TEXTS[0])


class Chat:
    """Answers, at ten tokens for a prompt and two for a reply; or fails."""

    name = "chat"

    def __init__(self, *, broken: bool = False) -> None:
        self.broken = broken
        self.calls = 0
        self._lock = threading.Lock()

    def reply(self, request: ChatRequest) -> ChatReply:
        with self._lock:
            self.calls += 1
        if self.broken:
            raise LLMUnavailable("The model is away. Try again.")
        return ChatReply("{}", Usage(llm_calls=0, prompt_tokens=10, completion_tokens=2))


def calls_until_spent(budget: Budget, owed: Usage | None = None) -> int:
    purse, chat = Purse(budget), Chat()
    purse.owe(owed or Usage())
    paid = purse.wrap(chat)
    replies = (paid.reply(REQUEST) for _ in range(100))
    with pytest.raises(BudgetExhausted):
        list(replies)
    with pytest.raises(BudgetExhausted):
        purse.check()
    return chat.calls


def test_calls_tokens_and_money_are_limits_each() -> None:
    assert calls_until_spent(Budget(calls=3)) == 3
    # Twelve tokens a call: after three calls 36 are spent, which is not below 30.
    assert calls_until_spent(Budget(tokens=30)) == 3
    # A call costs 10 * 1 + 2 * 5 = 20 millionths of a dollar: five calls are 100 of them.
    assert calls_until_spent(Budget(usd=1e-4, usd_per_million_prompt=1.0, usd_per_million_completion=5.0)) == 5


def test_what_earlier_starts_spent_counts() -> None:
    assert calls_until_spent(Budget(calls=3), Usage(llm_calls=2)) == 1
    assert calls_until_spent(Budget(calls=3), Usage(llm_calls=7)) == 0


def test_one_purse_pays_for_several_models_and_failures_are_free() -> None:
    purse = Purse(Budget(calls=2, usd_per_million_prompt=100.0))
    one, other, broken = Chat(), Chat(), Chat(broken=True)
    with pytest.raises(LLMUnavailable):
        purse.wrap(broken).reply(REQUEST)
    purse.wrap(one).reply(REQUEST)
    purse.wrap(other).reply(REQUEST)
    assert purse.spent == Usage(llm_calls=2, prompt_tokens=20, completion_tokens=4)
    assert purse.usd == pytest.approx(0.002) and Purse(Budget()).usd is None
    with pytest.raises(BudgetExhausted):
        purse.wrap(one).reply(REQUEST)


def test_calls_made_at_once_never_exceed_the_budget() -> None:
    purse, chat = Purse(Budget(calls=5)), Chat()
    paid = purse.wrap(chat)

    def ask() -> None:
        for _ in range(5):
            try:
                paid.reply(REQUEST)
            except BudgetExhausted:
                return

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert chat.calls == 5 == purse.spent.llm_calls


def test_usages_are_added_and_shared() -> None:
    before, after = Usage(llm_calls=1), Usage(llm_calls=5, prompt_tokens=8, embedding_seconds=0.5)
    assert spent_between(before, after) == {"llm_calls": 4, "prompt_tokens": 8, "embedding_seconds": 0.5}
    assert spent_between(before, after, shares=4) == {"llm_calls": 1, "prompt_tokens": 2, "embedding_seconds": 0.125}
    assert total_usage([usage_as_json(after), {"llm_calls": 0.5}, {"llm_calls": 0.5}]) == Usage(
        llm_calls=6, prompt_tokens=8, embedding_seconds=0.5
    )


class Builder:
    """A scripted system that pays to build, and hides why it could not."""

    def __init__(self, inner: ScriptedSystem, purse: Purse) -> None:
        self._inner, self._chat = inner, purse.wrap(Chat())
        self.name, self.describe = inner.name, inner.describe
        self.usage, self.stored_bytes, self.close = inner.usage, inner.stored_bytes, inner.close

    def ingest(self, body: Body) -> None:
        try:
            self._chat.reply(REQUEST)
        except BudgetExhausted as error:
            raise OSError("the memory is incomplete") from error
        self._inner.ingest(body)

    def retrieve(self, question: str, k: int) -> Retrieved:
        return self._inner.retrieve(question, k)


def test_a_memory_that_could_not_be_paid_for_is_no_failure_of_the_system(
    small: Dataset, scripted: Callable[..., ScriptedSystem], tmp_path: Path
) -> None:
    folder, selection = RunFolder(tmp_path), select(small)
    configuration = RunConfiguration("retrieval", "locomo", "scripted", ks=(1,), llm="openai:x")

    def execute(purse: Purse) -> None:
        manifest = new_manifest(configuration, small, selection, {"name": "scripted"})
        run_retrieval(Run(Builder(scripted({}), purse), selection, folder, manifest, purse), 1)

    with pytest.raises(BudgetExhausted):
        execute(Purse(Budget(calls=1)))
    manifest = folder.read_manifest()
    assert list(manifest.ingests) == ["conv-1"] and manifest.finished_at is None
    assert manifest.spent == {"llm_calls": 1, "prompt_tokens": 10, "completion_tokens": 2}
    assert {record.body for record in folder.read_records()} == {"conv-1"}
    with pytest.raises(BudgetExhausted):
        execute(Purse(Budget(calls=1)))  # the budget is that of the run, not of a start
    execute(Purse(Budget(calls=2)))
    assert len(folder.read_records()) == 8 and folder.read_manifest().finished_at is not None


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    pytest.importorskip("openai")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    reply = json.dumps({"answer": "a", "cited": []})
    with chat_server(answer=lambda _messages: reply) as serving:
        yield serving


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def scores_of(out: Path) -> dict[str, Any]:
    scores: dict[str, Any] = json.loads((out / "scores.json").read_text())
    return scores


@pytest.mark.parametrize("concurrency", ["1", "4"])
def test_the_command_stops_says_so_and_goes_on(
    server: ChatServer, small_path: Path, tmp_path: Path, concurrency: str
) -> None:
    common = ("run", "--task", "qa", "--dataset", "locomo", "--data", small_path, "--system", "bm25", "--out", tmp_path)
    common = (*common, "--reader-llm", "openai:x", "--base-url", server.url, "--concurrency", concurrency)
    stopped = invoke(*common, "--max-calls", "3")
    assert stopped.exit_code == 3
    told = " ".join(stopped.stderr.split())
    assert "Stopped: The budget of 3 calls is spent." in told and "the same command with a larger one goes on" in told
    assert "Traceback" not in stopped.output and len(server.requests) == 3
    scores = scores_of(tmp_path)
    assert (scores["n"], scores["failed"], scores["missing"]) == (3, 0, 7)
    assert invoke(*common, "--max-calls", "3").exit_code == 3 and len(server.requests) == 3
    prices = ("--usd-per-million-prompt", "1", "--usd-per-million-completion", "2", "--max-usd", "5")
    assert invoke(*common, *prices, "--max-calls", "10").exit_code == 0
    assert len(server.requests) == 10 and scores_of(tmp_path)["n"] == 10
    assert invoke(*common, "--max-calls", "1").exit_code == 0  # it is finished: nothing is asked
    assert len(server.requests) == 10


def test_prices_tell_the_cost_of_each_phase(server: ChatServer, small_path: Path, tmp_path: Path) -> None:
    common = ("run", "--task", "qa", "--dataset", "locomo", "--data", small_path, "--system", "bm25", "--out", tmp_path)
    prices = ("--usd-per-million-prompt", "2", "--usd-per-million-completion", "3")
    assert invoke(*common, "--reader-llm", "openai:x", "--base-url", server.url, *prices).exit_code == 0
    cost = scores_of(tmp_path)["cost"]
    expected = (2 * cost["answer"]["prompt_tokens"] + 3 * cost["answer"]["completion_tokens"]) / 1e6
    assert cost["usd"] == {"ingest": 0, "retrieve": 0, "answer": pytest.approx(expected)}
