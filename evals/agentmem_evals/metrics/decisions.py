"""How good decisions about pairs of memories are. Every measure is a fraction in [0, 1].

A *duplicate* is a pair that repeats or refines, a *contradiction* one that supersedes or cancels; which of the two it
is matters to the accuracy only. What cannot be said (precision with nothing claimed, recall with nothing to find) is
left out, and never a zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agentmem.updating.decision import Relation

DUPLICATE = frozenset({Relation.REPEATS, Relation.REFINES})
CONTRADICTION = frozenset({Relation.SUPERSEDES, Relation.CANCELS})
QUESTIONS: Mapping[str, frozenset[Relation]] = {"duplicate": DUPLICATE, "contradiction": CONTRADICTION}
"""The yes-or-no questions that a relation answers, and the relations that answer yes."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair's own relation beside the one that was decided."""

    kind: str
    gold: Relation
    said: Relation


def measure_decisions(judged: Sequence[Judged]) -> dict[str, Any]:
    """All measures over some pairs; ``{}`` for none.

    ``accuracy`` of the full relation; ``duplicate`` and ``contradiction`` as :func:`detection` has them; ``confusion``
    counts decisions by the pair's own relation, then by what was said.
    """
    if not judged:
        return {}
    return {
        "accuracy": sum(one.gold is one.said for one in judged) / len(judged),
        **{name: detection(judged, positive) for name, positive in QUESTIONS.items()},
        "confusion": confusion(judged),
    }


def by_kind(judged: Sequence[Judged]) -> dict[str, dict[str, Any]]:
    """The same for the pairs of each kind, with their number ``n``; kinds in the order in which they first come."""
    groups: dict[str, list[Judged]] = {}
    for one in judged:
        groups.setdefault(one.kind, []).append(one)
    return {kind: {"n": len(members), **measure_decisions(members)} for kind, members in groups.items()}


def detection(judged: Iterable[Judged], positive: frozenset[Relation]) -> dict[str, float]:
    """Counts ``tp``, ``fp``, ``fn``, ``tn`` of one yes-or-no question, with ``precision``, ``recall`` and ``f1``.

    ``f1`` is there wherever something was claimed or was to be found.
    """
    counts = {"tp": 0, "fp": 0, "fn": 0, "tn": 0}
    for one in judged:
        truth, claim = one.gold in positive, one.said in positive
        counts[("t" if truth is claim else "f") + ("p" if claim else "n")] += 1
    tp, fp, fn = counts["tp"], counts["fp"], counts["fn"]
    fractions = {"precision": (tp, tp + fp), "recall": (tp, tp + fn), "f1": (2 * tp, 2 * tp + fp + fn)}
    return {**counts, **{name: part / whole for name, (part, whole) in fractions.items() if whole}}


def confusion(judged: Iterable[Judged]) -> dict[str, dict[str, int]]:
    """How often each relation was decided (inner key) for pairs of each relation (outer key); zeros included."""
    counts = {gold.value: {said.value: 0 for said in Relation} for gold in Relation}
    for one in judged:
        counts[one.gold.value][one.said.value] += 1
    return counts
