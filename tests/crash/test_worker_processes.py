"""Workers in processes of their own: none does what another does, none loses anything, also when killed."""

from __future__ import annotations

import os
import textwrap
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from agentmem import AgentMemory
from agentmem.testing import FakeClock, FakeEmbedder

FLOWS = str(Path(__file__).parents[1] / "flows")
WORLD = f"sys.path.insert(0, {FLOWS!r})\n" + textwrap.dedent(
    """
    from small_world import calls, extraction, said, scripted

    def what(request):
        return request.prompt.variables["text"].split("named ")[1].rstrip(".")

    def tell(line):
        os.write(1, f"{line}\\n".encode())  # whole, whichever thread

    def wait_for(path):
        open(path).read()
    """
)


@pytest.fixture
def world(monkeypatch):
    monkeypatch.syspath_prepend(FLOWS)
    import small_world

    return small_world


def fill(database, world, **sessions):
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=FakeClock()) as store:
        for scope, count in sessions.items():
            turns = [world.said(f"I have {n} cats named {scope}{n}.", "Ana", f"s{n}") for n in range(count)]
            store.scope(scope).add(turns)
    return Counter(f"{scope}{n}" for scope, count in sessions.items() for n in range(count))


def start_worker(child, code, **variables):
    named = "".join(f"{name} = {value!r}\n" for name, value in variables.items())
    return child.start(WORLD + named + textwrap.dedent(code))


def gate(path):
    """A pipe whose reader waits until a writer has come and gone."""
    os.mkfifo(path)
    return path


def pass_through(path):
    with open(path, "w"):  # noqa: PTH123
        pass


def outputs(*processes):
    found = [process.communicate(timeout=200) for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), found
    return [output for output, _errors in found]


def facts(handle):
    return Counter(
        memory.text.split("named ")[1].rstrip(".") for memory in handle.list(kinds=["fact"], state=None, limit=1000)
    )


def check(database, expected, clock=None):
    """Everything is built, once; nothing waits; nobody holds a lease."""
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock or FakeClock(), recipe="facts") as store:
        built = Counter()
        for scope in store.scopes():
            handle = store.scope(scope)
            built += facts(handle)
            assert all(one.left == 0 and one.owner is None for one in handle.waiting())
            assert handle.stats().pending_vectors == 0
        assert built == expected
        assert store.work().turns == 0


@pytest.mark.parametrize("workers", [2, 3])
@pytest.mark.timeout(300)
def test_several_workers_do_each_session_once_and_all_of_them(child, database, world, workers):
    """They are told to begin together, and go on until nothing is left; each question is written down when asked."""
    expected = fill(database, world, a=150, b=60, c=40, d=40, e=10)
    code = """
    def answer(request):
        tell(what(request))
        return extraction(request)

    chat = scripted(extract=answer)
    with opened(recipe="facts", llm=chat) as store:
        wait_for(begin)
        while any(one.left for scope in store.scopes() for one in store.scope(scope).waiting()):
            store.work(limit=7, jobs=2)
    """
    gates = [gate(f"{database}.{number}") for number in range(workers)]
    processes = [start_worker(child, code, begin=path) for path in gates]
    openings = [open(path, "w") for path in gates]  # noqa: PTH123, SIM115 - each waits for its reader
    for opening in openings:
        opening.close()
    lines = [output.split() for output in outputs(*processes)]
    asked = Counter(line for part in lines for line in part)
    assert asked == expected
    assert sum(bool(part) for part in lines) == workers, "one worker did everything: this tested nothing"
    check(database, expected)


@pytest.mark.timeout(200)
def test_another_worker_takes_over_from_a_killed_one_when_its_lease_has_run_out(child, database, world):
    expected = fill(database, world, a=12, b=3)
    code = """
    def answer(request):
        if calls(chat) > 8:
            die()
        tell(what(request))
        return extraction(request)

    chat = scripted(extract=answer)
    opened(recipe="facts", llm=chat).work(limit=4)
    """
    killed = start_worker(child, code)
    output, _errors = killed.communicate(timeout=100)
    assert killed.returncode == -9
    clock, chat = FakeClock(), world.scripted()
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe="facts", llm=chat) as store:
        held = [scope.path for scope in store.scopes() if store.scope(scope).waiting()[0].owner]
        assert held == ["a"]
        store.work()
        assert not any("named a" in request.prompt.variables["text"] for request in chat.requests)
        assert store.scope("a").waiting()[0].left
        clock.advance(timedelta(minutes=3))
        done = store.work()
        assert done.stopped is None and done.failures == 0
    asked = Counter(output.split()) + Counter(
        request.prompt.variables["text"].split("named ")[1].rstrip(".") for request in chat.requests
    )
    again = asked - expected  # nobody heard what the model said to those; other replies were kept
    assert asked >= expected and sum(again.values()) <= 4 - 1
    check(database, expected, clock)


@pytest.mark.timeout(300)
def test_killed_again_and_again_nothing_is_lost_or_doubled(child, database, world):
    expected = fill(database, world, a=60, b=5)
    code = """
    import random
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    chance = random.Random(4)
    for number in range(30):
        steps = [chance.randrange(20, 160)]
        pid = os.fork()
        if pid == 0:
            clock = FakeClock()
            clock.advance(minutes=10 * number)  # every lease of the dead has run out
            store = opened(recipe="facts", llm=scripted(), clock=clock)

            def step(*_arguments):
                steps[0] -= 1
                if steps[0] < 0:
                    die()

            event.listen(Engine, "before_cursor_execute", step)
            store.work(limit=6, jobs=2)
            os._exit(0)
        print(os.waitpid(pid, 0)[1], flush=True)
    """
    (output,) = outputs(start_worker(child, code))
    assert output.split().count("9") > 8
    clock = FakeClock()
    clock.advance(minutes=1000)
    with AgentMemory.open(
        database, embedder=FakeEmbedder(), clock=clock, recipe="facts", llm=world.scripted()
    ) as store:
        store.work()
    check(database, expected, clock)


@pytest.mark.timeout(100)
def test_others_add_while_a_worker_waits_for_its_model(child, database, world, monkeypatch):
    """No transaction is open then: a writer that would have to wait is refused at once here."""
    from agentmem.store import sqlite

    fill(database, world, a=2)
    code = """
    def answer(request):
        tell("asking")
        wait_for(go_on)
        return extraction(request)

    with opened(recipe="facts", llm=scripted(extract=answer)) as store:
        print(store.work(limit=1).units)
    """
    go_on = gate(f"{database}.go-on")
    worker = start_worker(child, code, go_on=go_on)
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 0)
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=FakeClock()) as store:
        for number in range(2):
            assert worker.stdout.readline() == "asking\n"
            for n in range(20):
                store.scope("a").add(world.said(f"I have a cat named n{number}x{n}.", "Ana", f"t{number}"))
            pass_through(go_on)
        for _ in range(2):  # what was added meanwhile: two sessions
            assert worker.stdout.readline() == "asking\n"
            pass_through(go_on)
    assert outputs(worker) == ["4\n"]
