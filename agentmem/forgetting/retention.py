"""How much of a memory is left after some time without use: Ebbinghaus' curve, reinforced on use.

MemoryBank (Zhong et al. 2024, arXiv 2305.10250), section on the memory updating mechanism: ``R = exp(-t / S)``, where
``t`` is the time since the last recall and ``S`` starts at 1 and grows by 1 with each recall, which also starts the
clock anew. Its code counts ``t`` in days and divides by 5, but writes ``exp(-t / 5 * S)``: there, what is recalled
often is forgotten *sooner*. Here it is ``exp(-t / (5 S))``, as the paper means it. The paper forgets at random, with
probability ``1 - R``; here a memory fades when ``R`` falls below a floor, so that the same memories fade every time.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from agentmem.errors import InvalidInput
from agentmem.forgetting.standing import Floats

SPAN = 5.0
"""Days after which a memory of stability 1 has retention 1/e."""

_LEAST = 1e-9  # a strength of 0 would divide by 0


def stability(strength: ArrayLike, uses: ArrayLike) -> Floats:
    """``S``, which slows forgetting: 1 at first, and one more with each use, times what feedback made of it.

    Args:
        strength: from feedback, 1 without any; MemoryBank knows none.
        uses: how often it was recalled.
    """
    grown: Floats = np.asarray(strength, dtype=np.float64) * (1.0 + np.asarray(uses, dtype=np.float64))
    return grown


def retention(days: ArrayLike, stability: ArrayLike = 1.0, span: float = SPAN) -> Floats:
    """``R = exp(-t / (span S))``, in [0, 1]; arguments broadcast.

    Args:
        days: ``t``, days since the last use, or since it was learned; 0 or more.
        stability: ``S``, see :func:`stability`.
        span: days after which a memory of stability 1 has retention 1/e.

    Raises:
        InvalidInput: ``span`` is not above 0.
    """
    if not span > 0:
        raise InvalidInput(f"span must be a number of days above 0, not {span}. MemoryBank's is {SPAN}.")
    lasting = np.maximum(np.asarray(stability, dtype=np.float64), _LEAST) * span
    left: Floats = np.exp(-np.asarray(days, dtype=np.float64) / lasting)
    return left


def half_life(stability: float = 1.0, span: float = SPAN) -> float:
    """Days without use until half is left: ``span S ln 2``; 3.5 days for a memory that was never used."""
    return span * stability * math.log(2.0)


def fades_after(floor: float, stability: float = 1.0, span: float = SPAN) -> float:
    """Days without use until retention is down to ``floor``: ``-span S ln(floor)``; infinite for a floor of 0.

    Raises:
        InvalidInput: ``floor`` lies outside [0, 1].
    """
    if not 0.0 <= floor <= 1.0:
        raise InvalidInput(f"floor is a retention: give a number between 0 and 1, not {floor}.")
    return span * stability * abs(math.log(floor)) if floor else math.inf
