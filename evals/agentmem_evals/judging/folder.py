"""``judgements-NAME.jsonl``, one file for each protocol, and how judging that was interrupted is taken up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from agentmem_evals.errors import ConfigurationMismatch
from agentmem_evals.judging.judged import AnswerRecord, judged
from agentmem_evals.judging.records import JUDGED, Judgement, JudgementRecord
from agentmem_evals.judging.rubrics import Rubric
from agentmem_evals.prompts import template
from agentmem_evals.runner.folder import append_text, replace_text, whole_lines


@dataclass(frozen=True, slots=True)
class JudgementFile:
    """Reads and writes the judgements of one protocol; ``path`` is what ``RunFolder.judgements_path`` gives."""

    path: Path

    def read(self) -> list[JudgementRecord]:
        """Every record, in the order of writing; none if nothing was judged yet.

        Raises:
            NotARun: the file is damaged.
        """
        return JUDGED.from_text(whole_lines(self.path)) if self.path.exists() else []

    def append(self, record: JudgementRecord) -> None:
        """Add one record; it is on its way to disk when this returns."""
        append_text(self.path, JUDGED.to_text([record]))

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
            self.path.unlink(missing_ok=True)
        if not self.path.exists():
            return set()
        current = {answer.question_id: judged(answer).digest for answer in answers}
        present = [record for record in self.read() if isinstance(record, Judgement)]
        kept = [record for record in present if current.get(record.question_id) == record.judged]
        digests = {template(id).digest for id in rubric.prompt_ids}
        for record in kept:
            if record.model != model or record.prompt_digest not in digests:
                what = f"by {record.model}" if record.model != model else "with other prompts"
                raise ConfigurationMismatch(
                    f"{self.path} holds judgements made {what}, which must not be mixed with new ones. Move the file "
                    "away, or pass --overwrite to throw it away."
                )
        replace_text(self.path, JUDGED.to_text(kept))
        return {record.question_id for record in kept}
