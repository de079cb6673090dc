"""Whether one system is better than another on the same questions: the paired bootstrap (Efron and Tibshirani 1993)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SAMPLES = 10_000
CONFIDENCE = 0.95
_AT_ONCE = 2_000_000
"""How many draws are held in memory at once; part of what a seed reproduces."""


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """The difference of two means over the same questions, ``second - first``, and how sure it is.

    ``low`` and ``high`` are the ends of the percentile interval of 95 %; ``p`` is the two-sided probability, under
    resampling, of a difference on the other side of zero. ``clusters`` is how many things were redrawn: questions, or
    conversations.
    """

    first: float
    second: float
    difference: float
    low: float
    high: float
    p: float
    questions: int
    clusters: int
    samples: int

    @property
    def significant(self) -> bool:
        """The interval does not hold zero."""
        return self.low > 0 or self.high < 0


def paired_bootstrap(
    first: Sequence[float],
    second: Sequence[float],
    *,
    clusters: Sequence[str] | None = None,
    samples: int = SAMPLES,
    seed: int = 0,
) -> PairedDifference | None:
    """Compare two systems' values of one measure, question by question; ``None`` for no questions.

    Questions are redrawn with replacement ``samples`` times, both values of a question together. With ``clusters``,
    which names each question's conversation, whole conversations are redrawn: questions about one conversation are not
    independent of each other, and intervals over questions alone are too narrow. With few conversations (LoCoMo has
    ten) even these are rough.

    ``p = min(1, 2 (1 + c) / (1 + samples))``, with ``c`` the smaller of the numbers of samples whose difference is at
    most, and at least, zero. The same input and seed give the same result.

    Raises:
        ValueError: the sequences are of different lengths, or there is no sample to take.
    """
    if len(first) != len(second) or (clusters is not None and len(clusters) != len(first)):
        raise ValueError("Values, and names of clusters, must be of the same questions, one for each, in one order.")
    if samples < 1:
        raise ValueError(f"{samples} samples tell nothing; take 1 or more, better 1,000.")
    if not first:
        return None
    ours, theirs = np.asarray(second, dtype=np.float64), np.asarray(first, dtype=np.float64)
    totals, sizes = _summed(ours - theirs, clusters)
    drawn = np.concatenate(list(_redrawn(totals, sizes, samples, np.random.default_rng(seed))))
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    beyond = min(int((drawn <= 0).sum()), int((drawn >= 0).sum()))
    return PairedDifference(
        first=float(theirs.mean()),
        second=float(ours.mean()),
        difference=float((ours - theirs).mean()),
        low=float(low),
        high=float(high),
        p=min(1.0, 2 * (1 + beyond) / (1 + samples)),
        questions=len(first),
        clusters=len(totals),
        samples=samples,
    )


def _summed(
    differences: NDArray[np.float64], clusters: Sequence[str] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each cluster's sum of differences and its number of questions; without clusters every question is its own."""
    if clusters is None:
        return differences, np.ones_like(differences)
    _, members = np.unique(np.asarray(clusters), return_inverse=True)
    sums = np.bincount(members, weights=differences).astype(np.float64)
    return sums, np.bincount(members).astype(np.float64)


def _redrawn(
    totals: NDArray[np.float64], sizes: NDArray[np.float64], samples: int, generator: np.random.Generator
) -> Iterator[NDArray[np.float64]]:
    """The mean difference in each sample, a block of samples at a time."""
    rows = max(1, _AT_ONCE // len(totals))
    for start in range(0, samples, rows):
        places = generator.integers(0, len(totals), size=(min(rows, samples - start), len(totals)))
        yield totals[places].sum(axis=1) / sizes[places].sum(axis=1)
