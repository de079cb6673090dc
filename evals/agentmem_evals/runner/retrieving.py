"""Asking a system for items, with the time that takes: one question after another, or several at once."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from agentmem.errors import BudgetExhausted
from agentmem_evals.runner.purse import spent_between
from agentmem_evals.systems.protocol import System
from agentmem_evals.types import Question, Retrieved


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what came back: a ranking or an error, the milliseconds it took, and what models cost."""

    question: Question
    got: Retrieved | Exception
    ms: float
    usage: dict[str, float]


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
    started = time.perf_counter()
    got: Retrieved | Exception
    try:
        if question.asked_at is None:
            got = system.retrieve(question.text, k)
        else:
            got = system.retrieve(question.text, k, asked_at=question.asked_at)
    except BudgetExhausted:
        raise
    except Exception as error:  # noqa: BLE001 - the boundary to systems under evaluation
        got = error
    return Asked(question, got, (time.perf_counter() - started) * 1000, {})
