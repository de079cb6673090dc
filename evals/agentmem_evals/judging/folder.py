"""``judgements-NAME.jsonl``, one file for each protocol, and how judging that was interrupted is taken up."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from agentmem_evals.judging.judged import AnswerRecord, judged
from agentmem_evals.judging.judgement_lines import JudgementLines
from agentmem_evals.judging.records import JUDGED, Judgement
from agentmem_evals.judging.rubrics import Rubric
from agentmem_evals.prompts import template


class JudgementFile(JudgementLines[Judgement]):
    """The judgements of one protocol."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, JUDGED)

    def take_up(
        self, answers: Iterable[AnswerRecord], rubric: Rubric, model: str, *, overwrite: bool = False
    ) -> set[str]:
        """The ids of the questions that are judged already; failures and verdicts on other answers are dropped.

        With ``overwrite`` whatever is here is thrown away.

        Raises:
            ConfigurationMismatch: what is here was judged by another model, or with other prompts.
            NotARun: the file is damaged.
        """
        if overwrite:
            self.discard()
        present = self.judgements()
        current = {answer.question_id: judged(answer).digest for answer in answers}
        kept = [record for record in present if current.get(record.question_id) == record.judged]
        digests = {template(id).digest for id in rubric.prompt_ids}
        self.keep(kept, model, lambda record: record.prompt_digest in digests)
        return {record.question_id for record in kept}
