"""Scoring a run's folder, whatever its task: only its files are read."""

from __future__ import annotations

from typing import Any, TypeVar

from agentmem_evals.errors import NotARun
from agentmem_evals.judging.facts.folder import FactFile
from agentmem_evals.judging.facts.records import FACTS
from agentmem_evals.judging.folder import JudgementFile
from agentmem_evals.runner.answer_records import ANSWERED
from agentmem_evals.runner.configuration import QA, SUMMARIES
from agentmem_evals.runner.decision_records import DECIDED
from agentmem_evals.runner.decisions import DECISIONS
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.manifest import Manifest
from agentmem_evals.runner.summary_records import SUMMARISED
from agentmem_evals.scoring.answers import score_answers
from agentmem_evals.scoring.decisions import score_decisions
from agentmem_evals.scoring.retrieval import score_retrieval
from agentmem_evals.scoring.summaries import score_summaries

R = TypeVar("R")


def score_folder(folder: RunFolder) -> dict[str, Any]:
    """Score a run from its files alone, and write ``scores.json``.

    Raises:
        NotARun: the folder holds no run, or a damaged one.
    """
    manifest = folder.read_manifest()
    scores = _scores(folder, manifest)
    folder.write_scores(scores)
    return scores


def _scores(folder: RunFolder, manifest: Manifest) -> dict[str, Any]:
    task = manifest.configuration["task"]
    if task == DECISIONS:
        return score_decisions(manifest, _some(folder, folder.read(DECIDED), "decisions"))
    if task == QA:
        judgements = {name: JudgementFile(path).read() for path, name in folder.judgement_paths().items()}
        return score_answers(manifest, _some(folder, folder.read(ANSWERED), "answers"), judgements)
    if task == SUMMARIES:
        facts = FactFile(folder.judgements_path(FACTS)).read()
        return score_summaries(manifest, _some(folder, folder.read(SUMMARISED), "summaries"), facts)
    return score_retrieval(manifest, _some(folder, folder.read_records(), "predictions"))


def _some(folder: RunFolder, records: list[R], what: str) -> list[R]:
    if not records:
        raise NotARun(f"{folder.path} holds no {what}. Give the folder that `agentmem-evals run --out` wrote.")
    return records
