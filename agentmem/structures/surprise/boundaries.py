"""Where events begin: at a unit that surprises more than those before it did.

Fountas et al., "Human-like Episodic Memory for Infinite Context LLMs" (ICLR 2025), section 3.2: a token begins an event
if its surprise ``-log p(x_t | past)`` exceeds ``mu + gamma * sigma`` of the surprises in a window before. Here a unit
is a turn or a passage. Its surprise is given by a language model, or else is how unlike it is to what came before.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agentmem.protocols import FloatArray

WINDOW = 20
"""How many units before one tell what is usual."""
GAMMA = 1.0
"""How many standard deviations above the mean a beginning is; 1.0 in all of the authors' configurations."""
DECAY = 0.8
"""What a unit counts in the past, against the one that followed it."""


def surprises(vectors: FloatArray, window: int = WINDOW, decay: float = DECAY) -> FloatArray:
    """How unlike each unit is to the units before it: one minus the cosine with their weighted mean; shape ``(n,)``.

    Args:
        vectors: unit vectors in order, shape ``(n, dimension)``; zeros where a unit has none, which never surprises.
        window: how many units before count.
        decay: the weight of each, over that of the one that followed it.

    The first unit has nothing before it; its surprise is 0, as it begins an event anyway.
    """
    found = np.zeros(len(vectors), dtype=np.float32)
    for place in range(1, len(vectors)):
        before = vectors[max(0, place - window) : place]
        weights = decay ** np.arange(len(before) - 1, -1, -1, dtype=np.float32)
        past = weights @ before
        length = float(np.linalg.norm(past)) * float(np.linalg.norm(vectors[place]))
        if length > 0.0:
            found[place] = 1.0 - float(past @ vectors[place]) / length
    return found


def boundaries(
    surprise: Sequence[float], *, window: int = WINDOW, gamma: float = GAMMA, fewest: int = 2, most: int = 24
) -> list[int]:
    """The places at which events begin, ascending, the first always 0; empty without units.

    Args:
        surprise: of each unit, in order.
        window: how many surprises before one give the mean and the (population) standard deviation.
        gamma: see :data:`GAMMA`.
        fewest: the fewest units of an event, the last one excepted.
        most: the most units of an event: a longer one ends there, surprising or not.
    """
    values = np.asarray(surprise, dtype=np.float64)
    found = [0] if len(values) else []
    for place in range(1, len(values)):
        long = place - found[-1]
        if long < fewest:
            continue
        usual = values[max(1, place - window) : place]  # nothing came before the first: it tells nothing
        exceeds = len(usual) > 0 and values[place] > usual.mean() + gamma * usual.std()
        if exceeds or long >= most:
            found.append(place)
    return found
