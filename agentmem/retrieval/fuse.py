"""Many signals, one score: a weighted sum through a sigmoid. The weights are data, fitted by ``agentmem-evals fit``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from agentmem.protocols import FloatArray

WEIGHTS_FILE = "weights.json"


@dataclass(frozen=True, slots=True)
class Weights:
    """What each signal counts. ``fitted_on`` says on what data, and how, the numbers were found."""

    signals: Mapping[str, float]
    bias: float
    fitted_on: str

    def score(self, signals: Mapping[str, FloatArray]) -> FloatArray:
        """Scores in [0, 1], shape of the signals: the estimated probability that a candidate answers the query."""
        total: FloatArray = self.contributions(signals)
        found: FloatArray = (1.0 / (1.0 + np.exp(-(total + np.float32(self.bias))))).astype(np.float32)
        return found

    def contributions(self, signals: Mapping[str, FloatArray]) -> FloatArray:
        """The weighted sum before bias and sigmoid."""
        size = len(next(iter(signals.values())))
        total = np.zeros(size, dtype=np.float32)
        for name, weight in self.signals.items():
            if weight:
                total += np.float32(weight) * signals[name]
        return total


@cache
def load_weights() -> Weights:
    """The weights that ship with the library."""
    stored = json.loads(resources.files("agentmem.retrieval").joinpath(WEIGHTS_FILE).read_text(encoding="utf-8"))
    return Weights(stored["signals"], stored["bias"], stored["fitted_on"])
