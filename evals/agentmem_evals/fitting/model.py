"""A linear ranker and its fit: pure functions of arrays.

Loss: for every question, minus the mean log-softmax of its evidence among its candidates (ListNet's top-one form), plus
a ridge penalty on the weights of standardised signals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]

DEFAULT_RIDGE = 20.0


@dataclass(frozen=True, slots=True)
class Example:
    """One question: its candidates' signals ``(m, s)``, which of them are evidence ``(m,)``, and all its evidence.

    ``group`` is what cross-validation holds out together (the conversation).
    """

    group: str
    signals: Floats
    relevant: NDArray[np.bool_]
    evidence: int


def fit(examples: Sequence[Example], ridge: float = DEFAULT_RIDGE) -> Floats:
    """The weights, shape ``(s,)``, for signals as they are (the standardisation is folded in)."""
    examples = [example for example in examples if example.relevant.any()]
    signals = np.concatenate([example.signals for example in examples])
    spread = signals.std(axis=0)
    spread[spread < 1e-6] = 1.0  # a constant tells nothing; its weight stays near 0
    signals = signals - signals.mean(axis=0)  # the softmax does not see a shift
    signals = signals / spread
    sizes = np.array([len(example.signals) for example in examples])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    shares = np.concatenate([example.relevant / example.relevant.sum() for example in examples])

    def loss(weights: Floats) -> tuple[float, Floats]:
        sums = signals @ weights
        best = np.maximum.reduceat(sums, starts)
        exponentials = np.exp(sums - np.repeat(best, sizes))
        totals = np.add.reduceat(exponentials, starts)
        value = float((best + np.log(totals)).sum() - shares @ sums + ridge * weights @ weights)
        gradient = signals.T @ (exponentials / np.repeat(totals, sizes) - shares) + 2 * ridge * weights
        return value / len(examples), gradient / len(examples)

    found = minimize(loss, np.zeros(signals.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 300})
    weights: Floats = found.x / spread
    return weights


def calibrate(sums: Floats, relevant: NDArray[np.bool_]) -> tuple[float, float]:
    """Scale and bias that turn weighted sums into log-odds of being evidence (Platt, 1999).

    Both classes weigh the same in sum: 0.5 is where a candidate is as likely evidence as not, were both equally
    common. (They are not: of two hundred candidates one or two are evidence, and true probabilities would say "no" to
    nearly every right answer.)
    """
    weights = np.where(relevant, 0.5 / relevant.sum(), 0.5 / (~relevant).sum())

    def loss(line: Floats) -> float:
        log_odds = line[0] * sums + line[1]
        return float(weights @ (np.logaddexp(0, log_odds) - np.where(relevant, log_odds, 0.0)))

    found = minimize(loss, np.array([1.0, 0.0]), method="Nelder-Mead", options={"maxiter": 2_000})
    return float(found.x[0]), float(found.x[1])


def recall(example: Example, weights: Floats, k: int) -> tuple[float, float]:
    """The share of a question's evidence among the first ``k``, and whether all of it is."""
    best = np.argsort(-(example.signals @ weights), kind="stable")[:k]
    found = min(int(example.relevant[best].sum()), example.evidence)  # a long turn's chunks are one piece of evidence
    return found / example.evidence, float(found == example.evidence)


def mean_recall(examples: Sequence[Example], weights: Floats, k: int) -> tuple[float, float]:
    """:func:`recall`, averaged over questions."""
    found = np.array([recall(example, weights, k) for example in examples])
    return float(found[:, 0].mean()), float(found[:, 1].mean())


def cross_validated(examples: Sequence[Example], k: int, ridge: float = DEFAULT_RIDGE) -> tuple[float, float]:
    """:func:`mean_recall` when each group is ranked with weights fitted on the others."""
    found = []
    for group in sorted({example.group for example in examples}):
        weights = fit([example for example in examples if example.group != group], ridge)
        found += [recall(example, weights, k) for example in examples if example.group == group]
    means = np.array(found).mean(axis=0)
    return float(means[0]), float(means[1])
