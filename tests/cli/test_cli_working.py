"""The worker, what waits for it, and another try."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys

import pytest

from agentmem import AgentMemory
from agentmem.errors import LLMUnavailable
from agentmem.testing import FakeClock
from agentmem.testing.chat import ScriptedChat


@pytest.fixture
def two(cli, monkeypatch):
    """Two scopes, a session in each; a recipe with one structure."""
    monkeypatch.setenv("AGENTMEM_RECIPE", "facts")
    cli("add", "I moved to Lisbon in May.", "--speaker", "Ana", "--session", "s1", "--scope", "acme/ana")
    cli("add", "Rita has a bakery in Porto.", "--speaker", "Bo", "--session", "s1", "--scope", "acme/bo")
    return cli


def lines(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def waiting(cli, scope, *options):
    (found,) = cli.json("status", "--scope", scope, *options)["scopes"]
    return found["waiting"][0]


def test_the_worker_does_all_scopes_and_says_so(two) -> None:
    assert waiting(two, "acme/bo")["new"] == 1
    result = two("worker", "--once")
    assert "2 turns, 2 units of work; added:" in result.stdout and "0 calls" in result.stdout
    assert "acme/ana: " in result.stderr and "acme/bo: " in result.stderr and "bakery" not in result.stderr
    assert two.json("list", "--kind", "fact", "--scope", "acme/bo")["items"]
    assert "0 turns" in two("worker", "--once").stdout
    assert waiting(two, "acme/bo")["new"] == waiting(two, "acme/bo")["deferred"] == 0


def test_as_json_it_says_a_line_for_each_thing_and_the_totals_last(two) -> None:
    result = two("worker", "--once", "--json", "--limit", 1, "--jobs", 2)
    *said, last = lines(result)
    assert {line["scope"] for line in said} == {"acme/ana", "acme/bo"} and result.stderr == ""
    assert all(line["units"] == 1 and line["run"].startswith("run_") and line["level"] == "info" for line in said)
    assert last["message"] == "ended" and last["worked"]["units"] == 2 and last["worked"]["stopped"] is None


def test_logging_is_as_before_afterwards(two) -> None:
    before = list(logging.getLogger("agentmem").handlers)
    two("worker", "--once")
    library = logging.getLogger("agentmem")
    assert library.handlers == before and library.propagate and library.level == logging.NOTSET


def test_a_budget_bounds_it_and_the_next_one_goes_on(two, scripted, reply) -> None:
    chat = scripted(reply, reply)
    result = two("worker", "--once", "--llm", "openai:scripted", "--max-calls", 1)
    assert "its budget of 1 calls is spent" in result.stdout and len(chat.requests) == 1
    assert lines(two("worker", "--once", "--llm", "openai:scripted", "--json"))[-1]["worked"]["units"] == 1


def test_what_fails_is_told_listed_and_tried_again(two, scripted, reply) -> None:
    scripted(*[LLMUnavailable("Away.")] * 2)
    result = two("worker", "--once", "--llm", "openai:scripted", code=1)
    assert "failed 1 (LLMUnavailable)" in result.stderr and "2 failed, and wait for a retry" in result.stdout
    found = waiting(two, "acme/ana")
    assert (found["deferred"], found["failed"], found["dead"], found["due"]) == (1, 1, 0, 0)
    output = two("status").stdout
    assert "something waits in 2" in output and "LLMUnavailable" in output and "next try" in output
    assert two.json("retry")["due"] == 0 and "0 episodes and memories are due" in two("retry").stdout
    assert two.json("retry", "--all", "--scope", "acme/ana") == {"due": 1, "scopes": {"acme/ana": 1}}
    scripted(reply)
    assert lines(two("worker", "--once", "--llm", "openai:scripted", "--json"))[-1]["worked"]["units"] == 1


def test_dead_letters_are_told_and_come_back(two) -> None:
    clock = FakeClock()
    llm = ScriptedChat({"extract": LLMUnavailable("Away.")})
    with AgentMemory.open("agentmem.db", embedder="none", clock=clock, recipe="facts", llm=llm) as store:
        for _day in range(10):
            store.work()
            clock.advance(days=2)
    assert waiting(two, "acme/bo")["dead"] == 1
    assert "agentmem retry" in two("status").stdout
    assert two.json("retry")["due"] == 2
    assert "units 1" in two("worker", "--once").stderr


def test_who_holds_what_is_shown(two) -> None:
    from datetime import timedelta

    from agentmem import clock
    from agentmem.protocols import Cursor

    with AgentMemory.open("agentmem.db", embedder="none", recipe="facts") as store:
        handle = store.scope("acme", "ana")
        follower = f"structure:{handle.waiting()[0].follower}"
        for step, said in ((timedelta(minutes=5), "4711-x"), (timedelta(minutes=-5), "left")):
            with store.parts.store.write(handle.scope) as writer:
                writer.set_cursor(follower, Cursor(0, "4711-x", clock.now() + step))
            assert said in two("status").stdout


def test_with_nothing_to_do(cli) -> None:
    assert cli.error("worker", "--once", code=5)["type"] == "NoDatabase"
    cli("add", "x")
    cli("worker", "--once")
    assert "1 scope: nothing waits." in cli("status").stdout
    assert cli.json("status", "--scope", "nobody")["scopes"] == [{"scope": "nobody", "waiting": []}]
    assert [one["scope"] for one in cli.json("status")["scopes"]] == ["acme/user-7"]


def test_what_waits_depends_on_the_recipe(two) -> None:
    two("worker", "--once")
    assert waiting(two, "acme/ana")["new"] == 0
    assert waiting(two, "acme/ana", "--recipe", "summaries")["new"] == 1


def test_wrong_command_lines_are_refused(two) -> None:
    for wrong in (["--jobs", 0], ["--quiet", -1], ["--max-retired", 2], ["--once", "--schedule", "0 3 * * *"]):
        assert two.error("worker", *wrong, code=2)["type"] == "UsageError"
    assert "cron" in two.error("worker", "--schedule", "soon", code=1)["message"]
    assert "zone" in two.error("worker", "--schedule", "0 3 * * *", "--zone", "Mars", code=1)["message"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_good_order(two, number) -> None:
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "agentmem", "worker", "--json", "--quiet", "0", "--interval", "0.1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    try:
        first = [json.loads(process.stdout.readline()) for _scope in range(2)]
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, err) == (0, "")
    assert {line["scope"] for line in first} == {"acme/ana", "acme/bo"}
    last = json.loads(out.splitlines()[-1])
    assert last["message"] == "ended" and last["worked"]["stopped"] == "it was told to stop"
    assert all(waiting(two, scope)["owner"] is None for scope in ("acme/ana", "acme/bo"))


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_a_second_signal_ends_it_at_once(two, tmp_path) -> None:
    """The model never answers; the first signal waits for it in vain."""
    code = """
import sys
from agentmem.models.chat.structured import StructuredLLM
from agentmem.testing.chat import ScriptedChat
import agentmem.models.chat.loading as loading

def never(request):
    print("asked", flush=True)
    import threading
    threading.Event().wait()

loading.load_llm = lambda name: StructuredLLM(ScriptedChat({"extract": never}))
from agentmem.cli import app
app(["worker", "--llm", "openai:never", "--json", "--quiet", "0"])
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    try:
        assert process.stdout.readline() == "asked\n"
        process.send_signal(signal.SIGTERM)
        handled = process.poll()
        while process.poll() is None:  # the first may not have been handled yet, so send until it ends
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    finally:
        process.kill()
    assert handled is None and process.returncode == -signal.SIGTERM
    assert waiting(two, "acme/ana")["deferred"] == 1  # under the lease of the dead
