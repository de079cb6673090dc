"""Consolidating facts without a language model: who repeats, refines or ends whom among 10,000."""

from __future__ import annotations

import time

import numpy as np

from agentmem.types import Message
from evals.benchmarks.output import Figure, Result, command
from evals.benchmarks.store import BATCH, open_store

FACTS = 10_000
NAMES = "Ana Ben Cleo Dov Eva Finn Gus Hana Ivo Jun".split()
PLACES = "Rome Ghent Porto Oslo Lima Kyoto Delhi Quito Accra Perth".split()
THINGS = "a piano|two cats|a red bike|an old camera|a garden|a blog|a shop|a boat|three hens|a loom".split("|")
HABITS = "paints|runs|cooks|sings|reads|swims|hikes|dances|sews|rows".split("|")


def statements(count: int, seed: int = 7) -> list[Message]:
    """Things said by ten people: homes that change, things and habits that do not, some of them twice."""
    random = np.random.default_rng(seed)
    said = []
    for number in range(count):
        speaker, place = NAMES[random.integers(10)], PLACES[random.integers(10)]
        thing, habit, day = THINGS[random.integers(10)], HABITS[random.integers(10)], int(random.integers(1, 29))
        text = [
            f"I live in {place} now, on floor {number % 9}.",
            f"I own {thing} that I bought in {place}.",
            f"I {habit.removesuffix('s')} with {NAMES[random.integers(10)]} every week, {number % 40} times so far.",
            f"I went to {place} on the {day}th with {NAMES[random.integers(10)]} and came back late.",
        ][number % 4]
        said.append(Message(text, speaker=speaker, session=f"s{number // 20}"))
    return said


def measure() -> Result:
    """Measure how long it takes to draw facts from what was said, and to compare them all."""
    rows: list[Figure] = []
    with open_store(recipe="default") as (store, embedder):
        handle = store.scope("bench")
        handle.add(statements(FACTS), batch_size=BATCH)
        model, started = embedder.usage.embedding_seconds, time.perf_counter()
        built = handle.consolidate(max_retired=1.0)
        seconds = time.perf_counter() - started
        rows = [
            {
                "structure": one.structure,
                "units": one.units,
                **{name: one.changed.get(name, 0) for name in ("retire", "close", "revise")},
            }
            for one in built.built
        ]
        model = embedder.usage.embedding_seconds - model
    rows.append({"structure": "all", "seconds": seconds, "model (s)": model, "goal (s)": 30})
    return Result("reconcile", f"Consolidating {FACTS:,} statements by rules", rows)


if __name__ == "__main__":
    command(measure)
