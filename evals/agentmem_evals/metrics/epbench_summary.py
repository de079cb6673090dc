"""The two figures by which the Episodic Memories benchmark ranks (``epbench/src/evaluation/ranking.py``), unrounded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

BINS = ((0, 0), (1, 1), (2, 2), (3, 5), (6, None))
"""Numbers of events, first and last, that a question's group goes by."""


def simple_recall(scored: Iterable[tuple[int, float]]) -> float | None:
    """The mean over :data:`BINS` of the mean F1 in each, from each question's number of events and F1.

    For the questions that ask for all events (not for the latest, not for their order). Bins without a question are
    left out; ``None`` for no question at all.
    """
    bins: dict[int, list[float]] = {}
    for events, f1 in scored:
        bins.setdefault(_bin(events), []).append(f1)
    means = [sum(values) / len(values) for values in bins.values()]
    return sum(means) / len(means) if means else None


def chronological_awareness(latest: Sequence[float], chronology: Sequence[float]) -> float | None:
    """The mean of two: the F1 of questions for the latest state, and the chronology, which is at least 0.

    ``latest`` are the F1 of those questions that have two or more events, ``chronology`` the values of
    :func:`agentmem_evals.metrics.epbench.epbench_chronology`, 0 for incomplete lists included. ``None`` where either
    is missing.
    """
    if not latest or not chronology:
        return None
    return (sum(latest) / len(latest) + max(0.0, sum(chronology) / len(chronology))) / 2


def _bin(events: int) -> int:
    return next(
        place for place, (first, last) in enumerate(BINS) if first <= events and (last is None or events <= last)
    )
