"""The one question that all update policies ask, and its possible answers.

Keep-Me-Updated, Mem0 and LightMem each have words of their own for it (:mod:`agentmem.updating.vocabularies`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from agentmem.errors import LLMError
from agentmem.types import Memory, Usage


class Relation(StrEnum):
    """What a newer memory is to an older one."""

    INDEPENDENT = "independent"  # both stand, neither says anything about the other
    REPEATS = "repeats"  # the newer says nothing that the older does not say
    REFINES = "refines"  # the newer says all of the older, and more
    SUPERSEDES = "supersedes"  # the older was true until the newer became true
    CANCELS = "cancels"  # the newer ends the older, and is itself not worth keeping ("I have recovered")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two memories of one scope to be compared; ``cosine`` of their vectors where both have one."""

    older: Memory
    newer: Memory
    cosine: float | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a pair.

    Attributes:
        relation: see :class:`Relation`.
        reason: why, in a few words; for the journal, so without any of the memories' text.
        text: a wording that holds both, for ``REFINES``; ``None`` keeps the newer's own.
    """

    relation: Relation
    reason: str = ""
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """The answers to a batch of pairs, in their order; an error stands where none could be had.

    ``prompts`` are ids, versions and digests of the prompts that were asked; for the journal.
    """

    decisions: tuple[Decision | LLMError, ...]
    prompts: tuple[dict[str, object], ...] = ()
    usage: Usage = field(default_factory=Usage)


class Decider(Protocol):
    """Decides about pairs. Pairs with the same newer memory stand together, so that they can be asked together."""

    def decide(self, pairs: Sequence[Pair]) -> Decided:
        """One decision for each pair.

        Raises:
            BudgetExhausted: the model's budget is spent.
        """
        ...
