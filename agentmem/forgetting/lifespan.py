"""Memoria's lifespan: a memory has so many steps to live, earns more by being reminded, and is dropped at the end.

Memoria (Park & Bak 2024, ICML, arXiv 2310.03052): a new engram has lifespan ``L0``; the ``N`` engrams reminded in a
step each gain ``alpha N w_i``, with ``w`` the attention they got, normalised to sum 1, so that the mean gain is
``alpha``; every lifespan then falls by 1, and what has none left is dropped. The short term holds a set number of
engrams; the oldest beyond it move on to the long term. Defaults are those of its GPT-2 experiments.

The paper's step is a segment of text. A store that is asked at any moment counts steps in time instead, and keeps how
often a memory was used rather than every weight: :func:`remaining` is what :func:`after_step` gives when each reminding
earns the mean gain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from agentmem.errors import InvalidInput
from agentmem.forgetting.standing import Floats
from agentmem.protocols import IntArray


@dataclass(frozen=True, slots=True)
class Memoria:
    """The constants.

    Attributes:
        initial: ``L0``, the steps a new memory has.
        gain: ``alpha``, the mean number of steps that being reminded is worth.
        step_days: how long a step is.
        short_term: how many memories the short term holds.
    """

    initial: float = 9.0
    gain: float = 8.0
    step_days: float = 1.0
    short_term: int = 400

    def __post_init__(self) -> None:
        if not (self.initial > 0 and self.gain >= 0 and self.step_days > 0 and self.short_term >= 0):
            raise InvalidInput(
                "Memoria needs initial > 0, gain >= 0, step_days > 0 and short_term >= 0, not "
                f"initial={self.initial}, gain={self.gain}, step_days={self.step_days}, short_term={self.short_term}."
            )


PUBLISHED = Memoria()


def gains(weights: ArrayLike, constants: Memoria = PUBLISHED) -> Floats:
    """What each of the reminded memories gains: ``alpha N w_i``, with ``w`` normalised to sum 1.

    Args:
        weights: shape ``(N,)``, 0 or more: similarity to the query, or 1 for what the answer cites. If all are 0,
            nobody gains.
        constants: ``gain`` is ``alpha``.

    Raises:
        InvalidInput: a weight is negative or not finite.
    """
    attention = np.asarray(weights, dtype=np.float64)
    if not (np.isfinite(attention) & (attention >= 0)).all():
        raise InvalidInput("Attention cannot be negative or infinite. Clip cosines at 0 first.")
    largest = attention.max(initial=0.0)
    if largest == 0.0:
        return np.zeros_like(attention)
    shares = attention / largest  # so that the sum can neither vanish nor overflow
    gained: Floats = constants.gain * len(attention) * (shares / shares.sum())
    return gained


def after_step(lifespans: Floats, reminded: IntArray, weights: ArrayLike, constants: Memoria = PUBLISHED) -> Floats:
    """All lifespans one step later; what is at 0 or below is to be dropped.

    Args:
        lifespans: shape ``(n,)``.
        reminded: the indices of those reminded, each once, shape ``(N,)``.
        weights: the attention each of them got, shape ``(N,)``.
        constants: ``gain`` is ``alpha``.
    """
    left = lifespans - 1.0
    left[reminded] += gains(weights, constants)
    return left


def remaining(days: ArrayLike, uses: ArrayLike, strength: ArrayLike = 1.0, constants: Memoria = PUBLISHED) -> Floats:
    """Steps that are left: ``strength (L0 + alpha uses)``, less the whole steps since the memory was learned.

    Strength is what feedback made of a memory; the paper knows none, and without any it is 1.
    """
    earned = constants.initial + constants.gain * np.asarray(uses, dtype=np.float64)
    steps = np.floor(np.asarray(days, dtype=np.float64) / constants.step_days)
    left: Floats = np.asarray(strength, dtype=np.float64) * earned - steps
    return left


def leaving_short_term(arrived: IntArray, constants: Memoria = PUBLISHED) -> IntArray:
    """Which move on to the long term: the indices of the oldest beyond capacity, first in first out.

    Args:
        arrived: when each entered the short term, in any unit; those that came at once leave in the order given.
        constants: ``short_term`` is the capacity.
    """
    surplus = max(0, len(arrived) - constants.short_term)
    oldest: IntArray = np.argsort(arrived, kind="stable")[:surplus].astype(np.int64)
    return oldest
