"""What the judge ``facts`` is answered with. A fact without a verdict makes a reply malformed, never unsupported."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model

from agentmem.prompts.replies.reply import Text


class _Reply(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)


class FactList(_Reply):
    """The facts in a list of events that is not empty, so that there is at least one."""

    facts: list[Text] = Field(min_length=1)


class FactVerdict(_Reply):
    """Whether the fact of a number is supported; the reason goes first."""

    number: int
    reason: str
    supported: bool


class FactVerdicts(_Reply):
    """One verdict for each fact, in their order."""

    verdicts: list[FactVerdict]


@cache
def verdicts_on(facts: int) -> type[FactVerdicts]:
    """The reply about so many facts: each of their numbers, counted from 1, exactly once; they are put in order."""

    def in_order(verdicts: list[FactVerdict]) -> list[FactVerdict]:
        ordered = sorted(verdicts, key=lambda one: one.number)
        if [one.number for one in ordered] != list(range(1, facts + 1)):
            raise ValueError(f"must have one verdict for each of the numbers 1 to {facts}")
        return ordered

    checked = Annotated[list[FactVerdict], AfterValidator(in_order)]
    return create_model("FactVerdicts", __base__=FactVerdicts, verdicts=(checked, ...))
