"""The loop of a run over bodies of text: take one in, put its questions, write each record down at once.

This is the boundary to systems under evaluation: whatever they raise becomes a stored failure, never a zero. Only a
spent budget ends the run, which goes on there when it is started again.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from agentmem.errors import BudgetExhausted
from agentmem_evals.datasets.selection import Selection
from agentmem_evals.runner.codec import Codec
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.manifest import Manifest, now
from agentmem_evals.runner.purse import Purse, spent_between, total_usage, usage_as_json
from agentmem_evals.runner.records import INGEST, AboutQuestion, Failure
from agentmem_evals.systems.protocol import System
from agentmem_evals.types import Body, Question

R = TypeVar("R", bound=AboutQuestion)
Advance = Callable[[str, int], None]
"""Told a body's id and how many more of its questions are dealt with. The first call, without a body, says how many an
earlier start has dealt with."""


def unwatched(_body: str, _questions: int) -> None:
    """Nobody looks at the progress."""


@dataclass(frozen=True, slots=True)
class Run:
    """A system, what it is told and asked, and where that is written down.

    A system that must not see the data's own ids comes as :func:`agentmem_evals.systems.neutral.neutral` gives it.
    With a ``purse`` a failure for want of money is no failure of the system. ``concurrency`` is how many questions are
    under way at once; ``overwrite`` throws away what the folder holds.
    """

    system: System
    selection: Selection
    folder: RunFolder
    manifest: Manifest
    purse: Purse | None = None
    concurrency: int = 1
    overwrite: bool = False
    advance: Advance = unwatched


def run_bodies(
    run: Run, codec: Codec[R | Failure], ask: Callable[[Body, Sequence[Question]], Iterator[R | Failure]]
) -> None:
    """Put every question of a run's selection, going on where an interrupted one in its folder stopped.

    ``ask`` gives a record for each question about a body that was taken in; it may raise only to end the run.

    Raises:
        ConfigurationMismatch: the folder holds another run.
        NotARun: the folder holds a damaged run.
        FolderInUse: another process writes to the folder.
        BudgetExhausted: the budget is spent; what was written stays.
    """
    with run.folder.held():
        _run_bodies(run, codec, ask)


def _run_bodies(
    run: Run, codec: Codec[R | Failure], ask: Callable[[Body, Sequence[Question]], Iterator[R | Failure]]
) -> None:
    selection, folder, purse, advance = run.selection, run.folder, run.purse, run.advance
    manifest, kept = folder.take_up(run.manifest, codec, overwrite=run.overwrite)
    done = {record.question_id for record in kept}
    if purse is not None:
        purse.owe(total_usage([manifest.spent]))
    advance("", len(done))
    if manifest.finished_at is not None and len(done) == len(selection.questions):
        return
    manifest = dataclasses.replace(manifest, finished_at=None)
    about = _by_body(selection.questions)
    written = None if purse is None else purse.spent
    try:
        for body in selection.bodies:
            waiting = [question for question in about.get(body.id, ()) if question.id not in done]
            if not waiting:
                continue
            advance(body.id, 0)
            cost = _ingest(run.system, body, purse)
            if isinstance(cost, Exception):
                folder.append(codec, [failure(question, INGEST, cost) for question in waiting])
                advance(body.id, len(waiting))
                continue
            manifest = dataclasses.replace(manifest, ingests={**manifest.ingests, body.id: cost})
            folder.write_manifest(_with_spending(manifest, purse))
            for record in ask(body, waiting):
                if purse is not None and isinstance(record, Failure):
                    purse.check()
                folder.append(codec, [record])
                if purse is not None and purse.spent != written:
                    # At once, so that a run that is killed forgets one call and not a budget.
                    written = purse.spent
                    folder.write_manifest(_with_spending(manifest, purse))
                advance(body.id, 1)
        manifest = dataclasses.replace(manifest, finished_at=now())
    finally:
        folder.write_manifest(_with_spending(manifest, purse))


def failure(question: Question, stage: str, error: Exception, usage: Mapping[str, float] | None = None) -> Failure:
    """The record of a question that something was raised about, and what it cost all the same."""
    return Failure(question.id, question.body, question.category, stage, type(error).__name__, str(error), usage or {})


def _by_body(questions: Sequence[Question]) -> dict[str, list[Question]]:
    found: dict[str, list[Question]] = {}
    for question in questions:
        found.setdefault(question.body, []).append(question)
    return found


def _ingest(system: System, body: Body, purse: Purse | None) -> dict[str, Any] | Exception:
    before = system.usage()
    started = time.perf_counter()
    try:
        system.ingest(body)
        seconds = time.perf_counter() - started
        return {
            "seconds": seconds,
            "items": sum(1 for _ in body.items),
            "bytes": system.stored_bytes(),
            "usage": spent_between(before, system.usage()),
        }
    except BudgetExhausted:
        raise
    except Exception as error:  # noqa: BLE001 - the boundary to systems under evaluation
        if purse is not None:
            purse.check()  # a system may catch the refusal and say something else
        return error


def _with_spending(manifest: Manifest, purse: Purse | None) -> Manifest:
    return manifest if purse is None else dataclasses.replace(manifest, spent=usage_as_json(purse.spent))
