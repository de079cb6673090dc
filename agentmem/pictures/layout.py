"""Where the nodes of a graph are drawn. The same graph always gives the same picture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import networkx  # type: ignore[import-untyped]

Points = NDArray[np.float64]
"""Shape ``(n, 2)``."""

_SEED = 11
_SPREAD = 46.0
_GAP = 46.0
_STEP = 10.0
_WIDER = 1.35
"""Screens are wider than high."""
_PUSHES = 60
_EVENLY = -0.3
"""Outliers come nearer and the crowd in the middle gets room: distances from the middle to the power of 0.7."""


def positions(graph: networkx.Graph[str], radii: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    """The places of all nodes: each connected part by springs, and the parts around the largest, without overlap.

    Args:
        graph: what to draw; its order of nodes does not matter.
        radii: how large each node is drawn.
    """
    import networkx

    parts = sorted((sorted(part) for part in networkx.connected_components(graph)), key=lambda part: (-len(part), part))
    placed: dict[str, tuple[float, float]] = {}
    ground = _Ground()
    for part in parts:
        points = _by_springs(graph, part, np.array([radii[node] for node in part]))
        x, y = ground.take(float(np.hypot(*points.T).max(initial=0.0)) + max(radii[node] for node in part))
        for node, point in zip(part, points, strict=True):
            placed[node] = (float(x + point[0]) * _WIDER, float(y + point[1]))
    return placed


def _by_springs(graph: networkx.Graph[str], part: Sequence[str], radii: Points) -> Points:
    import networkx

    if len(part) == 1:
        return np.zeros((1, 2))
    ordered = networkx.Graph()  # of a subgraph, the order would be a set's
    ordered.add_nodes_from(part)
    ordered.add_edges_from(sorted(tuple(sorted(edge)) for edge in graph.subgraph(part).edges()))
    # Springs a little longer than usual keep a crowded middle open.
    rounds = max(30, min(150, 30_000 // len(part)))  # a round's cost grows with the square
    found = networkx.spring_layout(ordered, k=1.7 / math.sqrt(len(part)), iterations=rounds, seed=_SEED)
    points = np.array([found[node] for node in part], dtype=np.float64)
    points -= points.mean(axis=0)
    points /= max(float(np.hypot(*points.T).max()), 1e-9)
    points *= _SPREAD * math.sqrt(len(part)) * np.maximum(np.hypot(*points.T), 1e-3)[:, None] ** _EVENLY
    return _apart(points, radii)


def _apart(points: Points, radii: Points) -> Points:
    """Push nodes from each other until none covers another, or for so many rounds."""
    least = radii[:, None] + radii[None, :] + 10.0
    for _ in range(_PUSHES):
        between = points[:, None, :] - points[None, :, :]
        distance = np.hypot(between[..., 0], between[..., 1])
        np.fill_diagonal(distance, np.inf)
        lacking = np.maximum(least - distance, 0.0)
        if not lacking.any():
            break
        away = between / np.maximum(distance, 1e-6)[..., None]
        points = points + 0.5 * (away * lacking[..., None]).sum(axis=1).clip(-20, 20)
    return points


class _Ground:
    """Discs laid along a spiral from the middle, each where it first touches no other."""

    def __init__(self) -> None:
        self._discs = np.empty((0, 3))
        self._radius = 0.0
        self._angle = 0.0

    def take(self, radius: float) -> tuple[float, float]:
        """The middle of a new disc. Discs come by falling size; one of the last one's size goes on where that ended."""
        radius = math.ceil(radius / _STEP) * _STEP
        if radius != self._radius:
            self._radius, self._angle = radius, 0.0
        while True:
            away = 6.0 * self._angle
            x, y = away * math.cos(self._angle), away * math.sin(self._angle)
            distance = np.hypot(self._discs[:, 0] - x, self._discs[:, 1] - y)
            if (distance >= radius + self._discs[:, 2] + _GAP).all():
                self._discs = np.vstack([self._discs, (x, y, radius)])
                return x, y
            self._angle += 12.0 / max(away, 12.0)
