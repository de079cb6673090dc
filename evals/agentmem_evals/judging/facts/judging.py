"""From a run of the task ``summaries`` to judgements of its facts, each written down at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agentmem.llm import ChatModel
from agentmem_evals.judging.facts.asked import FactJudge, KnownFacts
from agentmem_evals.judging.facts.folder import FactFile
from agentmem_evals.judging.facts.records import FactJudgement
from agentmem_evals.judging.facts.sides import Sides
from agentmem_evals.judging.judge_answers import CONCURRENCY
from agentmem_evals.reading.in_order import in_order


def judge_facts_into(
    file: FactFile,
    asked: Sequence[Sides],
    chat: ChatModel,
    concurrency: int = CONCURRENCY,
    *,
    known: KnownFacts | None = None,
    overwrite: bool = False,
    advance: Callable[[int], None] = lambda _summaries: None,
) -> None:
    """Judge what is not judged yet, ``concurrency`` summaries at once.

    ``known`` holds gold facts that other runs were held against, and those of this one are added. ``advance`` is told
    how many more summaries are dealt with.

    Raises:
        ConfigurationMismatch: the file holds judgements of another model or of other prompts.
        NotARun: the file is damaged.
        BudgetExhausted: what was judged is kept; judging again goes on from there.
    """
    known = {} if known is None else known
    kept = file.take_up(asked, chat.name, overwrite=overwrite)
    remember(known, asked, kept)
    done = {record.question_id for record in kept}
    advance(len(done))
    waiting = [one for one in asked if one.question_id not in done]
    for record in in_order(FactJudge(chat, known).judge, waiting, concurrency, "agentmem-evals-judge"):
        file.append(record)
        advance(1)


def remember(known: KnownFacts, asked: Sequence[Sides], kept: Sequence[FactJudgement]) -> None:
    """Add the gold facts of judgements that are kept, unless the events are known already."""
    sides = {one.question_id: one for one in asked}
    for one in kept:
        key = one.speaker, sides[one.question_id].gold
        known.setdefault(key, tuple(fact.text for fact in one.gold))
