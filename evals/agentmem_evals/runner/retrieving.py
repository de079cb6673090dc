"""Asking a system for items, with the time that takes: one question after another, or several at once."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from agentmem.errors import BudgetExhausted
from agentmem_evals.runner.purse import spent_between
from agentmem_evals.systems.protocol import System
from agentmem_evals.types import Question, Retrieved

WHY_DEPTH = 20
"""For how many of the items found their signals are kept, beside those for evidence at any place. For all of a ranking
of 50 a file would be nine times as long as without; so it is less than five times."""
DIGITS = 4
"""Decimals of a signal that are kept."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what came back: a ranking or an error, the milliseconds it took, and what models cost.

    The ranking's ``why`` is as :func:`kept_signals` gives it.
    """

    question: Question
    got: Retrieved | Exception
    ms: float
    usage: dict[str, float]


def kept_signals(found: Retrieved, evidence: Sequence[str]) -> tuple[Mapping[str, float], ...]:
    """Of ``why`` what records hold, item by item: rounded to :data:`DIGITS` decimals, without what is then 0.

    From place :data:`WHY_DEPTH` on, the signals of items that are no evidence are left empty.
    """
    told = zip(found.items, found.why, strict=False)
    kept = (one if place < WHY_DEPTH or item in evidence else {} for place, (item, one) in enumerate(told))
    rounded = ({name: round(float(value), DIGITS) for name, value in one.items()} for one in kept)
    return tuple({name: value for name, value in one.items() if value} for one in rounded)


def may_ask_at_once(system: System) -> bool:
    """Whether several threads may put questions to a system: it says so with an attribute ``concurrent``."""
    return getattr(system, "concurrent", False) is True


def ask_all(system: System, questions: Sequence[Question], k: int, concurrency: int) -> Iterator[Asked]:
    """Put the questions in their order, ``concurrency`` at once if the system allows that.

    What questions that were put at once cost cannot be told apart: each gets the mean.

    Raises:
        BudgetExhausted: a language model's budget is spent.
    """
    if concurrency == 1 or not may_ask_at_once(system):
        for question in questions:
            before = system.usage()
            asked = _ask(system, question, k)
            yield replace(asked, usage=spent_between(before, system.usage()))
        return
    with ThreadPoolExecutor(concurrency, thread_name_prefix="agentmem-evals-retrieve") as pool:
        for first in range(0, len(questions), concurrency):
            group = questions[first : first + concurrency]
            before = system.usage()
            answers = list(pool.map(lambda question: _ask(system, question, k), group))
            share = spent_between(before, system.usage(), shares=len(group))
            yield from (replace(asked, usage=share) for asked in answers)


def _ask(system: System, question: Question, k: int) -> Asked:
    dated = {} if question.asked_at is None else {"asked_at": question.asked_at}
    started = time.perf_counter()
    got: Retrieved | Exception
    ms: float | None = None
    try:
        found = system.retrieve(question.text, k, **dated)
        ms = _since(started)
        got = replace(found, why=kept_signals(found, question.evidence))
    except BudgetExhausted:
        raise
    except Exception as error:  # noqa: BLE001 - the boundary to systems under evaluation
        got = error
    return Asked(question, got, _since(started) if ms is None else ms, {})


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
