"""``judgements-facts.jsonl``, and how judging that was interrupted is taken up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from agentmem_evals.errors import ConfigurationMismatch
from agentmem_evals.judging.facts.asked import fact_prompts
from agentmem_evals.judging.facts.records import FACT_JUDGED, FactJudgement, FactRecord
from agentmem_evals.judging.facts.sides import Sides
from agentmem_evals.runner.folder import append_text, replace_text, whole_lines


@dataclass(frozen=True, slots=True)
class FactFile:
    """Reads and writes the judgements; ``path`` is what ``RunFolder.judgements_path`` gives."""

    path: Path

    def read(self) -> list[FactRecord]:
        """Every record, in the order of writing; none if nothing was judged yet.

        Raises:
            NotARun: the file is damaged.
        """
        return FACT_JUDGED.from_text(whole_lines(self.path)) if self.path.exists() else []

    def append(self, record: FactRecord) -> None:
        """Add one record; it is on its way to disk when this returns."""
        append_text(self.path, FACT_JUDGED.to_text([record]))

    def take_up(self, asked: Iterable[Sides], model: str, *, overwrite: bool = False) -> list[FactJudgement]:
        """What is judged already and stays; failures and judgements of other lists are dropped.

        With ``overwrite`` whatever is here is thrown away.

        Raises:
            ConfigurationMismatch: what is here was judged by another model, or with other prompts.
            NotARun: the file is damaged.
        """
        if overwrite:
            self.path.unlink(missing_ok=True)
        if not self.path.exists():
            return []
        kept = current(self.read(), asked)
        prompts = fact_prompts()
        for record in kept:
            if record.model != model or record.prompts != prompts:
                what = f"by {record.model}" if record.model != model else "with other prompts"
                raise ConfigurationMismatch(
                    f"{self.path} holds judgements made {what}, which must not be mixed with new ones. Move the file "
                    "away, or pass --overwrite to throw it away."
                )
        replace_text(self.path, FACT_JUDGED.to_text(kept))
        return kept


def current(records: Iterable[FactRecord], asked: Iterable[Sides]) -> list[FactJudgement]:
    """The judgements that are about what the run says now."""
    digests = {one.question_id: one.digest for one in asked}
    judgements = (record for record in records if isinstance(record, FactJudgement))
    return [one for one in judgements if digests.get(one.question_id) == one.judged]
