"""The reader: the same for every system, so that answers differ by what was found and by nothing else.

The full-context baseline is this reader with all items and no budget.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agentmem.llm import Prompt
from agentmem.types import Usage
from agentmem_evals.prompts import render, template
from agentmem_evals.reading.context_reader import ContextReader, ReadingFailure, cited_among
from agentmem_evals.reading.in_order import in_order
from agentmem_evals.reading.items import ShownItem
from agentmem_evals.reading.options import lettered, letters
from agentmem_evals.reading.packing import Packed
from agentmem_evals.reading.replies import Answered, AnswerList, AnyAnswer, NotedAnswer, ReasonedAnswer, choice_among
from agentmem_evals.reading.styles import Style
from agentmem_evals.types import Question

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
    in the order in which it names them. ``left_out`` is how many items were found and did not fit the budget.
    ``context_tokens`` is what the items' text costs by the reader's counter.
    ``ms`` is wall time from the packed context to the parsed reply, waiting and repairs included. The prompt is named
    by id, version and digest.
    """

    question_id: str
    said: str
    cited: tuple[str, ...]
    shown: tuple[str, ...]
    left_out: int
    context_tokens: int
    usage: Usage
    ms: float
    prompt_id: str
    prompt_version: int
    prompt_digest: str


class Reader(ContextReader):
    """Packs, asks and parses."""

    def describe(self) -> Mapping[str, Any]:
        """What this reader is, for the manifest."""
        return self._described(style.value for style in Style)

    def read(self, task: ReadingTask) -> Reading | ReadingFailure:
        """The answer to one question, or why there is none.

        Raises:
            BudgetExhausted: nothing more may be spent; no failure of this question.
            EvalError: the question is to be answered by one of its options and has none, or more than 26.
        """
        packed = self._packed(task.found)
        options = task.question.options if task.style is Style.OPTIONS else ()
        prompt = _prompt(task, packed)
        schema, longest = _FORMS[task.style]
        if task.style is Style.OPTIONS:
            schema = choice_among(letters(options))
        heard = self._ask(task.question.id, prompt, schema, longest)
        if isinstance(heard, ReadingFailure):
            return heard
        shown = tuple(item.id for item in packed.items)
        return Reading(
            question_id=task.question.id,
            said=_said(heard.reply, options),
            cited=cited_among(shown, heard.reply.cited),
            shown=shown,
            left_out=len(task.found) - len(shown),
            context_tokens=packed.tokens,
            usage=heard.usage,
            ms=heard.ms,
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
