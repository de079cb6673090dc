"""The model is changed while other threads of the process add and ask: no vector of one model meets one of another."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pytest

from agentmem import AgentMemory
from agentmem.testing import FakeEmbedder

INDEXES = ["exact", pytest.param("chroma", marks=pytest.mark.filterwarnings("ignore::DeprecationWarning"))]
pytestmark = pytest.mark.usefixtures("switching_often")


class Mirrored(FakeEmbedder):
    """Vectors of the same size that mean something else."""

    @property
    def fingerprint(self):
        return f"mirrored:{self.dimension}"

    def embed_query(self, text):
        return np.ascontiguousarray(super().embed_query(text)[::-1])


@contextmanager
def meanwhile(*works):
    """Do these over and over, each in a thread; what one raises is raised at the end."""
    stop, begun = threading.Event(), threading.Barrier(len(works) + 1)

    def loop(work):
        begun.wait(10)
        turn = 0
        while not stop.is_set():
            work(turn)
            turn += 1

    with ThreadPoolExecutor(len(works)) as pool:
        running = [pool.submit(loop, work) for work in works]
        try:
            begun.wait(10)
            yield
        finally:
            stop.set()
        for one in running:
            one.result()


def cosines(store, query):
    return {hit.text: hit.signals["dense"] for hit in store.scope("a").retrieve(query, k=100)}


@pytest.mark.parametrize("index", INDEXES)
@pytest.mark.parametrize("other", [Mirrored(16), FakeEmbedder(8)], ids=["same size", "other size"])
def test_after_a_reindex_among_questions_answers_are_those_of_the_new_model(tmp_path, clock, index, other):
    models = [FakeEmbedder(16), other]
    with AgentMemory.open(tmp_path / "live.db", embedder=models[0], clock=clock, index=index) as store:
        handle = store.scope("a")
        handle.add([f"otter {i} of word{i}" for i in range(60)])

        def ask(_turn):
            assert handle.retrieve("word5 otter", k=3)[0].text == "otter 5 of word5"

        for turn in range(10 if index == "exact" else 3):
            model = models[(turn + 1) % 2]
            with meanwhile(ask, ask, ask):
                store.reindex(model)
            with AgentMemory.open(tmp_path / "live.db", embedder=model, clock=clock) as again:
                assert cosines(store, "word5 otter") == pytest.approx(cosines(again, "word5 otter"), abs=1e-4)
        assert store.check() == ()


@pytest.mark.parametrize("index", INDEXES)
def test_what_is_added_among_reindexes_is_there_once(tmp_path, clock, index):
    with AgentMemory.open(tmp_path / "live.db", embedder=FakeEmbedder(16), clock=clock, index=index) as store:
        handle = store.scope("a")
        handle.add([f"otter {i}" for i in range(60)])
        (kept,) = handle.add("version 0").ids
        added, versions = [], []

        def add(turn):
            added.extend(handle.add((f"cat {turn} {part}" for part in range(3)), batch_size=1).ids)

        def update(turn):
            versions.append(handle.update(kept, text=f"version {turn + 1}").version)

        def ask(turn):
            assert handle.retrieve(f"otter {turn % 60}", k=3)

        with meanwhile(add, update, ask):
            for turn in range(10 if index == "exact" else 3):
                store.reindex(FakeEmbedder((8, 16)[turn % 2]))
        handle.retrieve("otter")
        assert handle.stats().pending_vectors == 0 and store.check() == ()
        assert handle.stats().memories == 61 + len(set(added)) and len(added) == len(set(added))
        assert versions == list(range(2, len(versions) + 2))
