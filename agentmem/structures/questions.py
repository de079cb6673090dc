"""What a structure asks a language model while it works on one unit: all of it is answered, or the unit is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agentmem.errors import BudgetExhausted, LLMError, MalformedReply
from agentmem.llm import LLM, Prompt, Reply
from agentmem.structures.trees.wording import NotWritten, named
from agentmem.types import Usage


@dataclass(slots=True)
class Questions:
    """Asks, and remembers what it cost.

    Attributes:
        llm: the model.
        usage: what all answers cost so far.
        prompts: what was asked, as the journal names it, each prompt once.
    """

    llm: LLM
    usage: Usage = field(default_factory=Usage)
    _asked: list[Prompt] = field(default_factory=list)

    @property
    def prompts(self) -> tuple[Mapping[str, Any], ...]:
        """See the attributes."""
        return named(self._asked)

    def ask(self, prompts: Sequence[Prompt], schema: type[Reply]) -> list[Reply]:
        """The replies, in the order of the prompts, which do not depend on each other.

        Raises:
            BudgetExhausted: the budget is spent. What was answered is kept by whoever keeps replies.
            NotWritten: one of them failed.
        """
        answers = self.llm.complete_many(prompts, schema) if prompts else []
        replies: list[Reply] = []
        errors: list[LLMError] = []
        for answer in answers:
            if isinstance(answer, LLMError):
                errors.append(answer)
            else:
                self.usage += answer.usage
                replies.append(answer.value)
        self._asked += prompts
        if errors:
            raise next((error for error in errors if isinstance(error, BudgetExhausted)), self.failed(errors[0]))
        return replies

    def failed(self, error: LLMError | str) -> NotWritten:
        """The failure of the unit, with what was spent on it; a text says what is wrong with a reply."""
        return NotWritten(MalformedReply(error) if isinstance(error, str) else error, self.usage)
