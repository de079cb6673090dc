"""A memory's strength: what users' and agents' feedback made of it, and what a use changes.

H-MEM (arXiv 2507.22925) gives each memory a weight: approval strengthens it, rejection weakens it, absence lets it
decay along a forgetting curve. We know of no published constants; these are ours. Absence needs no writing here: it is
:func:`agentmem.forgetting.retention.retention`, computed when it is asked for, and strength slows it.

Uses are counted beside strength, not in it, so that what was only found often can be told from what was found useful.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from agentmem.clock import aware, to_micros
from agentmem.errors import InvalidInput
from agentmem.forgetting.standing import Standing
from agentmem.protocols import IntArray


@dataclass(frozen=True, slots=True)
class Feedback:
    """The constants. By default one approval takes back one rejection, away from the bounds.

    Attributes:
        approval: a useful memory's strength is multiplied by it.
        rejection: another's is multiplied by it.
        least: the lower bound, above 0: nothing, pinned or not, is ever weakened to nothing.
        most: the upper bound, so that no number of approvals makes a memory immortal.

    Raises:
        InvalidInput: approval would weaken, rejection would strengthen, or 1 lies outside the bounds.
    """

    approval: float = 1.5
    rejection: float = 1 / 1.5
    least: float = 0.1
    most: float = 10.0

    def __post_init__(self) -> None:
        if not (0.0 < self.rejection <= 1.0 <= self.approval < math.inf and 0.0 < self.least <= 1.0 <= self.most):
            raise InvalidInput(
                "Feedback needs 0 < rejection <= 1 <= approval and 0 < least <= 1 <= most, all finite, not "
                f"rejection={self.rejection}, approval={self.approval}, least={self.least}, most={self.most}."
            )


USUAL = Feedback()


def after_feedback(strength: float, useful: bool, constants: Feedback = USUAL) -> float:
    """The strength of a memory that was judged, within ``[least, most]``.

    Raises:
        InvalidInput: ``strength`` is negative or not finite.
    """
    if not 0.0 <= strength < math.inf:
        raise InvalidInput(f"A strength is a number of at least 0, and 1 to begin with, not {strength}.")
    factor = constants.approval if useful else constants.rejection
    return min(max(strength * factor, constants.least), constants.most)


def after_use(standing: Standing, used: IntArray, now: datetime) -> Standing:
    """How the memories stand after some of them were used: counted once more, and their clocks started anew.

    Args:
        standing: as they stood before; it is not changed.
        used: indices; one that occurs twice was used twice.
        now: when. A clock is never set back.

    Raises:
        InvalidInput: ``now`` has no time zone.
    """
    uses, used_at = standing.uses.copy(), standing.used_at.copy()
    np.add.at(uses, used, 1)
    used_at[used] = np.maximum(used_at[used], to_micros(aware(now, "now")))
    return dataclasses.replace(standing, uses=uses, used_at=used_at)
