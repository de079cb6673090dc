"""Personalised PageRank on a weighted undirected graph: where a walk is, that starts over at the seeds now and then.

With weights ``A``, degrees ``D = diag(A 1)``, damping ``d`` and seeds ``r`` of sum 1, the walk rests at the solution of
``x = (1 - d) r + d A D^-1 x`` (Haveliwala, WWW 2002). Mass at a node without neighbours starts over at the seeds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentmem.errors import InvalidInput
from agentmem.index.graph.adjacency import Adjacency, Matrix, Numbers


def personalised_pagerank(
    matrix: Adjacency | Matrix,
    reset: NDArray[Any],
    damping: float = 0.5,
    tolerance: float = 1e-5,
    max_iterations: int = 200,
) -> NDArray[np.float64]:
    """The share of its time that the walk spends at each node, shape ``(n,)``, of sum 1.

    On an undirected graph, ``x = D u`` turns the equation into ``(D - d A) u = (1 - d) r``, which is symmetric and
    positive definite: conjugate gradients, preconditioned by ``D``, shrink the error at least by
    ``(sqrt(c) - 1) / (sqrt(c) + 1)`` with ``c = (1 + d) / (1 - d)`` a step (0.27 at ``d = 0.5``), where the usual
    iteration shrinks it by ``d``. They start from the walk without seeds, which is known: ``u`` is the same everywhere.

    Args:
        matrix: the graph. A SciPy matrix is checked and prepared at every call; make an :class:`Adjacency` of it once
            to ask more often. The arithmetic is float32 or float64 as its weights are.
        reset: where the walk starts over, and how often there; finite, not negative, not all 0; shape ``(n,)``.
        damping: the chance to walk on rather than to start over, in [0, 1).
        tolerance: the largest relative error, in the norm ``sqrt(sum(x**2 / degree))``. The default gives the order
            of the first 50 nodes; float32 carries to about 1e-6.
        max_iterations: a bound on the steps, which is not reached with sensible arguments.

    Raises:
        InvalidInput: an argument out of its range, or more steps needed than allowed.
    """
    graph = matrix if isinstance(matrix, Adjacency) else Adjacency.of(matrix)
    seeds = graph.at_places(_distribution(reset, len(graph)))
    _check_damping(damping)
    if not tolerance > 0:
        raise InvalidInput(f"The tolerance is above 0, not {tolerance!r}.")
    # Of every seed, 1 - d stays where it is if it has no neighbours, and 1 in all if it has some. What is missing
    # starts over at the seeds, so it goes where the rest went.
    walk = np.where(graph.linked, 0.0, (1.0 - damping) * seeds)
    linked_share = float(seeds[graph.linked].sum())
    if linked_share > 0:
        walk += _linked_walk(graph, seeds, linked_share, damping, tolerance, max_iterations)
    walk /= walk.sum()
    return np.asarray(graph.at_nodes(walk), dtype=np.float64)


def _linked_walk(
    graph: Adjacency, seeds: Numbers, linked_share: float, damping: float, tolerance: float, max_iterations: int
) -> Numbers:
    """Conjugate gradients for ``(D - d A) u = (1 - d) r``; returns ``D u``. Nodes without neighbours get 0."""
    kind = graph.base.dtype.type
    tolerance = max(tolerance, 4 * float(np.finfo(kind).eps))
    start = seeds.astype(kind)
    level = kind(linked_share / graph.volume)  # u of the walk that has forgotten its seeds
    spread = graph.inverse * start
    enough = (tolerance * (1 - damping) / (1 + damping)) ** 2 * (1 - damping) ** 2 * _dot(start, spread)

    solution = np.full_like(start, level)
    residual = kind(1 - damping) * (start - level * graph.steps)
    direction = graph.inverse * residual
    # A D^-1 (r - level D 1) = A D^-1 r - level D 1. Multiplied out, many equal small numbers would be added up in the
    # row of a node with thousands of neighbours, each time rounding to the same side.
    image = kind(1 - damping) * (graph.multiply(spread) - level * graph.steps)
    error = _dot(residual, direction)
    scratch = np.empty_like(residual)
    for _ in range(max_iterations):
        if error <= enough:
            return solution * graph.degrees
        image *= kind(-damping)
        image += np.multiply(graph.steps, direction, out=scratch)
        length = kind(error / _dot(direction, image))
        solution += np.multiply(length, direction, out=scratch)
        residual -= np.multiply(length, image, out=image)
        np.multiply(graph.inverse, residual, out=scratch)
        previous, error = error, _dot(residual, scratch)
        if error > enough:
            direction *= kind(error / previous)
            direction += scratch
            image = graph.multiply(direction)
    raise InvalidInput(
        f"PageRank needs more than {max_iterations} steps at damping {damping} and tolerance {tolerance}: "
        "allow more (max_iterations), or a larger error (tolerance)."
    )


def _dot(one: Numbers, other: Numbers) -> float:
    """The scalar product on the caller's own thread: BLAS would split it, and wait long for a busy processor."""
    return float(np.einsum("i,i->", one, other))


