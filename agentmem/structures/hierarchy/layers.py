"""The layers of the hierarchy, and how alike things must be to stand in one place of each."""

from __future__ import annotations

from dataclasses import dataclass

from agentmem.errors import InvalidInput
from agentmem.kinds import CATEGORY, DOMAIN, TRACE

LAYERS = (DOMAIN, CATEGORY, TRACE)
"""The kinds of nodes from the top down; the texts stand below."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """The least cosine at which a text goes into a node, layer by layer; below it a new node begins.

    H-MEM leaves this to a language model's words; these thresholds are ours. They rise, for the lower a layer is, the
    narrower are its nodes.

    Attributes:
        domain: of the text in its context with the mean of the domain's texts.
        category: the same with the category's.
        trace: of the text alone with the mean of the trace's.
        name: of two names of domains or categories that a model gave, to be one.

    Raises:
        InvalidInput: one of them is no cosine above 0.
    """

    domain: float = 0.5
    category: float = 0.6
    trace: float = 0.65
    name: float = 0.8

    def __post_init__(self) -> None:
        if not all(0.0 < least <= 1.0 for least in (self.domain, self.category, self.trace, self.name)):
            raise InvalidInput("The likeness of a layer is a cosine above 0 and at most 1.")

    def least(self, layer: int) -> float:
        """By the number of the layer in :data:`LAYERS`."""
        return (self.domain, self.category, self.trace)[layer]


USUAL = Likeness()
