"""What readers are answered with. An answer that is missing or empty makes a reply malformed, never an empty answer."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, create_model

from agentmem.prompts.replies.reply import Text


class _Reply(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)


class Answered(_Reply):
    """A short answer, and the numbers of the records that it rests on."""

    answer: Text
    cited: list[int]


class ReasonedAnswer(_Reply):
    """The same, thought through first."""

    reasoning: str
    answer: Text
    cited: list[int]


class Note(_Reply):
    """What one record tells about the question."""

    number: int
    note: str


class NotedAnswer(_Reply):
    """An answer after notes and reasoning."""

    notes: list[Note]
    reasoning: str
    answer: Text
    cited: list[int]


class AnswerList(_Reply):
    """An answer that is a list; an empty one says that nothing of the kind was told."""

    answers: list[Text]
    cited: list[int]


AnyAnswer = Answered | ReasonedAnswer | NotedAnswer | AnswerList


@cache
def choice_among(letters: tuple[str, ...]) -> type[Answered]:
    """The reply to a question with options: :class:`Answered`, with one of these letters for its answer.

    ``B``, ``(b)`` and ``b.`` are read as ``b``. Any other answer makes the reply malformed.
    """
    letter = Annotated[Literal[letters], BeforeValidator(_bare)]  # type: ignore[valid-type]
    return create_model("Choice", __base__=Answered, answer=(letter, ...))


def _bare(said: object) -> object:
    return said.strip().strip("().:").lower() if isinstance(said, str) else said
