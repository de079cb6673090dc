"""LongMemEval's retrieval measures, protocols and accuracies, worked by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from agentmem_evals.environment import DATA_VARIABLE, data_root
from agentmem_evals.metrics.longmemeval_accuracy import judged_accuracy
from agentmem_evals.metrics.longmemeval_protocols import PROTOCOLS, is_abstention
from agentmem_evals.metrics.longmemeval_retrieval import KS, dcg, measure_ranking, measure_turns_as_sessions, ndcg
from hypothesis import given
from hypothesis import strategies as st

REPOSITORY = Path(__file__).parents[2]
CORPUS = ("s1", "s2", "s3", "s4", "s5", "s6")


def test_the_first_two_places_count_whole() -> None:
    # 1 + 1/log2(2) + 1/log2(3) + 0 + 1/log2(5)
    assert dcg([1, 1, 1, 0, 1]) == pytest.approx(1 + 1 + 1 / math.log2(3) + 1 / math.log2(5))
    assert dcg([1]) == dcg([0, 1]) == 1.0
    assert dcg([0, 0, 1]) == pytest.approx(0.6309, abs=1e-4)
    assert dcg([]) == 0.0


def test_ndcg_by_hand() -> None:
    # Gold s2 and s5 at places 2 and 4: (1 + 1/log2(4)) / (1 + 1) = 1.5 / 2
    ranking = ["s1", "s2", "s3", "s5", "s4", "s6"]
    assert ndcg(ranking, {"s2", "s5"}, CORPUS, 5) == pytest.approx(0.75)
    # At 3 only s2 is there, and the ideal has both in its first 3: 1 / 2
    assert ndcg(ranking, {"s2", "s5"}, CORPUS, 3) == pytest.approx(0.5)
    # At 1 the ideal holds one: 0 / 1
    assert ndcg(ranking, {"s2", "s5"}, CORPUS, 1) == 0.0


def test_the_ideal_is_over_the_whole_corpus_with_every_key_it_has() -> None:
    # Gold s2 has three keys in the index, one is found first: 1 / (1 + 1 + 1/log2(3))
    corpus = (*CORPUS, "s2", "s2")
    assert ndcg(["s2", "s1", "s3"], {"s2"}, corpus, 3) == pytest.approx(1 / (2 + 1 / math.log2(3)))
    # What is gold but in no index cannot be in the ideal.
    assert ndcg(["s2"], {"s2", "s99"}, CORPUS, 3) == 1.0


def test_any_and_all() -> None:
    ranking = ["s1", "s2", "s3", "s5", "s4", "s6"]
    measures = measure_ranking(ranking, {"s2", "s5"}, CORPUS, ks=(1, 3, 5))
    assert [measures[f"recall_any@{k}"] for k in (1, 3, 5)] == [0.0, 1.0, 1.0]
    assert [measures[f"recall_all@{k}"] for k in (1, 3, 5)] == [0.0, 0.0, 1.0]
    assert measures["ndcg_any@5"] == pytest.approx(0.75)
    assert set(measure_ranking(ranking, {"s2"}, CORPUS)) == {
        f"{name}@{k}" for name in ("recall_any", "recall_all", "ndcg_any") for k in (1, 3, 5, 10, 30, 50)
    }


def test_without_gold_nothing_is_found_and_nothing_is_missing() -> None:
    # So the official recall_all over 470 questions holds 51 ones that no retrieval earned.
    measures = measure_ranking(["s1"], (), CORPUS, ks=(5,))
    assert measures == {"recall_any@5": 0.0, "recall_all@5": 1.0, "ndcg_any@5": 0.0}
    assert measure_turns_as_sessions(["s1_1"], (), ["s1_1"], ks=(5,)) == measures


def test_turns_become_sessions_and_k_grows_to_as_many_sessions() -> None:
    corpus = ["a_1_1", "a_1_3", "b_1", "b_3", "c_1", "c_3"]
    ranking = ["b_1", "b_3", "a_1_3", "c_1", "a_1_1", "c_3"]
    measures = measure_turns_as_sessions(ranking, {"a_1_3"}, corpus, ks=(1, 2))
    # k = 1: b alone. k = 2: b, b are one session, so the depth is 3: b, b, a_1 and that is gold.
    assert measures["recall_any@1"] == 0.0 and measures["recall_all@2"] == 1.0
    # One key of the corpus is gold, found at place 3 of depth 3: (1/log2(3)) / 1
    assert measures["ndcg_any@2"] == pytest.approx(1 / math.log2(3))


def test_other_turns_of_a_gold_session_are_of_another_session() -> None:
    corpus = ["answer_1_1", "answer_1_3", "b_1", "c_1"]
    # The first hit is in the gold session but is not the gold turn: no credit, and a session of its own.
    measures = measure_turns_as_sessions(
        ["answer_1_1", "b_1", "answer_1_3", "c_1"], {"answer_1_3"}, corpus, ks=(1, 2, 3)
    )
    assert [measures[f"recall_any@{k}"] for k in (1, 2, 3)] == [0.0, 0.0, 1.0]


def test_two_gold_turns_of_one_session_are_two_in_the_ideal() -> None:
    corpus = ["a_1", "a_3", "b_1", "c_1"]
    measures = measure_turns_as_sessions(["a_1", "b_1", "a_3", "c_1"], {"a_1", "a_3"}, corpus, ks=(1, 2))
    # k = 2: depth 2 holds a and b: all gold sessions are there, but one of two gold keys: 1 / (1 + 1)
    assert measures["recall_all@1"] == 1.0 and measures["ndcg_any@1"] == 1.0
    assert measures["recall_all@2"] == 1.0 and measures["ndcg_any@2"] == 0.5


def test_k_beyond_the_corpus() -> None:
    measures = measure_turns_as_sessions(["a_1", "b_1"], {"b_1"}, ["a_1", "b_1"], ks=(50,))
    # Relevance 0, 1: DCG 1 over ideal 1.
    assert measures == {"recall_any@50": 1.0, "recall_all@50": 1.0, "ndcg_any@50": 1.0}


@given(st.data())
def test_invariants(data: st.DataObject) -> None:
    corpus = [f"{session}_{turn}" for session in "abcd" for turn in (1, 3, 5)]
    ranking = data.draw(st.permutations(corpus))
    gold = data.draw(st.sets(st.sampled_from(corpus), min_size=1))
    for measure in (measure_ranking, measure_turns_as_sessions):
        measures = measure(ranking, gold, corpus)
        for k in KS:
            any_, all_, gain = (measures[f"{name}@{k}"] for name in ("recall_any", "recall_all", "ndcg_any"))
            assert all_ <= any_ and 0.0 <= gain <= 1.0 + 1e-12
            assert (gain > 0) == bool(any_)
        assert measures["recall_all@50"] == 1.0
        assert measure(ranking, gold, sorted(gold)) == measures
        first = sorted(corpus, key=lambda key: key not in gold)
        assert measure(first, gold, corpus)["ndcg_any@10"] == pytest.approx(1.0)


def test_protocols() -> None:
    questions = [("q1", True), ("q2", False), ("q3_abs", True), ("gpt4_abs_4", False)]
    assert [name for name, target in questions if PROTOCOLS["470"](name, target)] == ["q1", "q2"]
    assert [name for name, target in questions if PROTOCOLS["419"](name, target)] == ["q1"]
    assert is_abstention("gpt4_70e84552_abs") and not is_abstention("gpt4_70e84552")


def test_accuracies() -> None:
    accuracy = judged_accuracy(
        [
            ("multi-session", True, False),
            ("multi-session", False, False),
            ("multi-session", True, True),
            ("temporal-reasoning", False, False),
            ("temporal-reasoning", False, True),
            ("knowledge-update", True, False),
        ]
    )
    assert accuracy is not None
    assert accuracy.by_type == pytest.approx(
        {"multi-session": 2 / 3, "temporal-reasoning": 0.0, "knowledge-update": 1.0}
    )
    assert accuracy.questions == {"multi-session": 3, "temporal-reasoning": 2, "knowledge-update": 1}
    assert accuracy.task_averaged == pytest.approx((2 / 3 + 0 + 1) / 3)
    assert accuracy.overall == 3 / 6
    assert accuracy.abstention == 1 / 2
    assert judged_accuracy([]) is None
    answered = judged_accuracy([("multi-session", True, False)])
    assert answered is not None and answered.abstention is None


@pytest.mark.data
def test_on_an_official_record() -> None:
    """User turns are the keys; the gold session's other turns earn nothing."""
    path = (data_root() or REPOSITORY.parent / "shared" / "data") / "longmemeval" / "oracle_sample2.json"
    if not path.is_file():
        pytest.skip(f"the oracle sample is neither in ${DATA_VARIABLE}/longmemeval nor in ../shared/data/longmemeval")
    record = json.loads(path.read_text(encoding="utf-8"))[0]
    turns = [
        (f"{session}_{place}", turn)
        for session, held in zip(record["haystack_session_ids"], record["haystack_sessions"], strict=True)
        for place, turn in enumerate(held, start=1)
        if turn["role"] == "user"
    ]
    corpus, gold = [key for key, _ in turns], {key for key, turn in turns if turn["has_answer"]}
    assert gold == {"answer_a25d4a91_1_5", "answer_a25d4a91_2_1"}
    measures = measure_turns_as_sessions(corpus, gold, corpus)
    # In the order of the data: two user turns of the first session, its gold one at place 3, three more, and the gold
    # one of the second session at place 7. k = 1 sees a turn that is not gold, k = 3 needs depth 7.
    assert measures["recall_any@1"] == 0.0
    assert measures["recall_any@3"] == 1.0 and measures["recall_all@3"] == 1.0
    # Turns: of two gold ones the first three places hold one, at the third: 1/log2(3) over 1 + 1.
    assert measure_ranking(corpus, gold, corpus)["ndcg_any@3"] == pytest.approx(1 / math.log2(3) / 2)
