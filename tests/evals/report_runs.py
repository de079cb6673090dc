"""Finished runs as their folders hold them, made by hand and scored by the real scorer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agentmem_evals.reports.examined import ExaminedRun, read_examined
from agentmem_evals.runner.answer_records import ANSWERED, Answer
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.manifest import Manifest
from agentmem_evals.runner.records import RETRIEVED, Failure, Prediction
from agentmem_evals.scoring.folder import score_folder

NAMES = {"1": "multi-hop", "2": "temporal"}
KS = (1, 2, 5)


def manifest(task: str, system: str, questions: int, **changes: Any) -> Manifest:
    """What a run on hand-made data says of itself; ``changes`` are of the configuration, or the manifest's ``data``."""
    data = {
        "file": "small.json",
        "sha256": "5a" * 32,
        "level": "turn",
        "category_names": NAMES,
        "bodies": ["b0", "b1"],
        "questions": questions,
        "skipped": 0,
        "unresolved_evidence": 0,
        "answer_metrics": ["locomo_f1"],
        **changes.pop("data", {}),
    }
    configuration = {
        "task": task,
        "dataset": "locomo",
        "system": system,
        "ks": list(KS),
        "conversations": None,
        "limit": None,
        "seed": None,
        "captions": True,
        "embedder": "default",
        "batch": 1000,
        "cached": False,
        **changes,
    }
    return Manifest(
        configuration=configuration,
        data=data,
        system={"name": system, "embedder": "words-64"},
        code={"sha256": "c0" * 32, "git_revision": "1234567890abcdef", "git_dirty": False},
        environment={"python": "3.11.7", "packages": {"numpy": "2.0"}},
        started_at="2026-01-02T03:04:05+00:00",
        finished_at="2026-01-02T03:05:05+00:00",
        ingests={"b0": {"seconds": 1.5, "items": 9, "bytes": 2_000_000, "usage": {}}},
    )


def prediction(number: int, found: Sequence[str], gold: Sequence[str] = ("x",), **changes: Any) -> Prediction:
    """The ranking for question ``q<number>``; questions take turns between two bodies and two categories."""
    values: dict[str, Any] = {
        "question_id": f"q{number}",
        "body": f"b{number % 2}",
        "category": "1" if number % 3 else "2",
        "question": f"What is {number}?",
        "gold": tuple(gold),
        "gold_sessions": ("s1",),
        "found": tuple(found),
        "sessions": ("s1",),
        "sessions_from": "system",
        "latency_ms": 1.0 + number,
    }
    return Prediction(**{**values, **changes})


def answer(number: int, said: str, gold: str | None = "blue car", **changes: Any) -> Answer:
    """The answer to question ``q<number>``."""
    values: dict[str, Any] = {
        "question_id": f"q{number}",
        "body": f"b{number % 2}",
        "category": "1" if number % 3 else "2",
        "question": f"What is {number}?",
        "gold": gold,
        "aliases": (),
        "parts": (),
        "options": (),
        "unanswerable": False,
        "evidence": ("x",),
        "said": said,
        "cited": (),
        "found": ("x", "y"),
        "context_tokens": 100 + number,
        "retrieve_ms": 2.0 + number,
        "answer_ms": 200.0 + number,
    }
    return Answer(**{**values, **changes})


def retrieved(folder: Path, records: Sequence[Prediction | Failure], **changes: Any) -> ExaminedRun:
    """A retrieval run with these records, written, scored and read back; its system has the folder's name."""
    kept = RunFolder(folder)
    folder.mkdir(parents=True)
    kept.write_manifest(manifest("retrieval", folder.name, len(records), **changes))
    kept.append(RETRIEVED, records)
    score_folder(kept)
    return read_examined(kept)


def answered(
    folder: Path, records: Sequence[Answer | Failure], judgements: Mapping[str, str] | None = None, **changes: Any
) -> ExaminedRun:
    """A qa run with these records; ``judgements`` holds, by judge, the lines of its file."""
    kept = RunFolder(folder)
    folder.mkdir(parents=True)
    reading = {"ks": [10], "reader_llm": "openai:test", "context_tokens": 1000}
    kept.write_manifest(manifest("qa", folder.name, len(records), **{**reading, **changes}))
    kept.append(ANSWERED, records)
    for judge, lines in (judgements or {}).items():
        kept.judgements_path(judge).write_text(lines, encoding="utf-8")
    score_folder(kept)
    return read_examined(kept)
