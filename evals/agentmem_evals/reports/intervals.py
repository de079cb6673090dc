"""How far a mean over questions may be from the true one: percentile bootstrap (Efron 1979), questions redrawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SAMPLES = 2000
CONFIDENCE = 0.95
_AT_ONCE = 2_000_000
"""How many draws are held in memory at once."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over ``n`` questions and the ends of its interval, ``low <= mean <= high``."""

    mean: float
    low: float
    high: float
    n: int


def estimate(values: Sequence[float], *, seed: int = 0, samples: int = SAMPLES) -> Estimate | None:
    """The mean of ``values`` with its bootstrap interval of 95 %; ``None`` where there are none.

    The same values in the same order give the same interval.
    """
    if not values:
        return None
    held = np.asarray(values, dtype=np.float64)
    generator, means = np.random.default_rng(seed), []
    rows = max(1, _AT_ONCE // len(held))
    for first in range(0, samples, rows):
        drawn = generator.integers(0, len(held), size=(min(rows, samples - first), len(held)))
        means.append(held[drawn].mean(axis=1))
    low, high = np.quantile(np.concatenate(means), [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    mean = float(held.mean())
    # A skewed resampling can leave the mean outside by a rounding error; an interval holds what it is about.
    return Estimate(mean, min(float(low), mean), max(float(high), mean), len(held))
