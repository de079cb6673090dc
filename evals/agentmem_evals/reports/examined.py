"""A run with the outcome of each question beside its scores: what plots, comparisons and the second look work on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from agentmem_evals.judging.folder import JudgementFile
from agentmem_evals.judging.records import Judgement, JudgementRecord
from agentmem_evals.reports.answer_outcomes import answer_outcomes
from agentmem_evals.reports.outcomes import Outcome, retrieval_outcomes
from agentmem_evals.reports.runs import ScoredRun, read_run
from agentmem_evals.runner.answer_records import ANSWERED, Answer
from agentmem_evals.runner.configuration import QA, RETRIEVAL
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.records import Failure, Prediction
from agentmem_evals.types import Level


@dataclass(frozen=True, slots=True)
class ExaminedRun:
    """A scored run and what came of each question; a run of another task than retrieval or qa has no outcomes.

    ``judged`` holds, by judge, the verdicts by question.
    """

    scored: ScoredRun
    outcomes: Sequence[Outcome] = ()
    failures: Sequence[Failure] = ()
    judged: Mapping[str, Mapping[str, Judgement]] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """How the reader named its folder."""
        return self.scored.label

    @property
    def task(self) -> str:
        """What the run was asked to do."""
        return str(self.scored.manifest.configuration["task"])

    @property
    def ks(self) -> tuple[int, ...]:
        """The depths at which its rankings were cut; none where it ranks nothing."""
        return tuple(self.scored.scores.get("k", ()))


def read_examined(folder: RunFolder) -> ExaminedRun:
    """Read a scored run with its questions.

    Raises:
        NotARun: the folder holds none, or a damaged one.
    """
    scored = read_run(folder)
    task = scored.manifest.configuration["task"]
    if task == RETRIEVAL:
        records = folder.read_records()
        predictions = [record for record in records if isinstance(record, Prediction)]
        outcomes = retrieval_outcomes(predictions, Level(scored.level), scored.scores["k"])
        return ExaminedRun(scored, outcomes, [one for one in records if isinstance(one, Failure)])
    if task == QA:
        answered = folder.read(ANSWERED)
        judged = {name: _verdicts(JudgementFile(path).read()) for path, name in folder.judgement_paths().items()}
        answers = [record for record in answered if isinstance(record, Answer)]
        outcomes = answer_outcomes(answers, tuple(scored.scores["metrics"]), judged)
        return ExaminedRun(scored, outcomes, [one for one in answered if isinstance(one, Failure)], judged)
    return ExaminedRun(scored)


def read_all(folders: Sequence[RunFolder]) -> list[ExaminedRun]:
    """Read several runs. Those whose folders have one name are told apart by the folder above."""
    runs = [read_examined(folder) for folder in folders]
    times = Counter(run.label for run in runs)
    return [
        run
        if times[run.label] == 1
        else replace(run, scored=replace(run.scored, label=f"{folder.path.resolve().parent.name}/{run.label}"))
        for run, folder in zip(runs, folders, strict=True)
    ]


def _verdicts(records: Sequence[JudgementRecord]) -> dict[str, Judgement]:
    return {record.question_id: record for record in records if isinstance(record, Judgement)}
