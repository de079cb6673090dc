"""Soft clusters of points: mixtures of Gaussians with one variance for each dimension, their number chosen by BIC.

Everything is deterministic: the same points in the same order give the same clusters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Shape ``(n, dimensions)``."""

_SEED = 224  # RAPTOR's
_ROUNDS = 60
_ENOUGH = 1e-3  # gained likelihood a point at which a fit is done
_LEAST_VARIANCE = 0.02  # of the points' own, so that no cluster shrinks to one point for likelihood's sake
_PATIENCE = 4  # numbers of clusters tried after the best so far


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted mixture.

    Attributes:
        memberships: how much each point belongs to each cluster, shape ``(n, k)``; rows sum to 1.
        bic: Bayesian information criterion (Schwarz 1978), lower is better.
    """

    memberships: Points
    bic: float


def best_fit(points: Points, most: int) -> Fit:
    """The mixture with the lowest BIC among those of 1 to ``most`` clusters.

    Not every number is tried: steps grow with the number, and end when nothing got better for a while.
    """
    best, waited = fit(points, 1), 0
    for clusters in _numbers(most):
        found = fit(points, clusters)
        waited = 0 if found.bic < best.bic else waited + 1
        best = min(best, found, key=lambda one: one.bic)
        if waited >= _PATIENCE:
            break
    return best


def fit(points: Points, clusters: int) -> Fit:
    """Expectation and maximisation (Dempster et al. 1977) from starts chosen as by k-means++."""
    count, dimensions = points.shape
    floor = max(_LEAST_VARIANCE * float(points.var(axis=0).mean()), 1e-12)
    memberships = _first_memberships(points, clusters)
    squares, likelihood = points**2, -np.inf
    for _ in range(_ROUNDS):
        masses = memberships.sum(axis=0) + 1e-12
        means = (memberships.T @ points) / masses[:, None]
        variances = np.maximum((memberships.T @ squares) / masses[:, None] - means**2, floor)
        inverse = 1.0 / variances
        distances = squares @ inverse.T - 2.0 * points @ (means * inverse).T + (means**2 * inverse).sum(axis=1)
        constants = np.log(masses / count) - 0.5 * (np.log(2.0 * np.pi * variances)).sum(axis=1)
        logs = constants - 0.5 * distances
        peaks = logs.max(axis=1, keepdims=True)
        weights = np.exp(logs - peaks)
        totals = weights.sum(axis=1, keepdims=True)
        memberships = weights / totals
        before, likelihood = likelihood, float((peaks + np.log(totals)).sum())
        if likelihood - before < _ENOUGH * count:
            break
    parameters = clusters * (2 * dimensions + 1) - 1
    return Fit(memberships, parameters * float(np.log(count)) - 2.0 * likelihood)


def _numbers(most: int) -> list[int]:
    found = []
    clusters = 2
    while clusters <= most:
        found.append(clusters)
        clusters += max(1, clusters // 6)
    return found


def _first_memberships(points: Points, clusters: int) -> Points:
    """Each point in the cluster of its nearest start; starts lie apart (Arthur & Vassilvitskii 2007), seeded."""
    random = np.random.default_rng(_SEED)
    starts = [int(((points - points.mean(axis=0)) ** 2).sum(axis=1).argmin())]
    nearest = ((points - points[starts[0]]) ** 2).sum(axis=1)
    owner = np.zeros(len(points), dtype=np.int64)
    for cluster in range(1, clusters):
        cumulated = np.cumsum(nearest)
        if cumulated[-1] <= 0:
            break  # fewer different points than clusters
        start = int(np.searchsorted(cumulated, random.random() * cumulated[-1], side="right"))
        distances = ((points - points[min(start, len(points) - 1)]) ** 2).sum(axis=1)
        closer = distances < nearest
        owner[closer] = cluster
        nearest = np.where(closer, distances, nearest)
    memberships = np.zeros((len(points), clusters))
    memberships[np.arange(len(points)), owner] = 1.0
    return memberships
