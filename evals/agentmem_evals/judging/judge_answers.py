"""From answers to judgements: a function of records and a chat model; who writes them down is another matter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial

from agentmem.llm import ChatModel
from agentmem_evals.judging.asked import AskedJudge
from agentmem_evals.judging.failed import JudgeFailed
from agentmem_evals.judging.folder import JudgementFile
from agentmem_evals.judging.judged import AnswerRecord, judged
from agentmem_evals.judging.records import JUDGE, Judgement, JudgementRecord
from agentmem_evals.judging.rubrics import Rubric
from agentmem_evals.reading.in_order import in_order
from agentmem_evals.runner.purse import usage_as_json
from agentmem_evals.runner.records import Failure

CONCURRENCY = 8


def judge_answers(
    answers: Iterable[AnswerRecord],
    rubric: Rubric,
    chat: ChatModel,
    concurrency: int = CONCURRENCY,
    done: Collection[str] = (),
) -> Iterator[JudgementRecord]:
    """What a protocol, applied by a model, says of each answer, in order; at most ``concurrency`` are asked at a time.

    Answers to questions that the protocol does not judge, and those whose ids are in ``done``, are passed over.

    Raises:
        BudgetExhausted: after the judgements that were under way when the budget was spent.
        EvalError: a concurrency below 1.
    """
    judge = AskedJudge(rubric, chat)
    waiting = (answer for answer in answers if answer.question_id not in done and judge.applies(judged(answer)))
    return in_order(partial(_judgement, judge), waiting, concurrency, "agentmem-evals-judge")


def judge_into(
    file: JudgementFile,
    answers: Collection[AnswerRecord],
    rubric: Rubric,
    chat: ChatModel,
    concurrency: int = CONCURRENCY,
    *,
    overwrite: bool = False,
    advance: Callable[[int], None] = lambda _answers: None,
) -> None:
    """Judge what is not judged yet, and write each judgement down at once.

    ``advance`` is told how many more answers are dealt with.

    Raises:
        ConfigurationMismatch: the file holds judgements of another model or of other prompts.
        NotARun: the file is damaged.
        BudgetExhausted: what was judged is kept; judging again goes on from there.
    """
    done = file.take_up(answers, rubric, chat.name, overwrite=overwrite)
    advance(len(done))
    for record in judge_answers(answers, rubric, chat, concurrency, done):
        file.append(record)
        advance(1)


def _judgement(judge: AskedJudge, answer: AnswerRecord) -> JudgementRecord:
    item = judged(answer)
    try:
        verdict = judge.judge(item)
    except JudgeFailed as failure:
        usage = usage_as_json(failure.usage)
        return Failure(answer.question_id, answer.body, answer.category, JUDGE, failure.error, str(failure), usage)
    return Judgement(
        question_id=answer.question_id,
        category=answer.category,
        unanswerable=answer.unanswerable,
        said=answer.said,
        correct=verdict.correct,
        reason=verdict.reason,
        raw=verdict.raw,
        judge=judge.name,
        usage=usage_as_json(verdict.usage),
        model=judge.model,
        prompt_id=verdict.prompt_id,
        prompt_version=verdict.prompt_version,
        prompt_digest=verdict.prompt_digest,
        judged=item.digest,
    )
