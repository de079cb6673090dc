"""What a recipe is: which structures are built, and how a question is answered from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from agentmem.forgetting.policy import NOTHING_FADES, Forgetting
from agentmem.retrieval.search import Rank, Strategy, single
from agentmem.retrieval.texts import rank_texts
from agentmem.structures.structure import Structure


@dataclass(frozen=True, slots=True)
class Cost:
    """How often a language model is called, in words; "0" for a recipe that never does. Without one, always 0."""

    write: str = "0"
    query: str = "0"


@dataclass(frozen=True, slots=True)
class Recipe:
    """A published system (or our own) as a composition of shared parts.

    Attributes:
        name: by which it is asked for.
        summary: what it is, in one line.
        paper: where it was published; ``None`` for our own.
        structures: what ``consolidate`` builds for it, in this order. Made anew for every store, because a structure
            may keep state.
        rank: what answers best at one look.
        strategy: how often to look.
        layers: derived layers whose findings count for the texts they come from (for ranks over texts).
        cost: calls of the language model.
        forgetting: what is retired by itself.
    """

    name: str
    summary: str
    paper: str | None = None
    structures: tuple[Callable[[], Structure], ...] = ()
    rank: Rank = rank_texts
    strategy: Strategy = single
    layers: frozenset[str] = frozenset()
    cost: Cost = field(default_factory=Cost)
    forgetting: Forgetting = NOTHING_FADES
