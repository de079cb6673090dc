"""The loop of a run: ingest a body of text, ask its questions, write each answer down at once.

This is the boundary to systems under evaluation: whatever they raise becomes a stored failure, never a zero.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from agentmem.types import Usage
from agentmem_evals.datasets.selection import Selection
from agentmem_evals.metrics.retrieval import sessions_by_first_turn
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.manifest import Manifest, now
from agentmem_evals.runner.records import INGEST, RETRIEVE, Failure, Prediction, Record
from agentmem_evals.systems.protocol import System
from agentmem_evals.types import Body, Question

Advance = Callable[[str, int], None]
"""Told a body's id and how many more of its questions are dealt with."""


def _unwatched(_body: str, _questions: int) -> None:
    """Nobody looks at the progress."""


def run_retrieval(
    system: System,
    selection: Selection,
    k: int,
    folder: RunFolder,
    manifest: Manifest,
    *,
    overwrite: bool = False,
    advance: Advance = _unwatched,
) -> None:
    """Ask every question of ``selection`` for ``k`` items, going on where an interrupted run in ``folder`` stopped.

    Raises:
        ConfigurationMismatch: the folder holds another run.
        NotARun: the folder holds a damaged run.
    """
    manifest, predictions = folder.take_up(manifest, overwrite=overwrite)
    done = {prediction.question_id for prediction in predictions}
    if manifest.finished_at is not None and len(done) == len(selection.questions):
        advance("", len(done))
        return
    for body in selection.bodies:
        questions = selection.about(body.id)
        waiting = [question for question in questions if question.id not in done]
        advance(body.id, len(questions) - len(waiting))
        if not waiting:
            continue
        try:
            cost = _ingest(system, body)
        except Exception as error:  # noqa: BLE001 - the boundary to systems under evaluation
            records: Iterator[Record] = (_failure(question, INGEST, error) for question in waiting)
            _write(records, folder, body.id, advance)
            continue
        manifest = dataclasses.replace(manifest, ingests={**manifest.ingests, body.id: cost})
        folder.write_manifest(manifest)
        _write(_ask_each(system, body, waiting, k), folder, body.id, advance)
    folder.write_manifest(dataclasses.replace(manifest, finished_at=now()))


def _write(records: Iterator[Record], folder: RunFolder, body: str, advance: Advance) -> None:
    for record in records:
        folder.append(record)
        advance(body, 1)


def _ingest(system: System, body: Body) -> dict[str, Any]:
    before = system.usage()
    started = time.perf_counter()
    system.ingest(body)
    seconds = time.perf_counter() - started
    return {
        "seconds": seconds,
        "items": sum(1 for _ in body.items),
        "bytes": system.stored_bytes(),
        "usage": _spent(before, system.usage()),
    }


def _ask_each(system: System, body: Body, questions: Sequence[Question], k: int) -> Iterator[Record]:
    session_of = body.session_of()
    for question in questions:
        try:
            yield _ask(system, question, k, session_of)
        except Exception as error:  # noqa: BLE001 - the boundary to systems under evaluation
            yield _failure(question, RETRIEVE, error)


def _ask(system: System, question: Question, k: int, session_of: dict[str, str]) -> Prediction:
    before = system.usage()
    started = time.perf_counter()
    retrieved = system.retrieve(question.text, k)
    latency = time.perf_counter() - started
    found = tuple(retrieved.items[:k])
    ranked = retrieved.sessions
    return Prediction(
        question_id=question.id,
        body=question.body,
        category=question.category,
        question=question.text,
        gold=question.evidence,
        gold_sessions=sessions_by_first_turn(question.evidence, session_of),
        found=found,
        sessions=sessions_by_first_turn(found, session_of) if ranked is None else tuple(ranked[:k]),
        sessions_from="turns" if ranked is None else "system",
        latency_ms=latency * 1000,
        usage=_spent(before, system.usage()),
    )


def _failure(question: Question, stage: str, error: Exception) -> Failure:
    return Failure(question.id, question.body, question.category, stage, type(error).__name__, str(error))


def _spent(before: Usage, after: Usage) -> dict[str, float]:
    differences = {
        field.name: getattr(after, field.name) - getattr(before, field.name) for field in dataclasses.fields(Usage)
    }
    return {name: value for name, value in differences.items() if value}
