"""Personalised PageRank on a graph of 100,000 nodes and 600,000 edges, and inserting a passage into it.

The graph is made up, in the proportions of a HippoRAG index: 10,000 passages with 10 triples each about 20 entities,
half of which appear nowhere else and half of which are the more popular the smaller their number; the rest of the edges
are synonyms. A query starts at 5 entities, or also, as in HippoRAG 2, a little at every passage.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.benchmarks.measuring import seconds
from evals.benchmarks.output import Figure, Result, command

PASSAGES, FRESH, POPULAR, TRIPLES, SYNONYMS = 10_000, 9, 11, 10, 300_000
QUERIES, TOP, INSERTS, DAMPING = 20, 50, 200, 0.5

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of each call, and what each returned."""

    milliseconds: Sequence[float]
    results: Sequence[Any]


def timed(calls: Sequence[Callable[[], Any]]) -> Timing:
    """Call each once, after a first call that does not count."""
    calls[0]()
    results: list[Any] = []
    times = [seconds(lambda call=call: results.append(call())) * 1000 for call in calls]
    return Timing(times, results)


def triples(passage: int, passages: int, random: np.random.Generator) -> list[tuple[str, str, str]]:
    """A passage's triples: each of its entities appears at least once."""
    entities = passages * FRESH
    own = passage * FRESH + np.arange(FRESH)
    popular = (entities * random.random(POPULAR) ** 3).astype(int)
    names = [f"entity {number}" for number in random.permutation(np.concatenate([own, popular]))]
    return [(names[2 * i], "relates to", names[2 * i + 1]) for i in range(TRIPLES)]


