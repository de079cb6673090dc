"""A run of the task ``retrieval``: what a system finds for each question, beside what it should have found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from agentmem_evals.datasets.selection import Selection
from agentmem_evals.metrics.retrieval import sessions_by_first_turn
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.loop import Advance, failure, run_bodies, unwatched
from agentmem_evals.runner.manifest import Manifest
from agentmem_evals.runner.purse import Purse
from agentmem_evals.runner.records import RETRIEVE, RETRIEVED, Prediction, Record
from agentmem_evals.runner.retrieving import Asked, ask_all
from agentmem_evals.systems.protocol import System
from agentmem_evals.types import Body, Question


def run_retrieval(
    system: System,
    selection: Selection,
    k: int,
    folder: RunFolder,
    manifest: Manifest,
    *,
    concurrency: int = 1,
    purse: Purse | None = None,
    overwrite: bool = False,
    advance: Advance = unwatched,
) -> None:
    """Ask every question of ``selection`` for ``k`` items: see :func:`agentmem_evals.runner.loop.run_bodies`.

    Raises:
        ConfigurationMismatch: the folder holds another run.
        NotARun: the folder holds a damaged run.
        BudgetExhausted: a language model's budget is spent.
    """

    def ask(body: Body, questions: Sequence[Question]) -> Iterator[Record]:
        session_of = body.session_of()
        return (_record(asked, k, session_of) for asked in ask_all(system, questions, k, concurrency))

    run_bodies(
        system, selection, folder, manifest, RETRIEVED, ask, purse=purse, overwrite=overwrite, advance=advance
    )


def _record(asked: Asked, k: int, session_of: Mapping[str, str]) -> Record:
    question, got = asked.question, asked.got
    if isinstance(got, Exception):
        return failure(question, RETRIEVE, got)
    found = tuple(got.items[:k])
    return Prediction(
        question_id=question.id,
        body=question.body,
        category=question.category,
        question=question.text,
        gold=question.evidence,
        gold_sessions=sessions_by_first_turn(question.evidence, session_of),
        found=found,
        sessions=sessions_by_first_turn(found, session_of) if got.sessions is None else tuple(got.sessions[:k]),
        sessions_from="turns" if got.sessions is None else "system",
        latency_ms=asked.ms,
        usage=asked.usage,
    )
