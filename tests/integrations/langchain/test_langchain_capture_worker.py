"""The queue behind the middleware: order, bounds, failures, and its end."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("langchain_agentmem", reason="needs langchain-agentmem: pip install -e integrations/langchain")

from langchain_agentmem import CaptureFailed, CaptureUnfinished
from langchain_agentmem.capture_worker import Capture, CaptureWorker

from agentmem import AgentMemory, Message, Scope
from agentmem.errors import InvalidInput


def capture(scope, text):
    return Capture(Scope(scope), (Message(text),))


class Gate:
    """A writer that waits until it is let go, and writes down what it wrote."""

    def __init__(self, open=False):
        self.written = defaultdict(list)
        self.begun = threading.Semaphore(0)
        self.gate = threading.Event()
        if open:
            self.gate.set()

    def __call__(self, capture):
        self.begun.release()
        self.gate.wait(30)
        self.written[capture.scope.path].append(capture.messages[0].text)


@given(st.lists(st.sampled_from("abc"), max_size=40), st.integers(1, 4), st.integers(1, 5))
def test_each_scope_is_written_in_order(scopes, threads, waiting):
    writer = Gate(open=True)
    worker = CaptureWorker(writer, threads=threads, waiting=waiting)
    expected = defaultdict(list)
    for number, scope in enumerate(scopes):
        assert worker.submit(capture(scope, str(number)))
        expected[scope].append(str(number))
    worker.flush()
    assert writer.written == expected
    worker.close()


def test_a_slow_scope_does_not_hold_up_another():
    slow, done = threading.Event(), []

    def write(one):
        if one.scope == Scope("slow"):
            slow.wait(30)
        done.append(one.scope.path)

    worker = CaptureWorker(write, threads=2, waiting=10)
    worker.submit(capture("slow", "1"))
    worker.submit(capture("fast", "2"))
    with pytest.raises(CaptureUnfinished, match="flush again"):
        worker.flush(timeout=0.05)
    assert done == ["fast"]
    slow.set()
    worker.close()
    assert done == ["fast", "slow"]


def test_a_full_queue_lets_the_agent_wait_and_drops_nothing():
    writer = Gate()
    worker = CaptureWorker(writer, threads=1, waiting=2)
    assert worker.submit(capture("a", "1")) and worker.submit(capture("a", "2"))
    assert not worker.submit(capture("a", "3"), wait=False)
    blocked = threading.Thread(target=worker.submit, args=(capture("a", "3"),))
    blocked.start()
    writer.gate.set()
    blocked.join(30)
    worker.close()
    assert writer.written["a"] == ["1", "2", "3"]


def test_flush_waits_for_what_was_there_and_not_for_what_comes_later():
    writer, flushed = Gate(), threading.Event()
    worker = CaptureWorker(writer, threads=2, waiting=10)
    worker.submit(capture("a", "1"))
    writer.begun.acquire(timeout=30)
    flushing = threading.Thread(target=lambda: (worker.flush(), flushed.set()))
    flushing.start()
    assert not flushed.is_set()
    writer.gate.set()
    flushing.join(30)
    assert flushed.is_set()
    worker.close()


def test_a_failure_is_raised_once_and_holds_what_was_not_stored():
    def write(one):
        if one.messages[0].text == "bad":
            raise ValueError("no")

    worker = CaptureWorker(write, threads=1, waiting=10)
    for text in ("good", "bad", "good"):
        worker.submit(capture("a", text))
    with pytest.raises(CaptureFailed, match="ValueError: no") as raised:
        worker.flush()
    assert [(failed.scope, failed.messages[0].text) for failed in raised.value.failures] == [(Scope("a"), "bad")]
    worker.flush()
    worker.close()
    worker.close()


def test_it_has_threads_and_room():
    for threads, waiting in ((0, 1), (1, 0)):
        with pytest.raises(InvalidInput):
            CaptureWorker(print, threads=threads, waiting=waiting)


def test_what_waits_when_the_interpreter_ends_is_stored(tmp_path):
    code = """
import sys, time
from agentmem import AgentMemory, Message, Scope
from langchain_agentmem.capture_worker import Capture, CaptureWorker
store = AgentMemory.open(sys.argv[1], embedder="none")
def write(one):
    time.sleep(0.05)
    store.scope(one.scope).add(one.messages)
worker = CaptureWorker(write, threads=2, waiting=50)
for number in range(6):
    worker.submit(Capture(Scope("ab"[number % 2]), (Message(f"Otter {number}."),)))
"""
    path = str(tmp_path / "end.db")
    subprocess.run([sys.executable, "-W", "error", "-c", code, path], check=True, capture_output=True, timeout=120)
    with AgentMemory.open(path, embedder="none") as store:
        assert sum(len(store.scope(name).list()) for name in "ab") == 6
