"""Writing: turns a second in batches of 1,000, and one durable add, both without the model's time."""

from __future__ import annotations

import time

from evals.benchmarks.corpus import Corpus
from evals.benchmarks.measuring import median_ms
from evals.benchmarks.output import Figure, Result, command
from evals.benchmarks.store import BATCH, open_store

TURNS = 20_000
GOAL = 5_000
"""Turns a second."""
ADDS = 200


def bulk() -> Figure:
    """Many turns in one call."""
    messages = Corpus().messages(TURNS)
    with open_store() as (store, _):
        started = time.perf_counter()
        receipt = store.scope("bench").add(messages, batch_size=BATCH)
        taken = time.perf_counter() - started
    own = taken - receipt.usage.embedding_seconds
    return {
        "what": f"{TURNS:,} turns in batches of {BATCH:,}",
        "turns/s": TURNS / own,
        "goal": GOAL,
        "seconds": own,
        "model (s)": receipt.usage.embedding_seconds,
    }


def single(durability: str) -> Figure:
    """One turn in each call, on a store that holds some already."""
    messages = Corpus().messages(BATCH + ADDS)
    with open_store("full" if durability == "full" else "normal") as (store, embedder):
        handle = store.scope("bench")
        handle.add(messages[:BATCH], batch_size=BATCH)
        before = embedder.usage.embedding_seconds
        median = median_ms([lambda message=message: handle.add(message) for message in messages[BATCH:]])  # type: ignore[misc]
        model = (embedder.usage.embedding_seconds - before) / ADDS * 1000
    return {"what": f"one turn, durability {durability!r}", "median (ms)": median - model}


def measure() -> Result:
    """Measure writing."""
    rows = [bulk(), single("normal"), single("full")]
    return Result("ingest", "Adding turns", rows, "The embedding model's time is subtracted everywhere.")


if __name__ == "__main__":
    command(measure)
