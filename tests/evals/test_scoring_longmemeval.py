"""LongMemEval's own measures of a run: both protocols, worked by hand, from the run's files alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from agentmem_evals.datasets.longmemeval import ORACLE, load_longmemeval
from agentmem_evals.datasets.selection import select
from agentmem_evals.runner.configuration import RunConfiguration
from agentmem_evals.runner.execute import run_retrieval
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.loop import Run
from agentmem_evals.runner.manifest import new_manifest
from agentmem_evals.scoring import score_folder

if TYPE_CHECKING:
    from conftest import ScriptedSystem

    Scripted = Callable[..., ScriptedSystem]


def record(id: str, text: str, gold_role: str) -> dict[str, Any]:
    """Two sessions, of which the first holds the answer in the words of one side."""

    def turns(words: str, *, holds: bool) -> list[dict[str, Any]]:
        return [
            {"role": role, "content": f"{role} {words}", "has_answer": holds and role == gold_role}
            for role in ("user", "assistant")
        ]

    return {
        "question_id": id,
        "question_type": "multi-session",
        "question": text,
        "answer": "yes",
        "question_date": "2023/06/01 (Thu) 10:00",
        "haystack_session_ids": ["answer_1", "other"],
        "haystack_dates": ["2023/05/20 (Sat) 02:21", "2023/05/21 (Sun) 02:21"],
        "haystack_sessions": [turns("tells", holds=True), turns("chats", holds=False)],
        "answer_session_ids": ["answer_1"],
    }


@pytest.fixture
def score(scripted: Scripted, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    def run(*, user_side_only: bool) -> dict[str, Any]:
        path = tmp_path / "longmemeval_oracle.json"
        records = [record("q1", "one?", "user"), record("q2", "two?", "assistant"), record("q3_abs", "three?", "user")]
        path.write_text(json.dumps(records))
        dataset = load_longmemeval(path, name=ORACLE, user_side_only=user_side_only)
        system = scripted({"one?": ["other_2", "other_1", "answer_1_1"], "two?": ["answer_1_2", "other_1"]})
        if user_side_only:
            system = scripted({"one?": ["other_1", "answer_1_1"]})
        configuration = RunConfiguration("retrieval", ORACLE, "scripted", ks=(1, 3), user_side_only=user_side_only)
        selection = select(dataset)
        manifest = new_manifest(configuration, dataset, selection, system.describe())
        folder = RunFolder(tmp_path / f"run-{user_side_only}")
        run_retrieval(Run(system, selection, folder, manifest), 3)
        assert set(system.asked_at) == {datetime(2023, 6, 1, 10, tzinfo=UTC)}
        scores = score_folder(folder)
        folder.scores_path.unlink()
        assert score_folder(folder) == scores
        return scores

    return run


def test_both_sides_told(score: Callable[..., dict[str, Any]]) -> None:
    scores = score(user_side_only=False)
    assert (scores["n"], scores["skipped"]) == (2, 1)
    official = scores["longmemeval"]
    # 419: q1 alone has evidence in the user's words. Of the user's turns its answer is second.
    assert official["419"]["n"] == 1
    turn = official["419"]["turn"]
    assert (turn["recall_any@1"], turn["recall_all@1"], turn["ndcg_any@1"]) == (0.0, 0.0, 0.0)
    # The second place is not discounted by LongMemEval's DCG: 1 / max(1, log2(2)) over an ideal of 1.
    assert (turn["recall_any@3"], turn["recall_all@3"], turn["ndcg_any@3"]) == (1.0, 1.0, 1.0)
    assert set(turn) == {f"{kind}@{k}" for kind in ("recall_any", "recall_all", "ndcg_any") for k in (1, 3)}
    # 470: q2 has no evidence there, which counts as 0, 1 and 0.
    assert official["470"]["n"] == 2
    turn = official["470"]["turn"]
    assert (turn["recall_any@3"], turn["recall_all@3"], turn["ndcg_any@3"]) == (0.5, 1.0, 0.5)
    assert turn["recall_all@1"] == 0.5
    # Sessions: other, then answer_1; at 1 the wrong one.
    session = official["419"]["session"]
    assert (session["recall_any@1"], session["recall_any@3"], session["ndcg_any@3"]) == (0.0, 1.0, 1.0)


def test_the_users_side_alone_gives_the_protocol_of_470_the_questions_it_did_not_ask(
    score: Callable[..., dict[str, Any]],
) -> None:
    scores = score(user_side_only=True)
    assert (scores["n"], scores["skipped"]) == (1, 2)
    official = scores["longmemeval"]
    assert (official["419"]["n"], official["470"]["n"]) == (1, 2)
    assert official["470"]["turn"]["recall_all@1"] == 0.5 and official["470"]["turn"]["recall_any@3"] == 0.5
    assert official["419"]["turn_as_session"]["recall_any@1"] == 0.0
