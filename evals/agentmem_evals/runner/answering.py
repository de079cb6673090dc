"""A run of the task ``qa``: retrieve, pack to a budget of tokens, have the reader answer; or the system answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from agentmem.errors import BudgetExhausted
from agentmem_evals.errors import EvalError
from agentmem_evals.reading.context_reader import ReadingFailure
from agentmem_evals.reading.items import shown_items
from agentmem_evals.reading.reader import Reader, Reading, ReadingTask, read_many
from agentmem_evals.reading.styles import Style, style_of
from agentmem_evals.runner.answer_records import ANSWERED, Answer, AnswerRecord, answer_to
from agentmem_evals.runner.handover import found_items, unread
from agentmem_evals.runner.loop import Run, failure, run_bodies
from agentmem_evals.runner.purse import spent_between, usage_as_json
from agentmem_evals.runner.records import ANSWER, RETRIEVE, Failure
from agentmem_evals.runner.retrieving import Asked, ask_all
from agentmem_evals.systems.protocol import AnsweringSystem
from agentmem_evals.types import Body, Question, Retrieved


def run_answers(run: Run, reader: Reader | None, k: int) -> None:
    """Answer every question: see :func:`agentmem_evals.runner.loop.run_bodies`.

    The reader is given those of the items found for ``k`` that fit its budget. As many questions are read at once as
    the run's concurrency says; the system is asked by one thread while they are, if it does not allow more. Without a
    reader the system's own answers are taken, one after another.

    Raises:
        EvalError: there is no reader, and the system does not answer by itself.
        ConfigurationMismatch: the folder holds another run.
        NotARun: the folder holds a damaged run.
        BudgetExhausted: the language models' budget is spent.
    """
    system, configuration = run.system, run.manifest.configuration
    style = partial(style_of, str(configuration["dataset"]), notes=bool(configuration.get("notes")))
    if reader is None and not isinstance(system, AnsweringSystem):
        raise EvalError(f"The system {system.name!r} does not answer by itself: pass --reader-llm openai:MODEL.")

    def ask(body: Body, questions: Sequence[Question]) -> Iterator[AnswerRecord]:
        if reader is None:
            assert isinstance(system, AnsweringSystem)
            return (_own_answer(system, question) for question in questions)
        return _Body(body, style).records(ask_all(system, questions, k, run.concurrency), reader, run.concurrency)

    run_bodies(run, ANSWERED, ask)


class _Body:
    """The way from what was found in one body to what was answered, with what is under way."""

    def __init__(self, body: Body, style: Callable[[Question], Style]) -> None:
        self._shown = shown_items(body)
        self._style = style
        self._under_way: dict[str, Asked] = {}
        self._failed: list[Failure] = []

    def records(self, asked: Iterator[Asked], reader: Reader, concurrency: int) -> Iterator[AnswerRecord]:
        """A record for each question; failures of retrieval come out before the next answer."""
        for reading in read_many(reader, self._tasks(asked), concurrency):
            yield from self._failures()
            yield self._record(reading)
        yield from self._failures()

    def _tasks(self, asked: Iterator[Asked]) -> Iterator[ReadingTask]:
        for one in asked:
            found = found_items(one, self._shown)
            if isinstance(found, Exception):
                self._failed.append(failure(one.question, RETRIEVE, found, one.usage))
                continue
            self._under_way[one.question.id] = one
            yield ReadingTask(one.question, self._style(one.question), found)

    def _failures(self) -> Iterator[Failure]:
        while self._failed:
            yield self._failed.pop(0)

    def _record(self, reading: Reading | ReadingFailure) -> AnswerRecord:
        asked = self._under_way.pop(reading.question_id)
        question = asked.question
        if isinstance(reading, ReadingFailure):
            return unread(asked, reading)
        return answer_to(
            question,
            said=reading.said,
            cited=reading.cited,
            found=reading.shown,
            left_out=reading.left_out,
            context_tokens=reading.context_tokens,
            retrieve_ms=asked.ms,
            answer_ms=reading.ms,
            retrieve_usage=asked.usage,
            answer_usage=usage_as_json(reading.usage),
            why=_why(asked.got, reading.shown),
        )


def _why(got: Retrieved | Exception, shown: Sequence[str]) -> tuple[Mapping[str, float], ...]:
    """The signals of what was read, in its order, which is not the order in which it was found; none if none are told.

    An item that was found twice has those of its first place.
    """
    if isinstance(got, Exception) or not got.why:
        return ()
    by_item = dict(zip(reversed(got.items[: len(got.why)]), reversed(got.why[: len(got.items)]), strict=True))
    return tuple(by_item.get(item, {}) for item in shown)


def _own_answer(system: AnsweringSystem, question: Question) -> Answer | Failure:
    before = system.usage()
    started = time.perf_counter()
    try:
        said = system.answer(question.text, asked_at=question.asked_at)
    except BudgetExhausted:
        raise
    except Exception as error:  # noqa: BLE001 - the boundary to systems under evaluation
        return failure(question, ANSWER, error, spent_between(before, system.usage()))
    ms = (time.perf_counter() - started) * 1000
    return answer_to(question, said=said, answer_ms=ms, answer_usage=spent_between(before, system.usage()))
