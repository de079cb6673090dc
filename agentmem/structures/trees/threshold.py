"""How similar a text must be to go down into a branch: the deeper, the more."""

from __future__ import annotations

import math
from dataclasses import dataclass

from agentmem.errors import InvalidInput

_LARGEST_EXPONENT = 700.0  # of a double


@dataclass(frozen=True, slots=True)
class Threshold:
    """``start * exp(rate * depth / deepest)``, at most 1; 1 means: identical texts only.

    MemTree (Rezazadeh et al., ICLR 2025, arXiv 2410.14052, section 3) states ``start * exp(rate * depth)``, which with
    the usual values passes 1 at depth 2 and so allows no tree deeper than that. The form divided by the depth of the
    whole tree (range 0.40 to 0.66) is the default; ``normalised=False`` gives the other.

    Raises:
        InvalidInput: ``start`` outside [0, 1], or a negative ``rate``.
    """

    start: float = 0.4
    rate: float = 0.5
    normalised: bool = True

    def __post_init__(self) -> None:
        if not 0.0 <= self.start <= 1.0 or not 0.0 <= self.rate < math.inf:
            raise InvalidInput(
                f"A threshold starts in [0, 1] and its rate is not negative, unlike start={self.start}, "
                f"rate={self.rate}. The published values are 0.4 and 0.5."
            )

    def __call__(self, depth: int, deepest: int) -> float:
        """The least cosine at which a text at a node of this depth goes on to a child; the root has depth 0.

        ``deepest`` is the depth of the deepest node; 0 for a tree of only a root.
        """
        exponent = float(depth)
        if self.normalised:
            exponent = min(depth / deepest, 1.0) if deepest > 0 else 0.0
        return min(1.0, self.start * math.exp(min(self.rate * exponent, _LARGEST_EXPONENT)))


PUBLISHED = Threshold()
"""With the values of the paper."""
