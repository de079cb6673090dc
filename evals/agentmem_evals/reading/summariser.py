"""The reader of event summaries: one session after another it lists what happened in one speaker's life.

After the incremental summaries of LoCoMo (arXiv 2402.17753, section 4.2): what was listed of earlier sessions is shown
with the next one, so that the list grows and repeats nothing. The wording is this project's own; none was published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from agentmem.prompts.replies.reply import Text
from agentmem.types import Usage
from agentmem_evals.datasets.event_questions import EventQuestion
from agentmem_evals.prompts import render
from agentmem_evals.reading.context_reader import ContextReader, ReadingFailure, cited_among
from agentmem_evals.reading.items import ShownItem

PROMPT = "summarise_events"
NOTHING_YET = "(nothing yet)"
"""What is shown in the place of an empty list."""
_LONGEST = 2048


class ListedEvents(BaseModel):
    """The reply: the new events, none where there are none, and the numbers of the records that they rest on."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    events: list[Text]
    cited: list[int]


@dataclass(frozen=True, slots=True)
class DatedEvent:
    """An event listed of an earlier session, with that session's date as the data set words it."""

    date: str
    event: str


@dataclass(frozen=True, slots=True)
class SummaryTask:
    """A session and a speaker, what was listed of the speaker so far, and what was found, best first."""

    question: EventQuestion
    earlier: tuple[DatedEvent, ...]
    found: tuple[ShownItem, ...]


@dataclass(frozen=True, slots=True)
class SummaryReading:
    """What was listed; all else but ``usage`` is as of a reader's ``Reading``.

    The context is what was found; the list so far, which is the same reader's for every system, is not in it.
    """

    events: tuple[str, ...]
    cited: tuple[str, ...]
    shown: tuple[str, ...]
    left_out: int
    context_tokens: int
    usage: Usage
    ms: float


class Summariser(ContextReader):
    """Packs, asks and parses; the same for every system."""

    def describe(self) -> Mapping[str, Any]:
        """What this reader is, for the manifest."""
        return self._described([PROMPT])

    def summarise(self, task: SummaryTask) -> SummaryReading | ReadingFailure:
        """The events of one session, or why there are none: an error is no empty list.

        Raises:
            BudgetExhausted: nothing more may be spent.
        """
        packed = self._packed(task.found)
        question = task.question
        prompt = render(
            PROMPT,
            speaker=question.speaker,
            date=question.date_text,
            earlier="\n".join(f"{one.date}: {one.event}" for one in task.earlier) or NOTHING_YET,
            items=packed.text,
        )
        heard = self._ask(question.id, prompt, ListedEvents, _LONGEST)
        if isinstance(heard, ReadingFailure):
            return heard
        shown = tuple(item.id for item in packed.items)
        return SummaryReading(
            events=tuple(" ".join(event.split()) for event in heard.reply.events),
            cited=cited_among(shown, heard.reply.cited),
            shown=shown,
            left_out=len(task.found) - len(shown),
            context_tokens=packed.tokens,
            usage=heard.usage,
            ms=heard.ms,
        )
