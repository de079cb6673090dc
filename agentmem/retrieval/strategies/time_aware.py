"""Time-aware query expansion (LongMemEval, section 5): what lies outside the time a question is about goes last.

The language model says which span of time the question is about; it is padded by two days on either side. What is
found outside keeps its order and moves to the end: a weak guess must not hide anything. Without a language model, or
where it cannot be asked, the calendar parts that the question names do the same.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from agentmem.errors import LLMError
from agentmem.llm import LLM
from agentmem.prompts.library import render
from agentmem.prompts.replies.asking import TimeRange
from agentmem.retrieval.search import Found, Rank, Search, Strategy, single
from agentmem.text.times import date_cue

PADDING = timedelta(days=2)
_DEPTH = 3

Span = tuple[datetime, datetime]


def time_aware(inner: Strategy = single) -> Strategy:
    """A strategy that asks ``inner`` for more than is wanted and puts what lies in the asked time first."""

    def strategy(search: Search, rank: Rank, k: int) -> list[Found]:
        now = search.now
        inside = _by_rules(search.text, now) if search.llm is None else _by_model(search.llm, search.text, now)
        if inside is None:
            return inner(search, rank, k)
        found = inner(search, rank, _DEPTH * k)
        return sorted(found, key=lambda one: not inside(one.memory.at))[:k]  # stable: order is kept on either side

    return strategy


def _by_model(llm: LLM, question: str, now: datetime) -> Callable[[datetime], bool] | None:
    try:
        reply = llm.complete(render("time_range", question=question, date=f"{now:%A, %d %B %Y}"), TimeRange).value
    except LLMError:
        return _by_rules(question, now)
    start, end = _moment(reply.start), _moment(reply.end)
    if start is None or end is None or start > end:
        return None
    first, last = _moved(start, -PADDING), _moved(end, timedelta(days=1) + PADDING)
    return lambda at: first <= at < last


def _by_rules(question: str, now: datetime) -> Callable[[datetime], bool] | None:
    cue = date_cue(question, now)
    return cue.covers if cue else None


def _moved(moment: datetime, by: timedelta) -> datetime:
    """A moment so much earlier or later, but where the calendar ends: models write year 1 or 9999 for "ever"."""
    try:
        return moment + by
    except OverflowError:
        return moment


def _moment(text: str | None) -> datetime | None:
    """An ISO date; ``None`` for anything else."""
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo is not None else found.replace(tzinfo=UTC)
