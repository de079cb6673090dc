"""The reader of event summaries: one session after another it lists what happened in one speaker's life.

After the incremental summaries of LoCoMo (arXiv 2402.17753, section 4.2): what was listed of earlier sessions is shown
with the next one, so that the list grows and repeats nothing. The wording is this project's own; none was published.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from agentmem.errors import BudgetExhausted, LLMError
from agentmem.llm import ChatModel
from agentmem.models.chat.structured import StructuredLLM
from agentmem.prompts.replies import Text
from agentmem.protocols import TokenCounter
from agentmem.text.budget import estimate_tokens
from agentmem.types import Usage
from agentmem_evals.datasets.event_questions import EventQuestion
from agentmem_evals.prompts import render, template
from agentmem_evals.reading.heard import HeardChat
from agentmem_evals.reading.items import ShownItem
from agentmem_evals.reading.packing import pack_items
from agentmem_evals.reading.reader import DEFAULT_BUDGET, ReadingFailure

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
    """What was listed. ``shown``, ``cited``, ``context_tokens`` and ``ms`` are as of a reader's ``Reading``.

    The context is what was found; the list so far, which is the same reader's for every system, is not in it.
    """

    events: tuple[str, ...]
    cited: tuple[str, ...]
    shown: tuple[str, ...]
    context_tokens: int
    usage: Usage
    ms: float


class Summariser:
    """Packs, asks and parses; the same for every system. Safe to use from several threads.

    Args:
        chat: the model that lists events.
        budget: tokens of context, ``None`` for no limit.
        count: how tokens are counted; it must not depend on the system under evaluation.
        now: the present in seconds, to take times with.
    """

    def __init__(
        self,
        chat: ChatModel,
        budget: int | None = DEFAULT_BUDGET,
        count: TokenCounter = estimate_tokens,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._chat = chat
        self._budget = budget
        self._count = count
        self._now = now

    def describe(self) -> Mapping[str, Any]:
        """What this reader is, for the manifest."""
        prompt = template(PROMPT)
        return {
            "model": self._chat.name,
            "budget": self._budget,
            "prompts": {PROMPT: {"version": prompt.version, "digest": prompt.digest}},
        }

    def summarise(self, task: SummaryTask) -> SummaryReading | ReadingFailure:
        """The events of one session, or why there are none: an error is no empty list.

        Raises:
            BudgetExhausted: nothing more may be spent.
        """
        packed = pack_items(task.found, self._budget, self._count)
        question = task.question
        prompt = render(
            PROMPT,
            speaker=question.speaker,
            date=question.date_text,
            earlier="\n".join(f"{one.date}: {one.event}" for one in task.earlier) or NOTHING_YET,
            items=packed.text,
        )
        heard = HeardChat(self._chat)
        started = self._now()
        try:
            reply = StructuredLLM(heard, max_tokens=_LONGEST).complete(prompt, ListedEvents).value
        except BudgetExhausted:
            raise
        except LLMError as error:
            return ReadingFailure(question.id, type(error).__name__, str(error), heard.usage)
        seconds = self._now() - started
        shown = tuple(item.id for item in packed.items)
        return SummaryReading(
            events=tuple(" ".join(event.split()) for event in reply.events),
            cited=_cited(reply.cited, shown),
            shown=shown,
            context_tokens=packed.tokens,
            usage=heard.usage,
            ms=seconds * 1000,
        )


def _cited(numbers: Sequence[int], shown: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(shown[number - 1] for number in numbers if 1 <= number <= len(shown)))
