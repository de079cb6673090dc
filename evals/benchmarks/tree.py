"""MemTree without a language model: one text put into a tree of 10,000 texts, without the embedding model's time."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
from agentmem_evals.embedding.meter import MeteredEmbedder

from agentmem import AgentMemory
from agentmem.testing import FakeEmbedder
from evals.benchmarks.corpus import Corpus
from evals.benchmarks.output import Figure, Result, command
from evals.benchmarks.store import BATCH, DIMENSION

TEXTS = 10_000
INSERTS = 50


def measure() -> Result:
    """Build, then insert one text at a time: placing it, rewriting the summaries above it, and storing all that."""
    messages = Corpus().messages(TEXTS + INSERTS)
    embedder = MeteredEmbedder(FakeEmbedder(dimension=DIMENSION))
    with (
        tempfile.TemporaryDirectory(prefix="agentmem-bench-") as folder,
        AgentMemory.open(Path(folder) / "memory.db", embedder=embedder, recipe="memtree") as store,
    ):
        handle = store.scope("bench")
        handle.add(messages[:TEXTS], batch_size=BATCH)
        model, started = embedder.usage.embedding_seconds, time.perf_counter()
        built = handle.consolidate()
        building = time.perf_counter() - started - (embedder.usage.embedding_seconds - model)
        times = []
        for message in messages[TEXTS:]:
            handle.add(message)
            model, started = embedder.usage.embedding_seconds, time.perf_counter()
            handle.consolidate()
            times.append(time.perf_counter() - started - (embedder.usage.embedding_seconds - model))
    inner = sum(one.added.get("memtree", 0) for one in built.built)
    figure: Figure = {
        "texts": TEXTS,
        "summaries": inner,
        "build (s)": building,
        "insert, median (ms)": float(np.median(times)) * 1_000,
        "insert, p95 (ms)": float(np.percentile(times, 95)) * 1_000,
    }
    note = f"{INSERTS} inserts through consolidate(), stored durably; the embedding model's time is subtracted."
    return Result("tree", "MemTree, without a language model", [figure], note)


if __name__ == "__main__":
    command(measure)
