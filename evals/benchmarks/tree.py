"""MemTree without a language model: one text put into a tree of 10,000 texts, without the embedding model's time."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from agentmem_evals.embedding.meter import MeteredEmbedder

from agentmem import AgentMemory
from agentmem.recipes import recipe_named
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.structures.trees.memtree import MemTree
from agentmem.testing import FakeEmbedder
from evals.benchmarks.corpus import Corpus
from evals.benchmarks.output import Figure, Result, command
from evals.benchmarks.store import BATCH, DIMENSION

TEXTS = 10_000
INSERTS = 50


class TimedTree:
    """A MemTree that notes how long it thinks: placing, and rewriting the summaries above, without storing them."""

    def __init__(self) -> None:
        self._tree = MemTree()
        self.name, self.kinds, self.reads = self._tree.name, self._tree.kinds, self._tree.reads
        self.seconds = 0.0

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        proposals = self._tree.propose(units, view, models)
        while True:
            started = time.perf_counter()
            proposal = next(proposals, None)
            self.seconds += time.perf_counter() - started
            if proposal is None:
                return
            yield proposal


def measure() -> Result:
    """Build, then insert one text at a time: placing it, rewriting the summaries above it, and storing all that."""
    messages = Corpus().messages(TEXTS + INSERTS)
    tree = TimedTree()
    embedder = MeteredEmbedder(FakeEmbedder(dimension=DIMENSION))
    with (
        tempfile.TemporaryDirectory(prefix="agentmem-bench-") as folder,
        AgentMemory.open(
            Path(folder) / "memory.db",
            embedder=embedder,
            recipe=replace(recipe_named("memtree"), structures=(lambda: tree,)),
        ) as store,
    ):
        handle = store.scope("bench")
        handle.add(messages[:TEXTS], batch_size=BATCH)
        model, started = embedder.usage.embedding_seconds, time.perf_counter()
        built = handle.consolidate()
        building = time.perf_counter() - started - (embedder.usage.embedding_seconds - model)
        thinking, times = [], []
        for message in messages[TEXTS:]:
            handle.add(message)
            model, started, before = embedder.usage.embedding_seconds, time.perf_counter(), tree.seconds
            handle.consolidate()
            thinking.append(tree.seconds - before)
            times.append(time.perf_counter() - started - (embedder.usage.embedding_seconds - model))
    inner = sum(one.added.get("memtree", 0) for one in built.built)
    figure: Figure = {
        "texts": TEXTS,
        "summaries": inner,
        "build (s)": building,
        "insert (ms)": float(np.median(thinking)) * 1_000,
        "p95 (ms)": float(np.percentile(thinking, 95)) * 1_000,
        "consolidate() (ms)": float(np.median(times)) * 1_000,
    }
    note = (
        f"{INSERTS} inserts. consolidate() claims the work, inserts, stores and embeds in several transactions; the "
        "embedding model's time is subtracted."
    )
    return Result("tree", "MemTree, without a language model", [figure], note)


if __name__ == "__main__":
    command(measure)
