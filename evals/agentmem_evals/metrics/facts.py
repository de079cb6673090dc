"""FactScore-style measures of a summary (Min et al. 2023), as LoCoMo uses them for event summarisation (section 4.2).

Both texts are taken apart into atomic facts, and each fact is judged against the other text. That is a language
model's work; this is the arithmetic after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FactScores:
    """Each a fraction in [0, 1], or ``None`` where it cannot be said."""

    precision: float | None
    recall: float | None
    f1: float | None


def fact_scores(supported: Sequence[bool], covered: Sequence[bool]) -> FactScores:
    """From verdicts on the summary's facts (``supported`` by the reference) and the reference's (``covered``).

    ``precision`` is the share supported, ``recall`` the share covered, ``f1`` their harmonic mean. A summary without
    facts has no precision, a reference without facts no recall; ``f1`` is then 0, and missing only if both are empty.
    """
    precision = sum(supported) / len(supported) if supported else None
    recall = sum(covered) / len(covered) if covered else None
    if precision is None and recall is None:
        return FactScores(None, None, None)
    if not precision or not recall:
        return FactScores(precision, recall, 0.0)
    return FactScores(precision, recall, 2 * precision * recall / (precision + recall))
