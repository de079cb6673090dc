"""Asking several questions at once: only where the system allows it, and with the same records."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from agentmem_evals.datasets.selection import select
from agentmem_evals.errors import EvalError
from agentmem_evals.progress import Pace, progress
from agentmem_evals.runner.configuration import RunConfiguration
from agentmem_evals.runner.execute import run_retrieval
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.loop import Run
from agentmem_evals.runner.manifest import new_manifest
from agentmem_evals.runner.purse import Purse
from agentmem_evals.runner.records import Failure, Prediction
from agentmem_evals.types import Dataset, Retrieved
from rich.console import Console

from agentmem.models.chat.budget import Budget
from agentmem.types import Usage

if TYPE_CHECKING:
    from conftest import ScriptedSystem

    Scripted = Callable[..., ScriptedSystem]


class Meeting:
    """A scripted system whose questions wait for each other: it answers only when so many are put at once."""

    def __init__(self, inner: ScriptedSystem, together: int, *, concurrent: bool) -> None:
        self._inner, self.name, self.concurrent = inner, inner.name, concurrent
        self.describe, self.ingest, self.usage = inner.describe, inner.ingest, inner.usage
        self.stored_bytes, self.close = inner.stored_bytes, inner.close
        self._barrier = threading.Barrier(together, timeout=20)
        self._lock = threading.Lock()

    def retrieve(self, question: str, k: int, *, asked_at: datetime | None = None) -> Retrieved:
        self._barrier.wait()
        with self._lock:
            return self._inner.retrieve(question, k)


def execute(system: object, dataset: Dataset, folder: RunFolder, concurrency: int) -> list[Prediction | Failure]:
    configuration = RunConfiguration("retrieval", "locomo", "scripted", ks=(1, 2), concurrency=concurrency)
    selection = select(dataset)
    manifest = new_manifest(configuration, dataset, selection, {"name": "scripted"})
    run_retrieval(Run(system, selection, folder, manifest, concurrency=concurrency), 2)  # type: ignore[arg-type]
    return folder.read_records()


ANSWERS = {"What is Cleo's job?": RuntimeError("no such luck"), "Where did Ben run a marathon?": ["D2:1"]}


def test_questions_meet_where_the_system_allows_it(small: Dataset, scripted: Scripted, tmp_path: Path) -> None:
    # Six questions are about the first conversation, two about the second: pairs come out even.
    records = execute(Meeting(scripted(ANSWERS), 2, concurrent=True), small, RunFolder(tmp_path / "many"), 2)
    alone = execute(Meeting(scripted(ANSWERS), 1, concurrent=False), small, RunFolder(tmp_path / "one"), 2)

    def told(found: Sequence[Prediction | Failure]) -> list[object]:
        return [(one.question_id, one.found if isinstance(one, Prediction) else one.message) for one in found]

    assert told(records) == told(alone) and len(records) == 8
    # What a pair cost is shared: each question embeds one text, the failed one too.
    assert [one.usage for one in records if isinstance(one, Prediction)] == [{"embedded_texts": 1}] * 7


def test_a_concurrency_of_nothing_is_refused() -> None:
    with pytest.raises(EvalError, match="asks nothing"):
        RunConfiguration("retrieval", "locomo", "scripted", ks=(1,), concurrency=0)


def test_the_pace_tells_what_is_to_come() -> None:
    # Four questions took 20 seconds and 2 dollars: the six that are left take 30 and 3.
    pace = Pace(done=4, left=6, seconds=20.0, usd=2.0)
    assert (pace.seconds_to_come, pace.usd_to_come) == (30.0, 3.0)
    assert Pace(0, 6, 1.0, 0.0).seconds_to_come is None and Pace(0, 6, 1.0, 0.0).usd_to_come is None
    assert Pace(1, 6, 1.0).usd_to_come is None


def clock(*moments: float) -> Iterator[float]:
    yield from moments


def test_what_an_earlier_start_did_tells_nothing_about_the_pace() -> None:
    times = clock(0.0, 5.0, 5.0, 25.0, 25.0)
    purse = Purse(Budget(usd_per_million_prompt=1e6))
    purse.owe(Usage(llm_calls=90, prompt_tokens=90))
    with progress(Console(quiet=True), 100, purse, lambda: next(times)) as advance:
        advance("", 90)
        purse.owe(Usage(llm_calls=2, prompt_tokens=4))
        advance("conv-1", 2)
        told = advance.told()
    # Two in 20 seconds leave eight for 80. At a dollar a token 94 are spent, 4 of them for two; 16 are to come.
    assert told == "about 0:01:20 left, 92 calls, 94 tokens, $94.00 of about $110.00"
