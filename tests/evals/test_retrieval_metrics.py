"""Retrieval measures: worked by hand, and against a scorer written independently and naively."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest
from agentmem_evals.metrics.retrieval import mean_measures, measure, reciprocal_rank, sessions_by_first_turn
from agentmem_evals.systems.session_ranking import rank_sessions


@dataclass(frozen=True)
class SessionScore:
    """A hit, as far as a session ranking reads it."""

    session: str | None
    score: float


def naive(ranking: list[str], gold: list[str], k: int) -> tuple[float, float, float]:
    """Recall, all and any at ``k``, by counting one by one."""
    found = 0
    for wanted in gold:
        for place in range(min(k, len(ranking))):
            if ranking[place] == wanted:
                found += 1
                break
    return found / len(gold), 1.0 if found == len(gold) else 0.0, 1.0 if found else 0.0


def naive_mrr(ranking: list[str], gold: list[str]) -> float:
    for place in range(len(ranking)):
        if ranking[place] in gold:
            return 1 / (place + 1)
    return 0.0


def test_measures_worked_by_hand() -> None:
    measured = measure(["a", "x", "b", "y"], ["b", "a", "c"], (1, 2, 3, 10))
    assert measured == {
        "recall@1": pytest.approx(1 / 3),
        "all@1": 0.0,
        "any@1": 1.0,
        "recall@2": pytest.approx(1 / 3),
        "all@2": 0.0,
        "any@2": 1.0,
        "recall@3": pytest.approx(2 / 3),
        "all@3": 0.0,
        "any@3": 1.0,
        "recall@10": pytest.approx(2 / 3),
        "all@10": 0.0,
        "any@10": 1.0,
        "mrr": 1.0,
    }
    assert measure(["x", "a"], ["a"], (1, 2)) == {
        "recall@1": 0.0,
        "all@1": 0.0,
        "any@1": 0.0,
        "recall@2": 1.0,
        "all@2": 1.0,
        "any@2": 1.0,
        "mrr": 0.5,
    }


def test_an_empty_ranking_finds_nothing() -> None:
    assert set(measure([], ["a"], (5,)).values()) == {0.0}


def test_a_repeated_id_uses_up_places_and_is_found_once() -> None:
    measured = measure(["a", "a", "b"], ["a", "b"], (2, 3))
    assert (measured["recall@2"], measured["recall@3"]) == (0.5, 1.0)


def test_measures_agree_with_a_naive_scorer() -> None:
    draw = random.Random(7)
    ids = [f"D1:{n}" for n in range(30)]
    for _ in range(300):
        ranking = draw.sample(ids, draw.randint(0, 30))
        gold = draw.sample(ids, draw.randint(1, 6))
        measured = measure(ranking, gold, (1, 5, 10, 20))
        for k in (1, 5, 10, 20):
            assert (measured[f"recall@{k}"], measured[f"all@{k}"], measured[f"any@{k}"]) == naive(ranking, gold, k)
        assert measured["mrr"] == reciprocal_rank(ranking, gold) == naive_mrr(ranking, gold)


def test_the_mean_is_over_questions_and_of_no_questions_is_nothing() -> None:
    assert mean_measures([{"mrr": 1.0, "any@5": 0.0}, {"mrr": 0.5, "any@5": 1.0}]) == {"mrr": 0.75, "any@5": 0.5}
    assert mean_measures([]) == {}


def test_sessions_follow_the_first_appearance_of_their_turns() -> None:
    session_of = {"D2:1": "session_2", "D1:1": "session_1", "D2:9": "session_2"}
    assert sessions_by_first_turn(["D2:9", "unknown", "D1:1", "D2:1"], session_of) == ("session_2", "session_1")


def test_several_good_hits_lift_a_session_above_one_better_hit() -> None:
    hits = [SessionScore("one", 0.8), SessionScore("two", 0.75), SessionScore("two", 0.75), SessionScore(None, 1.0)]
    assert rank_sessions(hits) == ("two", "one")  # odds 3, to the 1.4th, twice: 9.3; odds 4: 7
    assert rank_sessions(hits[:2]) == ("one", "two")


def test_session_ranking_is_deaf_to_the_order_of_hits_except_in_ties() -> None:
    hits = [SessionScore("b", 0.2), SessionScore("a", 0.9), SessionScore("b", 0.8), SessionScore("b", 0.1)]
    assert rank_sessions(hits) == rank_sessions(hits[::-1]) == ("a", "b")  # odds 9 against 4
    assert rank_sessions([SessionScore("c", 1.0), *hits])[0] == "c"
    assert rank_sessions([SessionScore("x", 0.5), SessionScore("y", 0.5)]) == ("x", "y")
    assert rank_sessions([]) == ()
