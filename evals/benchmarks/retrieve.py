"""Reading: one hybrid retrieval of 10 memories out of 10,000 and 100,000, without the model's time."""

from __future__ import annotations

import time

import numpy as np

from evals.benchmarks.corpus import Corpus
from evals.benchmarks.output import Figure, Result, command
from evals.benchmarks.store import BATCH, open_store

SIZES = (10_000, 100_000)
QUERIES = 100
K = 10


def at_size(size: int) -> Figure:
    """The first query, which fills the indexes, and the median and 95th percentile of the following ones."""
    corpus = Corpus()
    messages, queries = corpus.messages(size), corpus.queries(QUERIES + 1)
    with open_store() as (store, embedder):
        handle = store.scope("bench")
        handle.add(messages, batch_size=BATCH)
        times = []
        for query in queries:
            model = embedder.usage.embedding_seconds
            started = time.perf_counter()
            handle.retrieve(query, k=K)
            times.append(time.perf_counter() - started - (embedder.usage.embedding_seconds - model))
    first, later = times[0] * 1000, np.asarray(times[1:]) * 1000
    return {
        "memories": size,
        "median (ms)": float(np.median(later)),
        "p95 (ms)": float(np.percentile(later, 95)),
        "first (ms)": first,
    }


def measure() -> Result:
    """Measure reading."""
    note = f"Hybrid retrieval, k={K}, {QUERIES} queries; the embedding model's time is subtracted."
    return Result("retrieve", "Retrieving", [at_size(size) for size in SIZES], note)


if __name__ == "__main__":
    command(measure)
