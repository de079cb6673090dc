"""The reader: the same for every system, so that answers differ by what was found and by nothing else.

The full-context baseline is this reader with all items and no budget.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agentmem.errors import BudgetExhausted, LLMError
from agentmem.llm import ChatModel, Prompt
from agentmem.models.chat.structured import StructuredLLM
from agentmem.protocols import TokenCounter
from agentmem.text.budget import estimate_tokens
from agentmem.types import Usage
from agentmem_evals.prompts import render, template
from agentmem_evals.reading.heard import HeardChat
from agentmem_evals.reading.in_order import in_order
from agentmem_evals.reading.items import ShownItem
from agentmem_evals.reading.options import lettered, letters
from agentmem_evals.reading.packing import Packed, pack_items
from agentmem_evals.reading.replies import Answered, AnswerList, AnyAnswer, NotedAnswer, ReasonedAnswer, choice_among
from agentmem_evals.reading.styles import Style
from agentmem_evals.types import Question

DEFAULT_BUDGET = 4000
"""Tokens of context."""
UNKNOWN_DATE = "(not known)"
_FORMS: Mapping[Style, tuple[type[AnyAnswer], int]] = {
    Style.PHRASE: (Answered, 256),
    Style.DATED_PHRASE: (Answered, 256),
    Style.OPEN: (Answered, 256),
    Style.REASONED_PHRASE: (ReasonedAnswer, 1024),
    Style.OPTIONS: (Answered, 256),
    Style.LIST: (AnswerList, 2048),
    Style.WORD: (Answered, 256),
    Style.HISTORY: (ReasonedAnswer, 1024),
    Style.HISTORY_NOTES: (NotedAnswer, 4096),
}
"""The form of each style's reply, and how many tokens it may have: the answer itself, its citations and the JSON."""


@dataclass(frozen=True, slots=True)
class ReadingTask:
    """A question, the form of its answer, and what was found for it, best first."""

    question: Question
    style: Style
    found: tuple[ShownItem, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader said to a question.

    ``shown`` are the ids of the items in the context, in its order; ``cited`` those among them that the answer names,
    in the order in which it names them. ``context_tokens`` is what the items' text costs by the reader's counter.
    ``ms`` is wall time from the packed context to the parsed reply, waiting and repairs included. The prompt is named
    by id, version and digest.
    """

    question_id: str
    said: str
    cited: tuple[str, ...]
    shown: tuple[str, ...]
    context_tokens: int
    usage: Usage
    ms: float
    prompt_id: str
    prompt_version: int
    prompt_digest: str


@dataclass(frozen=True, slots=True)
class ReadingFailure:
    """A question that got no answer, which is not a wrong one: the error's type and message, and what was spent."""

    question_id: str
    error: str
    message: str
    usage: Usage


class Reader:
    """Packs, asks and parses.

    Args:
        chat: the model that answers.
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
        prompts = {style.value: template(style.value) for style in Style}
        return {
            "model": self._chat.name,
            "budget": self._budget,
            "prompts": {id: {"version": found.version, "digest": found.digest} for id, found in prompts.items()},
        }

    def read(self, task: ReadingTask) -> Reading | ReadingFailure:
        """The answer to one question, or why there is none.

        Raises:
            BudgetExhausted: nothing more may be spent; no failure of this question.
            EvalError: the question is to be answered by one of its options and has none, or more than 26.
        """
        packed = pack_items(task.found, self._budget, self._count)
        options = task.question.options if task.style is Style.OPTIONS else ()
        prompt = _prompt(task, packed)
        schema, longest = _FORMS[task.style]
        if task.style is Style.OPTIONS:
            schema = choice_among(letters(options))
        heard = HeardChat(self._chat)
        started = self._now()
        try:
            reply = StructuredLLM(heard, max_tokens=longest).complete(prompt, schema).value
        except BudgetExhausted:
            raise
        except LLMError as error:
            return ReadingFailure(task.question.id, type(error).__name__, str(error), heard.usage)
        seconds = self._now() - started
        shown = tuple(item.id for item in packed.items)
        return Reading(
            question_id=task.question.id,
            said=_said(reply, options),
            cited=_cited(reply.cited, shown),
            shown=shown,
            context_tokens=packed.tokens,
            usage=heard.usage,
            ms=seconds * 1000,
            prompt_id=prompt.id,
            prompt_version=prompt.version,
            prompt_digest=prompt.digest,
        )


def read_many(reader: Reader, tasks: Iterable[ReadingTask], concurrency: int = 8) -> Iterator[Reading | ReadingFailure]:
    """The answers in the order of the tasks, at most ``concurrency`` questions at a time; tasks are taken as needed.

    Raises:
        BudgetExhausted: after the answers that were under way when the budget was spent.
        EvalError: a concurrency below 1.
    """
    return in_order(reader.read, tasks, concurrency, "agentmem-evals-reader")


def _prompt(task: ReadingTask, packed: Packed) -> Prompt:
    question = task.question
    known = {
        "items": packed.text,
        "question": question.text,
        "options": lettered(question.options) if task.style is Style.OPTIONS else "",
        "asked_at": UNKNOWN_DATE if question.asked_at is None else _worded(question.asked_at),
    }
    wanted = template(task.style.value).variables
    return render(task.style.value, **{name: value for name, value in known.items() if name in wanted})


def _worded(moment: datetime) -> str:
    """A date as LongMemEval words those of its sessions, in any locale: ``2023/05/20 (Sat) 02:21``."""
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[moment.weekday()]
    return f"{moment:%Y/%m/%d} ({day}) {moment:%H:%M}"


def _said(reply: AnyAnswer, options: Sequence[str]) -> str:
    """The answer as metrics read it: a list as JSON, and of a question with options the option's own words."""
    if isinstance(reply, AnswerList):
        return json.dumps(reply.answers, ensure_ascii=False)
    if options:
        return options[letters(options).index(reply.answer)]
    return reply.answer


def _cited(numbers: Sequence[int], shown: Sequence[str]) -> tuple[str, ...]:
    """The ids behind the numbers, each once; numbers of nothing that was shown are dropped."""
    return tuple(dict.fromkeys(shown[number - 1] for number in numbers if 1 <= number <= len(shown)))
