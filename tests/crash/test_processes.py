"""Several processes on one database: nothing doubled, nothing lost, everything seen."""

from __future__ import annotations

import threading

import pytest

from agentmem import AgentMemory
from agentmem.testing import FakeEmbedder


def finish(*processes):
    outputs = []
    for process in processes:
        output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        outputs.append(output)
    return outputs


def test_two_processes_add_the_same_refs_and_each_is_there_once(child, database):
    code = """
    handle = opened().scope("a")
    duplicates = 0
    for i in range(40):
        duplicates += handle.add(f"otter {i}", ref=f"r{i}").duplicates
        handle.add(f"own {os.getpid()} {i}")
    print(duplicates)
    """
    counts = finish(child.start(code), child.start(code))
    assert sum(map(int, counts)) == 40
    with AgentMemory.open(database, embedder=FakeEmbedder()) as store:
        handle = store.scope("a")
        handle.retrieve("otter")
        stats = handle.stats()
        assert (stats.episodes, stats.memories, stats.vectors, stats.pending_vectors) == (120, 120, 120, 0)


def test_increments_of_two_processes_with_compare_and_swap_are_all_counted(child, database):
    with AgentMemory.open(database, embedder="none") as store:
        (id,) = store.scope("a").add("0").ids
    code = f"""
    handle = opened(embedder="none").scope("a")
    for _ in range(30):
        while True:
            memory = handle.get({id!r})
            try:
                handle.update(memory.id, text=str(int(memory.text) + 1), expected_version=memory.version)
                break
            except VersionConflict:
                pass
    """
    finish(child.start(code), child.start(code))
    with AgentMemory.open(database, embedder="none") as store:
        assert store.scope("a").get(id).text == "60" and store.scope("a").get(id).version == 61


def test_a_reader_finds_what_another_process_wrote_just_before(child, database):
    say = Conversation(child)
    with AgentMemory.open(database, embedder=FakeEmbedder()) as store:
        handle = store.scope("a")
        for i in range(5):
            say(f"add {i}")
            assert f"otter number {i}" in {hit.text for hit in handle.retrieve(f"otter number {i}", k=10)}
        say("update 0")
        assert handle.retrieve("walrus", k=1)[0].text == "walrus number 0"
        say("retire 1")
        assert "otter number 1" not in {hit.text for hit in handle.retrieve("otter", k=10)}
        say("forget 2")
        assert "otter number 2" not in {hit.text for hit in handle.retrieve("otter number 2", k=10)}
        assert len(handle.retrieve("number", k=10)) == 3
    say.close()


class Conversation:
    """A writing process that is told what to do, a line at a time."""

    CODE = """
    import pathlib
    handle = opened().scope("a")
    ids = []
    orders = pathlib.Path(database + ".orders")
    with open(orders) as lines:
        for line in lines:
            word, argument = line.split()
            if word == "add":
                ids += handle.add(f"otter number {argument}").ids
            elif word == "update":
                handle.update(ids[int(argument)], text=f"walrus number {argument}")
            elif word == "retire":
                handle.retire(ids[int(argument)])
            else:
                handle.forget(ids=[ids[int(argument)]])
            print("done", flush=True)
    """

    def __init__(self, child):
        import os

        path = f"{child._database}.orders"
        os.mkfifo(path)
        self._process = child.start(self.CODE)
        self._orders = open(path, "w")  # noqa: PTH123, SIM115

    def __call__(self, order):
        self._orders.write(order + "\n")
        self._orders.flush()
        answer = self._process.stdout.readline()
        assert answer == "done\n", self._process.stderr.read()

    def close(self):
        self._orders.close()
        assert self._process.wait(30) == 0
        self._process.stdout.close()
        self._process.stderr.close()


def test_processes_that_open_a_new_file_at_once_all_succeed(child, database):
    code = """
    store = opened()
    store.scope("a").add(f"otter {os.getpid()}")
    """
    finish(*[child.start(code) for _ in range(4)])
    with AgentMemory.open(database, embedder=FakeEmbedder()) as store:
        assert store.scope("a").stats().episodes == 4


def test_one_process_forgets_while_another_adds(child, database):
    adding = child.start(
        """
        handle = opened().scope("a")
        for i in range(40):
            handle.add(f"otter {i}", session="keep")
            handle.add(f"walrus {i}", session="gone")
        """
    )
    forgotten = 0
    with AgentMemory.open(database, embedder=FakeEmbedder()) as store:
        handle = store.scope("a")
        while adding.poll() is None:
            forgotten += handle.forget(session="gone", compact=False).memories
            handle.retrieve("otter")
        finish(adding)
        forgotten += handle.forget(session="gone").memories
        assert forgotten == 40 and handle.stats().episodes == 40
        assert len(handle.retrieve("otter", k=100)) == 40


def test_a_writer_that_waits_too_long_is_told_that_the_database_is_busy(database, monkeypatch, clock):
    from agentmem.errors import StoreBusy
    from agentmem.store import sqlite

    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 100)
    with (
        AgentMemory.open(database, embedder="none", clock=clock) as one,
        AgentMemory.open(database, embedder="none", clock=clock) as two,
    ):
        two.scope("a").add("walrus")
        with one.parts.store.write(one.scope("a").scope):
            for call in (lambda: two.scope("a").add("otter"), lambda: two.scope("a").forget(everything=True)):
                with pytest.raises(StoreBusy):
                    call()
            assert [hit.text for hit in two.scope("a").retrieve("walrus")] == ["walrus"]  # readers never wait
        two.scope("a").add("otter")
        assert two.scope("a").stats().episodes == 2


def test_a_reader_in_one_thread_is_never_kept_waiting_by_a_writer(store, handle):
    handle.add("otter")
    inside, leave = threading.Event(), threading.Event()

    def hold():
        with store.parts.store.write(handle.scope):
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert inside.wait(10)
        assert len(handle.list()) == 1 and handle.stats().episodes == 1 and handle.retrieve("otter")
    finally:
        leave.set()
        thread.join()