def build(passages: int, synonyms: int) -> Any:
    """A graph of ``passages`` passages."""
    from agentmem.index.graph.memory_graph import MemoryGraph

    random, graph = np.random.default_rng(0), MemoryGraph()
    for passage in range(passages):
        graph.add_passage(passage, triples(passage, passages, random))
    entities = graph.entities
    each = synonyms // len(entities) + 1
    cosines = random.uniform(0.8, 1.0, (len(entities), each))
    steps = 1 + random.integers(0, 60, (len(entities), each))
    for i, entity in enumerate(entities[: synonyms // each]):
        near = zip(steps[i].tolist(), cosines[i].tolist(), strict=True)
        graph.set_synonyms(entity, {entities[(i + step) % len(entities)]: cosine for step, cosine in near})
    return graph


def resets(graph: Any, with_passages: bool) -> list[Vector]:
    """Where queries start over."""
    random = np.random.default_rng(1)
    entities = graph.entities
    _, passages = graph.passages()
    found = []
    for _ in range(QUERIES):
        reset = np.zeros(len(graph))
        for i in random.integers(0, len(entities), 5):
            reset[graph.node(entities[i])] = random.random()
        if with_passages:
            reset[passages] = 0.05 * random.random(len(passages)) ** 3
        found.append(reset / reset.sum())
    return found


def power_iteration(transition: Any, reset: Vector, tolerance: float) -> Vector:
    """The plain way: until the walk moves by less than ``tolerance`` in all."""
    walk = reset
    while True:
        following = (1 - DAMPING) * reset + DAMPING * (transition @ walk)
        if np.abs(following - walk).sum() < tolerance:
            return np.asarray(following)
        walk = following


def transitions(graph: Any) -> Any:
    """The graph's matrix over nodes in SciPy alone, float64, columns of sum 1."""
    from scipy.sparse import coo_array, diags_array

    nodes = {key: int(node) for key, node in zip(*graph.passages(), strict=True)}
    edges = list(graph.edges())
    one = np.array([graph.node(edge.one) for edge in edges])
    other = np.array([nodes[e.other] if isinstance(e.other, int) else graph.node(e.other) for e in edges])
    upper = coo_array((np.array([edge.weight for edge in edges]), (one, other)), shape=(len(graph), len(graph))).tocsr()
    matrix = (upper + upper.T).tocsr()
    degrees = matrix.sum(axis=0)
    return matrix @ diags_array(np.divide(1.0, degrees, out=np.zeros_like(degrees), where=degrees > 0))


def walks(graph: Any, transition: Any, with_passages: bool) -> list[Figure]:
    """Every way to the same walk."""
    from agentmem.index.graph.pagerank import local_push, personalised_pagerank

    starts = resets(graph, with_passages)
    adjacency = graph.adjacency()
    exact = [power_iteration(transition, reset, 1e-13) for reset in starts]
    _, passages = graph.passages()

    def push(reset: Vector, epsilon: float) -> Vector:
        seeds = np.flatnonzero(reset)
        found = local_push(adjacency, seeds, reset[seeds], DAMPING, epsilon)
        scores = np.zeros(len(reset))
        scores[found.nodes] = found.scores
        return scores

    engines: dict[str, Callable[[Vector], Vector]] = {
        "agentmem": lambda reset: personalised_pagerank(adjacency, reset, DAMPING),
        "local push, 1e-5": lambda reset: push(reset, 1e-5),
        "local push, 1e-6": lambda reset: push(reset, 1e-6),
        "SciPy, power iteration": lambda reset: power_iteration(transition, reset, 1e-8),
    }
    rows = []
    for name, engine in engines.items():
        timing = timed([lambda reset=reset, engine=engine: engine(reset) for reset in starts])  # type: ignore[misc]
        shared = [_overlap(x, y) for x, y in zip(exact, timing.results, strict=True)]
        ranked = [_overlap(x[passages], y[passages]) for x, y in zip(exact, timing.results, strict=True)]
        rows.append(
            _row(name, graph, timing)
            | {"seeds": "all passages" if with_passages else "5 entities"}
            | {f"top {TOP}": min(shared), "passages": min(ranked)}
        )
    return rows


def in_networkx(graph: Any) -> Figure:
    """networkx, for scale."""
    import networkx  # type: ignore[import-untyped]

    from agentmem.index.graph.export import to_networkx

    found = networkx.convert_node_labels_to_integers(to_networkx(graph))
    seeds = dict.fromkeys(range(5), 1.0)
    timing = timed([lambda: networkx.pagerank(found, DAMPING, seeds, tol=1e-12)] * 3)
    return _row("networkx", graph, timing) | {"seeds": "5 entities"}


def inserts(graph: Any) -> list[Figure]:
    """One passage more at a time, with its new entities' synonyms; and the first query after each."""
    from agentmem.index.graph.pagerank import personalised_pagerank

    random = np.random.default_rng(2)
    entities = graph.entities

    def insert(key: int) -> None:
        near = random.integers(0, len(entities), 4)
        for phrase in graph.add_passage(key, waiting[key]):
            graph.set_synonyms(phrase, {entities[i]: 0.85 for i in near})

    def query() -> Vector:
        reset = np.zeros(len(graph))
        reset[:5] = 1.0
        return personalised_pagerank(graph.adjacency(), reset, DAMPING)

    graph.adjacency()
    waiting = {PASSAGES + i: triples(PASSAGES + i, PASSAGES, random) for i in range(2 * INSERTS + 1)}
    keys = list(waiting)
    alone = [seconds(lambda key=key: insert(key)) * 1000 for key in keys[:INSERTS]]
    after = []
    for key in keys[INSERTS:]:
        insert(key)
        after.append(seconds(query) * 1000)
    removed = [seconds(lambda key=key: graph.remove_passage(key)) * 1000 for key in keys[:INSERTS]]
    return [
        _row("insert a passage", graph, Timing(alone, ())),
        _row("query after an insert", graph, Timing(after, ())),
        _row("remove a passage", graph, Timing(removed, ())),
    ]


def measure() -> Result:
    """Measure walks and inserts."""
    graph = build(PASSAGES, SYNONYMS)
    transition = transitions(graph)
    rows = [*walks(graph, transition, with_passages=True), *walks(graph, transition, with_passages=False)]
    del transition
    rows += inserts(graph)
    rows.append(in_networkx(build(PASSAGES // 10, SYNONYMS // 10)))
    note = (
        f"Median and maximum of {QUERIES} queries at damping {DAMPING}, or of {INSERTS} changes, without embedding. "
        f"Top {TOP}: how many of the exact solution's first {TOP} nodes (or passages) are found, in the worst query."
    )
    return Result("graph", "Personalised PageRank and changes of the graph", rows, note)


def _row(name: str, graph: Any, timing: Timing) -> Figure:
    return {
        "what": name,
        "nodes": len(graph),
        "edges": graph.adjacency().entries // 2,
        "median (ms)": statistics.median(timing.milliseconds),
        "max (ms)": max(timing.milliseconds),
    }


def _overlap(exact: Vector, found: Vector) -> int:
    return len(set(np.argsort(-exact)[:TOP].tolist()) & set(np.argsort(-found)[:TOP].tolist()))


if __name__ == "__main__":
    command(measure)
