"""What answers and verdicts are worth, worked by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from agentmem_evals.datasets.catalog import dataset_entry
from agentmem_evals.errors import NotARun
from agentmem_evals.judging.judged import judged
from agentmem_evals.judging.records import JUDGE, Judgement
from agentmem_evals.runner.answer_records import Answer
from agentmem_evals.runner.manifest import Manifest
from agentmem_evals.runner.records import Failure
from agentmem_evals.scoring.answers import score_answers
from agentmem_evals.scoring.judged import score_judge
from hypothesis import given
from hypothesis import strategies as st

MANIFEST = Manifest(
    configuration={"task": "qa"},
    data={
        "questions": 5,
        "skipped": 1,
        "category_names": {"2": "temporal"},
        "answer_metrics": ["exact", "choice"],
    },
    system={},
    code={},
    environment={},
    started_at="2026-01-01T00:00:00+00:00",
    ingests={"b": {"seconds": 2.0, "items": 3, "bytes": 40, "usage": {"llm_calls": 1, "prompt_tokens": 500}}},
    prices={"prompt": 2.0, "completion": 10.0},
)


def answer(id: str, said: str, gold: str | None, category: str = "1", **more: Any) -> Answer:
    fields: dict[str, Any] = {
        "aliases": (),
        "parts": (),
        "options": (),
        "unanswerable": gold is None,
        "evidence": ("t1", "t2"),
        "found": ("t1", "t9"),
        "context_tokens": 100,
        "retrieve_ms": 10.0,
        "answer_ms": 200.0,
        "answer_usage": {"llm_calls": 1, "prompt_tokens": 100, "completion_tokens": 10},
    }
    return Answer(id, "b", category, f"{id}?", gold, said=said, **{**fields, **more})


ANSWERS = [
    answer("q1", "red", "red"),
    answer("q2", "blue", "red", "2", evidence=(), found=()),
    answer("q3", "nobody knows", None, "2", found=("t1", "t2"), context_tokens=200),
]


def verdict(one: Answer, *, correct: bool) -> Judgement:
    return Judgement(
        one.question_id,
        one.category,
        one.unanswerable,
        one.said,
        correct,
        "because",
        "{}",
        "strict",
        judged=judged(one).digest,
    )


def test_answers_worked_by_hand() -> None:
    failed = Failure("q4", "b", "1", "read", "LLMRefused", "no")
    scores = score_answers(MANIFEST, [*ANSWERS, failed], {})
    assert (scores["n"], scores["failed"], scores["skipped"], scores["missing"]) == (3, 1, 1, 1)
    # 'exact' applies to those with a gold answer: one of two. 'choice' applies to none, and is left out.
    assert scores["metrics"] == {"exact": 0.5}
    assert scores["by_category"] == {
        "1": {"name": "1", "n": 1, "exact": 1.0},
        "2": {"name": "temporal", "n": 2, "exact": 0.0},
    }
    # q1 has one of two pieces of evidence in its context, q3 both; q2 has no evidence.
    assert (scores["retrieval"]["recall"], scores["retrieval"]["n"]) == (0.75, 2)
    assert scores["retrieval"]["context_tokens"]["p50"] == 100
    assert scores["latency_ms"] == {"retrieve": {"p50": 10.0, "p95": 10.0}, "answer": {"p50": 200.0, "p95": 200.0}}
    cost = scores["cost"]
    assert (cost["ingest_seconds"], cost["ingested_items"], cost["stored_bytes"]) == (2.0, 3, 40)
    assert cost["answer"] == {"llm_calls": 3, "prompt_tokens": 300, "completion_tokens": 30} and cost["retrieve"] == {}
    # To build 500 * 2 millionths of a dollar; to answer 300 * 2 + 30 * 10.
    assert cost["usd"] == {"ingest": pytest.approx(1e-3), "retrieve": 0, "answer": pytest.approx(9e-4)}


def test_what_failed_was_paid_for_as_well() -> None:
    spent = {"llm_calls": 2, "prompt_tokens": 100, "completion_tokens": 30}
    failures = [
        Failure("q4", "b", "1", "read", "MalformedReply", "no", usage=spent, retrieve_usage={"embedded_texts": 1}),
        Failure("q5", "b", "1", "retrieve", "OSError", "gone", usage={"embedded_texts": 1, "llm_calls": 1}),
    ]
    cost = score_answers(MANIFEST, [*ANSWERS, *failures], {})["cost"]
    assert cost["answer"] == {"llm_calls": 5, "prompt_tokens": 400, "completion_tokens": 60}
    assert cost["retrieve"] == {"embedded_texts": 2, "llm_calls": 1}
    assert cost["usd"]["answer"] == pytest.approx(400 * 2e-6 + 60 * 10e-6)
    judged_once = replace(verdict(ANSWERS[0], correct=True), usage={"llm_calls": 1, "prompt_tokens": 50})
    broken = Failure("q2", "b", "1", JUDGE, "MalformedReply", "no", usage=spent)
    found = score_judge(ANSWERS, [judged_once, broken], {})
    assert found["usage"] == {"llm_calls": 3, "prompt_tokens": 150, "completion_tokens": 30}


def test_verdicts_worked_by_hand() -> None:
    first, second, third = ANSWERS
    records = [verdict(first, correct=True), verdict(second, correct=False), verdict(third, correct=True)]
    scores = score_answers(MANIFEST, ANSWERS, {"strict": records})
    # Overall two of three; by type 1/1 and 1/2, so 3/4 on average; the one question without an answer was seen as such.
    assert scores["judged"]["strict"] == {
        "n": 3,
        "failed": 0,
        "accuracy": pytest.approx(2 / 3),
        "macro": 0.75,
        "abstention": 1.0,
        "by_type": {
            "1": {"name": "1", "n": 1, "accuracy": 1.0},
            "2": {"name": "temporal", "n": 2, "accuracy": 0.5},
        },
    }


def test_the_figures_of_epbench_worked_by_hand() -> None:
    def asked(id: str, said: str, category: str, *parts: str) -> Answer:
        return answer(id, said, "; ".join(parts) or None, category, parts=parts, unanswerable=not parts)

    answers = [
        asked("q1", "[]", "all:0"),  # 1
        asked("q2", "Ada", "all:1", "Ada"),  # 1
        asked("q3", "Ben", "all:1", "Ada"),  # 0
        asked("q4", "Ada", "all:3-5", "Ada", "Ben", "Cy"),  # precision 1, recall 1/3: F1 1/2
        asked("q5", "Ada", "latest:1", "Ada"),  # one event: nothing to mistake
        asked("q6", "Ben", "latest:2", "Ada"),  # 0
        asked("q7", "Ada", "latest:6+", "Ada"),  # 1
        asked("q8", "Ada; Ben", "chronological:2", "Ada", "Ben"),  # 1
        asked("q9", "Ada", "chronological:3-5", "Ada", "Ben", "Cy"),  # not all: 0
    ]
    metrics = dataset_entry("epbench-book").answer_metrics
    assert metrics == dataset_entry("epbench").answer_metrics
    manifest = replace(MANIFEST, data={**MANIFEST.data, "answer_metrics": list(metrics)})
    scores = score_answers(manifest, answers, {})
    # By the number of events 1, (1 + 0) / 2 and 1/2; and the mean of 1/2 (latest) and 1/2 (order).
    assert scores["epbench"] == {"simple_recall": pytest.approx(2 / 3), "chronological_awareness": 0.5}
    assert set(scores["metrics"]) == {"epbench_f1", "epbench_recall", "epbench_chronology", "epbench_all_in_order"}
    assert scores["metrics"]["epbench_all_in_order"] == 0.5
    assert score_answers(manifest, answers[:1], {})["epbench"] == {"simple_recall": 1.0}
    assert "epbench" not in score_answers(manifest, answers[4:5], {})
    assert "epbench" not in score_answers(MANIFEST, answers, {})


def test_verdicts_on_other_answers_and_failures_of_judges_are_no_verdicts() -> None:
    first, second, _ = ANSWERS
    stale = verdict(replace(first, said="green"), correct=False)
    failed = [Failure(id, "b", "1", JUDGE, "LLMRefused", "no") for id in ("q2", "q1", "gone")]
    found = score_judge([first, second], [stale, verdict(first, correct=True), *failed], {})
    assert (found["n"], found["accuracy"], found["failed"]) == (1, 1.0, 1)
    nothing = score_judge([first], [], {})
    assert nothing == {"n": 0, "failed": 0, "by_type": {}}


def test_a_metric_that_does_not_exist_is_refused() -> None:
    manifest = replace(MANIFEST, data={**MANIFEST.data, "answer_metrics": ["vibes"]})
    with pytest.raises(NotARun, match="vibes"):
        score_answers(manifest, ANSWERS, {})


@given(order=st.permutations(range(12)), right=st.lists(st.booleans(), min_size=12, max_size=12))
def test_scores_do_not_depend_on_the_order_of_records(order: list[int], right: list[bool]) -> None:
    answers = [
        answer(f"q{n}", "red" if right[n] else "blue", "red", str(n % 3), found=("t1",) * (n % 2), retrieve_ms=n / 7)
        for n in range(12)
    ]
    records = [verdict(one, correct=right[n]) for n, one in enumerate(answers)]
    expected = score_answers(MANIFEST, answers, {"strict": records})
    assert score_answers(MANIFEST, [answers[n] for n in order], {"strict": [records[n] for n in order]}) == expected
    assert expected["metrics"]["exact"] == pytest.approx(sum(right) / 12)
