"""A run of the task ``retrieval``: what a system finds for each question, beside what it should have found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentmem_evals.datasets.longmemeval import FILE_NAMES as LONGMEMEVAL
from agentmem_evals.datasets.longmemeval import USER
from agentmem_evals.errors import UnknownName
from agentmem_evals.metrics.retrieval import sessions_by_first_turn
from agentmem_evals.reading.items import check_named
from agentmem_evals.runner.loop import Run, failure, run_bodies
from agentmem_evals.runner.records import RETRIEVE, RETRIEVED, Prediction, Record, UserSide
from agentmem_evals.runner.retrieving import Asked, ask_all
from agentmem_evals.types import Body, Question, Retrieved, Turn


def run_retrieval(run: Run, k: int) -> None:
    """Ask every question for ``k`` items: see :func:`agentmem_evals.runner.loop.run_bodies`.

    Raises:
        ConfigurationMismatch: the folder holds another run.
        NotARun: the folder holds a damaged run.
        BudgetExhausted: a language model's budget is spent.
    """
    has_users = run.manifest.configuration["dataset"] in LONGMEMEVAL

    def ask(body: Body, questions: Sequence[Question]) -> Iterator[Record]:
        told = _Told(body, _said_by_user(body) if has_users else None)
        return (_record(asked, k, told) for asked in ask_all(run.system, questions, k, run.concurrency))

    run_bodies(run, RETRIEVED, ask)


class _Told:
    """What a system was told, by id: what it may name. ``users`` are the turns of a user, where that is looked at."""

    def __init__(self, body: Body, users: frozenset[str] | None) -> None:
        self.items = frozenset(item.id for item in body.items)
        self.sessions = frozenset(session.id for session in body.sessions)
        self.session_of = body.session_of()
        self.users = users

    def check(self, got: Retrieved) -> None:
        """Refuse a ranking that names anything else.

        Raises:
            UnknownName: it does.
        """
        check_named(got.items, self.items)
        check_named(got.sessions or (), self.sessions, "sessions")


def _said_by_user(body: Body) -> frozenset[str]:
    return frozenset(item.id for item in body.items if isinstance(item, Turn) and item.speaker == USER)


def _user_side(users: frozenset[str], found: Sequence[str], gold: Sequence[str]) -> UserSide:
    said, holding = (tuple(id for id in ids if id in users) for ids in (found, gold))
    return UserSide(said, holding, len(users))


def _record(asked: Asked, k: int, told: _Told) -> Record:
    question, got = asked.question, asked.got
    if isinstance(got, Exception):
        return failure(question, RETRIEVE, got, asked.usage)
    try:
        told.check(got)
    except UnknownName as error:
        return failure(question, RETRIEVE, error, asked.usage)
    found = tuple(got.items[:k])
    return Prediction(
        question_id=question.id,
        body=question.body,
        category=question.category,
        question=question.text,
        gold=question.evidence,
        gold_sessions=sessions_by_first_turn(question.evidence, told.session_of),
        found=found,
        sessions=sessions_by_first_turn(found, told.session_of) if got.sessions is None else tuple(got.sessions[:k]),
        sessions_from="turns" if got.sessions is None else "system",
        latency_ms=asked.ms,
        usage=asked.usage,
        why=got.why[:k],
        user=None if told.users is None else _user_side(told.users, found, question.evidence),
    )
