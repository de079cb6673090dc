"""What an answer is measured against: the part of a question that a metric may see."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gold:
    """The right answer of one question; the fields mean what they mean in :class:`agentmem_evals.types.Question`.

    ``answer`` is ``None`` where the data set has none, ``category`` is the data set's own code.
    """

    answer: str | None
    category: str = ""
    aliases: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    unanswerable: bool = False

    @property
    def accepted(self) -> tuple[str, ...]:
        """Every wording that counts as the answer: the answer, then its aliases; empty where there is neither."""
        return (() if self.answer is None else (self.answer,)) + self.aliases
