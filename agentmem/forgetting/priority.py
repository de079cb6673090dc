"""What a memory is worth keeping: its value, times how fresh it is.

Neither half is enough. Recency alone keeps what came last, whatever it is; counting uses alone keeps what is often
found. Value is what is known in favour of a memory: feedback, uses, repetitions, its kind, and how much it says
(SirLLM, arXiv 2405.12528, keeps what carries most information, decayed by age). Freshness is Ebbinghaus' retention,
slower than where memories fade by themselves, and never nothing: else the age of a memory would drown its value. Uses
start its clock anew and count a little towards value, but do not slow it as well: what is found often is not therefore
worth more, and three times would be too often. The default weights were chosen on simulated scopes of several kinds
(value that lasts or passes; uses that follow it or do not), not on real ones.

A memory's priority depends on itself alone, not on what else is there, so that priorities can be compared over time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from agentmem.clock import aware, to_micros
from agentmem.errors import InvalidInput
from agentmem.forgetting.retention import retention
from agentmem.forgetting.standing import Floats, Standing, days_since
from agentmem.kinds import DERIVED

UNKNOWN = 0.5
"""What stands in for an importance or information that nobody told."""


@dataclass(frozen=True, slots=True)
class Worth:
    """How much each part of the value weighs, and how freshness falls.

    Attributes:
        strength: weight of feedback, ``s / (s + 1)``: a half without any.
        uses: weight of uses, ``u / (u + 4)``.
        reinforcements: weight of repetitions, ``r / (r + 2)``.
        importance: weight of the kind's importance.
        information: weight of information.
        span: days without use until the retention of a memory of strength 1 is 1/e.
        remnant: what freshness falls to in the end.

    Raises:
        InvalidInput: a weight is negative, or all are 0; ``span`` is not above 0; ``remnant`` is outside [0, 1].
    """

    strength: float = 0.4
    uses: float = 0.1
    reinforcements: float = 0.3
    importance: float = 0.1
    information: float = 0.1
    span: float = 90.0
    remnant: float = 0.25

    def __post_init__(self) -> None:
        weights = (self.strength, self.uses, self.reinforcements, self.importance, self.information)
        if not (all(weight >= 0 for weight in weights) and 0 < sum(weights) < np.inf):
            raise InvalidInput(f"Weights must be 0 or more, and not all 0: {weights}.")
        if not (self.span > 0 and 0.0 <= self.remnant <= 1.0):
            raise InvalidInput(
                f"Give a span of days above 0 and a remnant between 0 and 1, not {self.span} and {self.remnant}."
            )


USUAL = Worth()


def priorities(standing: Standing, now: datetime, worth: Worth = USUAL) -> Floats:
    """Value times freshness of every memory, in [0, 1], shape ``(n,)``.

    Raises:
        InvalidInput: ``now`` has no time zone.
    """
    return values(standing, worth) * freshness(standing, to_micros(aware(now, "now")), worth)


def values(standing: Standing, worth: Worth = USUAL) -> Floats:
    """The weighted mean of the parts of value, each in [0, 1]; shape ``(n,)``."""
    parts = (
        (worth.strength, _saturated(standing.strength, 1.0)),
        (worth.uses, _saturated(standing.uses, 4.0)),
        (worth.reinforcements, _saturated(standing.reinforcements, 2.0)),
        (worth.importance, UNKNOWN if standing.importance is None else standing.importance),
        (worth.information, UNKNOWN if standing.information is None else standing.information),
    )
    total = np.zeros(len(standing))
    for weight, part in parts:
        total += weight * part
    return np.minimum(total / sum(weight for weight, _part in parts), 1.0)


def freshness(standing: Standing, now: int, worth: Worth = USUAL) -> Floats:
    """Retention since the last use, between ``remnant`` and 1; ``now`` in microseconds. Shape ``(n,)``."""
    left = retention(days_since(standing.touched, now), standing.strength, worth.span)
    return worth.remnant + (1.0 - worth.remnant) * left


def importance(kinds: Sequence[str]) -> Floats:
    """The importance of memories by kind: 0.6 for the texts themselves, 0.4 for what can be made again from them.

    The latter are those of :data:`agentmem.kinds.DERIVED`.
    """
    return np.array([0.4 if kind in DERIVED else 0.6 for kind in kinds], dtype=np.float64)


def _saturated(counts: NDArray[np.int64] | Floats, half: float) -> Floats:
    share: Floats = counts / (counts + half)
    return share
