"""One store, many threads: nothing is lost, nobody waits for ever, nobody sees half a change."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from agentmem import AgentMemory
from agentmem.errors import NotFound, VersionConflict
from agentmem.testing import FakeEmbedder

THREADS = 8
pytestmark = pytest.mark.usefixtures("switching_often")


def run_all(work):
    with ThreadPoolExecutor(THREADS) as pool:
        return [future.result() for future in [pool.submit(work, number) for number in range(THREADS)]]


@pytest.mark.parametrize("path", ["file", ":memory:"])
def test_eight_threads_add_and_retrieve_in_one_scope(tmp_path, clock, path):
    location = tmp_path / "memory.db" if path == "file" else path
    with AgentMemory.open(location, embedder=FakeEmbedder(), clock=clock) as store:
        handle = store.scope("a")

        def work(number):
            for i in range(8):
                (id,) = handle.add(f"otter{number} day{i}", ref=f"{number}-{i}").ids
                assert id in {hit.id for hit in handle.retrieve(f"otter{number} day{i}", k=5)}
                handle.list(limit=5)

        run_all(work)
        stats = handle.stats()
        assert (stats.episodes, stats.memories, stats.vectors, stats.pending_vectors) == (64, 64, 64, 0)


def test_eight_threads_each_in_scopes_of_their_own(store):
    def work(number):
        for i in range(12):
            handle = store.scope(f"user-{number}", f"part-{i}")
            (id,) = handle.add(f"otter {number} {i}").ids
            assert [hit.id for hit in handle.retrieve("otter")] == [id]

    run_all(work)
    assert len(store.scopes()) == THREADS * 12


def test_threads_forget_while_others_read_and_add(store):
    handle = store.scope("a")
    ids = handle.add([f"doomed otter {i}" for i in range(40)]).ids
    kept = handle.add([f"eternal cat {i}" for i in range(10)]).ids

    def work(number):
        for i in range(6):
            if number < 2:
                handle.forget(ids=[ids[number * 6 + i]], compact=False)
            elif number == 2:
                handle.add(f"late dog {i}")
            else:
                found = {hit.id for hit in handle.retrieve(f"eternal cat {i}", k=5)}
                assert kept[i] in found

    run_all(work)
    assert handle.stats().memories == 50 - 12 + 6
    assert not {hit.text for hit in handle.retrieve("doomed otter", k=100)} & {f"doomed otter {i}" for i in range(12)}


def test_one_ref_added_by_eight_threads_is_one_episode(store):
    handle = store.scope("a")
    receipts = run_all(lambda _: handle.add("otter", ref="r"))
    assert len({receipt.ids for receipt in receipts}) == 1
    assert sum(receipt.duplicates for receipt in receipts) == THREADS - 1 and handle.stats().episodes == 1


def test_increments_with_compare_and_swap_are_all_counted(store):
    handle = store.scope("a")
    (id,) = handle.add("0").ids

    def work(_number):
        for _ in range(5):
            while True:
                memory = handle.get(id)
                try:
                    handle.update(id, text=str(int(memory.text) + 1), expected_version=memory.version)
                    break
                except VersionConflict:
                    continue

    run_all(work)
    assert handle.get(id).text == str(THREADS * 5) and handle.get(id).version == THREADS * 5 + 1
    assert [entry.version for entry in handle.history(id)] == list(range(1, THREADS * 5 + 2))


def test_a_scope_made_by_eight_threads_at_once_is_one_scope(store):
    run_all(lambda number: store.scope("new").add(f"otter {number}"))
    assert len(store.scopes()) == 1 and store.scope("new").stats().episodes == THREADS


def test_a_reader_sees_a_memory_before_or_after_a_change_and_never_between(store):
    handle = store.scope("a")
    (id,) = handle.add("otter version 1").ids
    stop = threading.Event()

    def write():
        for version in range(2, 25):
            handle.update(id, text=f"otter version {version}")
        stop.set()

    def read():
        while not stop.is_set():
            hits = handle.retrieve("otter", k=5)
            assert [hit.id for hit in hits] == [id] and hits[0].text == f"otter version {hits[0].version}"
            assert len(handle.list()) == 1

    with ThreadPoolExecutor(3) as pool:
        for future in [pool.submit(write), pool.submit(read), pool.submit(read)]:
            future.result()


def test_a_memory_that_is_forgotten_while_others_change_it_is_gone(store):
    handle = store.scope("a")
    (id,) = handle.add("otter").ids

    def work(number):
        try:
            if number == 3:
                handle.forget(ids=[id], compact=False)
            else:
                handle.update(id, text=f"otter {number}")
        except NotFound:
            pass

    run_all(work)
    with pytest.raises(NotFound):
        handle.get(id)
    assert handle.retrieve("otter") == [] and handle.stats().episodes == 0


def test_a_slow_model_does_not_hold_up_readers_of_the_same_scope(database, clock):
    class Slow(FakeEmbedder):
        def __init__(self):
            super().__init__()
            self.asked, self.go_on = threading.Event(), threading.Event()

        def embed_query(self, text):
            if text == "slow question":
                self.asked.set()
                assert self.go_on.wait(10)
            return super().embed_query(text)

    embedder = Slow()
    with AgentMemory.open(database, embedder=embedder, clock=clock) as store, ThreadPoolExecutor(2) as pool:
        handle = store.scope("a")
        handle.add("otter")
        slow = pool.submit(handle.retrieve, "slow question")
        assert embedder.asked.wait(10)
        quick = pool.submit(handle.retrieve, "otter")
        try:
            assert len(quick.result(timeout=2)) == 1
        finally:
            embedder.go_on.set()
        slow.result()
