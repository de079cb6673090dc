"""Many signals, one score: a weighted sum through a sigmoid.

The weights are data, in ``weights.json``, with where they were fitted; ``agentmem-evals fit`` makes the file again.
Turns of a conversation live by what stands around them, documents stand alone: each has sets of its own, one for
every combination of derived layers that was measured.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from agentmem.protocols import BoolArray, FloatArray

WEIGHTS_FILE = "weights.json"


@dataclass(frozen=True, slots=True)
class Weights:
    """What each signal counts, and the line that turns the sum into log-odds: ``scale * sum + bias``."""

    signals: Mapping[str, float]
    scale: float
    bias: float
    fitted_on: str

    def sums(self, signals: Mapping[str, FloatArray], without: frozenset[str] = frozenset()) -> FloatArray:
        """The weighted sums, by which candidates are ranked, leaving out some signals."""
        total = np.zeros(len(next(iter(signals.values()))), dtype=np.float32)
        for name, weight in self.signals.items():
            if name not in without:
                total += np.float32(weight) * signals[name]
        return total

    def scores(self, signals: Mapping[str, FloatArray], without: frozenset[str] = frozenset()) -> FloatArray:
        """Scores in [0, 1]; 0.5 where a candidate is as likely part of the answer as not, were both equally common."""
        log_odds = np.float32(self.scale) * self.sums(signals, without) + np.float32(self.bias)
        found: FloatArray = 1.0 / (1.0 + np.exp(-log_odds))
        return found


@cache
def load_weights() -> Mapping[str, Weights]:
    """The sets that ship with the library: ``turn``, ``document``, and each with derived layers: ``turn+fact``."""
    text = resources.files("agentmem.retrieval").joinpath(WEIGHTS_FILE).read_text(encoding="utf-8")
    return {name: Weights(**stored) for name, stored in json.loads(text).items()}


def fuse(
    signals: Mapping[str, FloatArray],
    spoken: BoolArray,
    without: frozenset[str] = frozenset(),
    layers: frozenset[str] = frozenset(),
) -> FloatArray:
    """The score of every candidate; ``spoken`` tells turns from documents, ``layers`` which derived ones have a say."""
    if spoken.all():  # the usual case: a conversation
        return weights_for("turn", layers).scores(signals, without)
    turn, document = (weights_for(of, layers).scores(signals, without) for of in ("turn", "document"))
    return np.where(spoken, turn, document)


@cache
def weights_for(of: str, layers: frozenset[str]) -> Weights:
    """The set fitted with the most of these layers: ``turn+fact`` where there are facts, else ``turn``."""
    sets = load_weights()
    fitting = [name for name in sets if name.split("+")[0] == of and layers.issuperset(name.split("+")[1:])]
    return sets[max(fitting, key=lambda name: (name.count("+"), name))]