@dataclass(frozen=True, slots=True)
class Push:
    """What :func:`local_push` found.

    Attributes:
        nodes: every node that was reached, ascending.
        scores: a lower bound of each one's PageRank, shape ``(len(nodes),)``; a node that was not reached has 0.
        missing: how much of the walk is not accounted for: the sum of all lower bounds falls short of 1 by this.
        touched: how many entries of the matrix were read.
    """

    nodes: NDArray[np.int64]
    scores: NDArray[np.float64]
    missing: float
    touched: int


def local_push(
    graph: Adjacency,
    seeds: NDArray[np.integer[Any]],
    weights: NDArray[Any],
    damping: float = 0.5,
    epsilon: float = 1e-6,
) -> Push:
    """PageRank near a few seeds, at a cost that does not grow with the graph.

    Andersen, Chung & Lang, "Local Graph Partitioning using PageRank Vectors" (FOCS 2006), section 3: mass waits at
    nodes; a node where at least ``epsilon * degree`` waits keeps ``1 - d`` of it and pushes the rest to its neighbours;
    here all such nodes push at once. Every push settles at least ``(1 - d) * epsilon * degree`` of a mass of 1, so the
    degrees of all pushing nodes add up to at most ``1 / ((1 - d) * epsilon)``; and on an undirected graph no node's
    score falls short by more than ``epsilon * degree`` (both times ``1 / (1 - d * s)``, where ``s`` is the share of the
    seeds without neighbours).

    Args:
        graph: the graph.
        seeds: nodes where the walk starts over.
        weights: how often there; finite, not negative, not all 0; shape ``(len(seeds),)``.
        damping: the chance to walk on rather than to start over, in [0, 1).
        epsilon: how much may wait at a node, relative to its degree.

    Raises:
        InvalidInput: an argument out of its range.
    """
    _check_damping(damping)
    if not epsilon > 0:
        raise InvalidInput(f"Epsilon is above 0, not {epsilon!r}: the smaller, the nearer to the exact scores.")
    if len(seeds) and (int(np.min(seeds)) < 0 or int(np.max(seeds)) >= len(graph)):
        raise InvalidInput(f"A seed is the number of a node, from 0 to {len(graph) - 1}.")
    # Pages of these arrays that are not written to are never made, so their size costs nothing.
    waiting, settled = np.zeros(len(graph)), np.zeros(len(graph))
    places = graph.places(np.asarray(seeds, dtype=np.int64))
    np.add.at(waiting, places, _distribution(weights, len(seeds)))
    reached = places = np.unique(places)
    alone = places[graph.degrees[places] <= 0]
    restart = 1.0 - damping * float(waiting[alone].sum())  # mass at these starts over, and shares the others' fate
    settled[alone], waiting[alone] = (1.0 - damping) * waiting[alone], 0.0
    touched = 0
    while True:
        full = (waiting[places] >= epsilon * graph.degrees[places]) & (graph.degrees[places] > 0)
        pushing = np.unique(places[full])
        if not len(pushing):
            break
        mass = waiting[pushing]
        settled[pushing] += (1.0 - damping) * mass
        waiting[pushing] = 0.0
        rows = graph.rows(pushing)
        share = damping * mass / graph.degrees[pushing]
        np.add.at(waiting, rows.columns, share[rows.owners] * rows.weights)
        touched += len(rows.columns)
        reached, places = np.union1d(reached, pushing), rows.columns
    scores = settled[reached] / restart
    nodes = graph.nodes(reached)
    order = np.argsort(nodes)
    return Push(nodes[order], scores[order], max(0.0, 1.0 - float(scores.sum())), touched)


def _distribution(weights: NDArray[Any], size: int) -> NDArray[np.float64]:
    """Weights, checked, as shares of 1."""
    checked = np.asarray(weights, dtype=np.float64)
    if checked.shape != (size,):
        raise InvalidInput(f"A weight is needed for each node or seed: {size}, not {checked.shape}.")
    if not np.isfinite(checked).all() or (checked < 0).any():
        raise InvalidInput("Where the walk starts over is told by finite weights that are not negative.")
    total = float(checked.sum())
    if not total > 0:
        raise InvalidInput("The walk has nowhere to start: at least one node needs a weight above 0.")
    share: NDArray[np.float64] = checked / total
    return share


def _check_damping(damping: float) -> None:
    if not 0.0 <= damping < 1.0:
        raise InvalidInput(f"Damping lies from 0 up to, not including, 1; it is {damping!r}.")
