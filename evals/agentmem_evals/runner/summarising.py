"""A run of the task ``summaries``: for each session and speaker retrieve, pack to a budget, and list the events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from agentmem_evals.datasets.event_questions import EventQuestion
from agentmem_evals.reading.context_reader import ReadingFailure
from agentmem_evals.reading.in_order import in_order
from agentmem_evals.reading.items import shown_items
from agentmem_evals.reading.summariser import DatedEvent, Summariser, SummaryTask
from agentmem_evals.runner.handover import found_items, unread
from agentmem_evals.runner.loop import Run, failure, run_bodies
from agentmem_evals.runner.purse import usage_as_json
from agentmem_evals.runner.records import RETRIEVE
from agentmem_evals.runner.retrieving import Asked, ask_all
from agentmem_evals.runner.summary_records import SUMMARISED, Summary, SummaryRecord
from agentmem_evals.systems.full_context import FULL_CONTEXT
from agentmem_evals.types import Body, Question


def run_summaries(run: Run, summariser: Summariser, k: int) -> None:
    """List the events of every session and speaker: see :func:`agentmem_evals.runner.loop.run_bodies`.

    The selection is what :func:`agentmem_evals.datasets.event_questions.select_events` gives. The reader is given those
    of the ``k`` items found that fit its budget; of ``full-context``, which has no memory to ask, those of the session.
    With each session it sees what it listed of the speaker's earlier ones, so sessions are read one after another, and
    the concurrency is for the speakers of one. A session that failed is one whose events are not known: the next ones
    are read without them, also when the failed one is tried again.

    Raises:
        ConfigurationMismatch: the folder holds another run.
        NotARun: the folder holds a damaged run.
        BudgetExhausted: the language models' budget is spent.
    """
    whole_session = run.manifest.configuration["system"] == FULL_CONTEXT

    def ask(body: Body, questions: Sequence[Question]) -> Iterator[SummaryRecord]:
        about = [question for question in questions if isinstance(question, EventQuestion)]
        asked = ask_all(run.system, about, k, run.concurrency)
        return _Chain(body, summariser, run.folder.read(SUMMARISED), whole_session).records(asked, run.concurrency)

    run_bodies(run, SUMMARISED, ask)


class _Chain:
    """The lists of one conversation's speakers, session by session, on from what an earlier start listed."""

    def __init__(self, body: Body, summariser: Summariser, kept: Iterable[SummaryRecord], whole_session: bool) -> None:
        self._shown = shown_items(body)
        self._summariser = summariser
        self._whole_session = whole_session
        self._listed = {
            (one.speaker, one.place): one for one in kept if isinstance(one, Summary) and one.body == body.id
        }

    def records(self, asked: Iterator[Asked], concurrency: int) -> Iterator[SummaryRecord]:
        """A record for each question; a session's speakers may be read at once, as neither needs the other's list."""
        for _place, of_session in groupby(asked, key=lambda one: _event(one).place):
            for record in in_order(self._record, of_session, concurrency, "agentmem-evals-reader"):
                if isinstance(record, Summary):
                    self._listed[record.speaker, record.place] = record
                yield record

    def _record(self, asked: Asked) -> SummaryRecord:
        question = _event(asked)
        found = found_items(asked, self._shown, question.evidence if self._whole_session else None)
        if isinstance(found, Exception):
            return failure(question, RETRIEVE, found, asked.usage)
        earlier = self._earlier(question)
        reading = self._summariser.summarise(SummaryTask(question, earlier, found))
        if isinstance(reading, ReadingFailure):
            return unread(asked, reading)
        return Summary(
            question_id=question.id,
            body=question.body,
            speaker=question.speaker,
            session=question.session,
            place=question.place,
            date=question.date_text,
            question=question.text,
            events=question.parts,
            said=reading.events,
            turns=question.evidence,
            cited=reading.cited,
            found=reading.shown,
            left_out=reading.left_out,
            earlier=len(earlier),
            context_tokens=reading.context_tokens,
            retrieve_ms=asked.ms,
            answer_ms=reading.ms,
            retrieve_usage=asked.usage,
            answer_usage=usage_as_json(reading.usage),
        )

    def _earlier(self, question: EventQuestion) -> tuple[DatedEvent, ...]:
        """What was listed of the speaker's earlier sessions, whichever start of the run did it."""
        before = [self._listed.get((question.speaker, place)) for place in range(question.place)]
        return tuple(DatedEvent(one.date, event) for one in before if one is not None for event in one.said)


def _event(asked: Asked) -> EventQuestion:
    assert isinstance(asked.question, EventQuestion), "run_summaries asks no others"
    return asked.question
