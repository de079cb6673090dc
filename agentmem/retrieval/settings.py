"""What of retrieval can be switched: for ablation, and for those who measured that their data wants otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from agentmem.errors import InvalidInput
from agentmem.retrieval.signals import ALL_SIGNALS

SIGNAL_NAMES = ALL_SIGNALS


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Settings of the way from a query to hits. The defaults are what measurement found best (docs/measurements.md).

    Attributes:
        candidates: how many each way of searching contributes to the union.
        expand: whether the neighbours of candidates become candidates too.
        first_person: whether names of speakers are embedded in the first person.
        diversity: 0 ranks by score alone; towards 1, a hit counts less the more it resembles those before it
            (maximal marginal relevance).
        without: names of signals to leave out of the score.
    """

    candidates: int = 100
    expand: bool = True
    first_person: bool = True
    diversity: float = 0.0
    without: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.candidates < 1:
            raise InvalidInput(f"candidates must be at least 1, not {self.candidates}.")
        if unknown := sorted(set(self.without) - SIGNAL_NAMES):
            raise InvalidInput(
                f"'without' names unknown signals: {', '.join(unknown)}. There are: {', '.join(sorted(SIGNAL_NAMES))}."
            )
        if not 0.0 <= self.diversity <= 1.0:
            raise InvalidInput(f"diversity must lie between 0 and 1, not {self.diversity}.")


DEFAULT_RETRIEVAL = Retrieval()
