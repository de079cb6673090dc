"""How much a language model may be used."""

from __future__ import annotations

import math
from dataclasses import dataclass

from agentmem.errors import InvalidInput
from agentmem.types import Usage


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits on what language models cost; ``None`` sets no limit.

    Attributes:
        calls: exchanges with the model, repairs included.
        tokens: tokens of prompts and replies together.
        usd: money; needs both prices.
        usd_per_million_prompt: the price of a million tokens of prompts.
        usd_per_million_completion: the price of a million tokens of replies.

    Raises:
        InvalidInput: a limit is negative or no number, or ``usd`` was given without prices.
    """

    calls: int | None = None
    tokens: int | None = None
    usd: float | None = None
    usd_per_million_prompt: float | None = None
    usd_per_million_completion: float | None = None

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise InvalidInput(f"A budget's {name!r} is {value}: give a number that is not negative, or None.")
        if self.usd is not None and None in {self.usd_per_million_prompt, self.usd_per_million_completion}:
            raise InvalidInput(
                "A budget in 'usd' needs the model's prices: give 'usd_per_million_prompt' and "
                "'usd_per_million_completion' (0 for a model that costs nothing)."
            )

    def cost(self, usage: Usage) -> float:
        """What this usage costs in US dollars; 0 without prices."""
        prompt = usage.prompt_tokens * (self.usd_per_million_prompt or 0.0)
        completion = usage.completion_tokens * (self.usd_per_million_completion or 0.0)
        return (prompt + completion) / 1e6

    def spent_by(self, usage: Usage) -> str | None:
        """The limit that leaves no room for another call after this usage, in words; ``None`` while there is room."""
        if self.calls is not None and usage.llm_calls >= self.calls:
            return f"{self.calls} calls"
        if self.tokens is not None and usage.prompt_tokens + usage.completion_tokens >= self.tokens:
            return f"{self.tokens} tokens"
        if self.usd is not None and self.cost(usage) >= self.usd:
            return f"{self.usd} US dollars"
        return None
