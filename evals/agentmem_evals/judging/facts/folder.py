"""``judgements-facts.jsonl``, and how judging that was interrupted is taken up."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from agentmem_evals.judging.facts.asked import fact_prompts
from agentmem_evals.judging.facts.records import FACT_JUDGED, FactJudgement, FactRecord
from agentmem_evals.judging.facts.sides import Sides
from agentmem_evals.judging.judgement_lines import JudgementLines


class FactFile(JudgementLines[FactJudgement]):
    """The judgements of the facts of a run's summaries."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, FACT_JUDGED)

    def take_up(self, asked: Iterable[Sides], model: str, *, overwrite: bool = False) -> list[FactJudgement]:
        """What is judged already and stays; failures and judgements of other lists are dropped.

        With ``overwrite`` whatever is here is thrown away.

        Raises:
            ConfigurationMismatch: what is here was judged by another model, or with other prompts.
            NotARun: the file is damaged.
        """
        if overwrite:
            self.discard()
        kept = current(self.read(), asked)
        prompts = fact_prompts()
        self.keep(kept, model, lambda record: record.prompts == prompts)
        return kept


def current(records: Iterable[FactRecord], asked: Iterable[Sides]) -> list[FactJudgement]:
    """The judgements that are about what the run says now."""
    digests = {one.question_id: one.digest for one in asked}
    judgements = (record for record in records if isinstance(record, FactJudgement))
    return [one for one in judgements if digests.get(one.question_id) == one.judged]
