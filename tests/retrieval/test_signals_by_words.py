"""The signals of words, against computations written out document by document."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import every, said, scene, signal

from agentmem.retrieval.scene import WINDOW
from agentmem.retrieval.signals import measure

WORDS = ["cat", "dog", "rain", "tea", "violin"]
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join), min_size=1, max_size=9)
QUERIES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)


def idf(frequency: int, documents: int) -> float:
    return math.log(1 + (documents - frequency + 0.5) / (frequency + 0.5))


def naive_bm25(bags: list[dict[str, float]], frequencies: dict[str, int], n: int, query: str, k1: float) -> list[float]:
    lengths = [sum(bag.values()) for bag in bags]
    average = sum(lengths) / len(lengths)
    scores = []
    for bag, length in zip(bags, lengths, strict=True):
        norm = k1 * (0.25 + 0.75 * length / average)
        terms = [(bag[term], idf(frequencies[term], n)) for term in set(query.split()) if bag.get(term)]
        scores.append(sum(weight * count * (k1 + 1) / (count + norm) for count, weight in terms))
    return scores


def counted(weighted: list[tuple[str, float]]) -> dict[str, float]:
    bag: dict[str, float] = {}
    for text, weight in weighted:
        for word in text.split():
            bag[word] = bag.get(word, 0.0) + weight
    return bag


def frequencies(texts: list[str]) -> dict[str, int]:
    return {word: sum(word in text.split() for text in texts) for word in WORDS}


def scale(n: int) -> float:
    return 1.6 * math.log(1 + n)


@settings(max_examples=30)
@given(TEXTS, QUERIES)
def test_bm25_is_the_formula_over_what_a_scope_of_that_size_makes_possible(texts: list[str], query: str) -> None:
    bags = [counted([(text, 1.0)]) for text in texts]
    expected = np.array(naive_bm25(bags, frequencies(texts), len(texts), query, 1.2)) / scale(len(texts))
    np.testing.assert_allclose(signal(scene(texts, query), "bm25"), expected, rtol=1e-4, atol=1e-5)


@settings(max_examples=30)
@given(TEXTS, QUERIES)
def test_bm25_window_counts_the_neighbours_words_at_their_weights(texts: list[str], query: str) -> None:
    def around(slot: int) -> list[tuple[str, float]]:
        beside = [(texts[slot + o], w) for o, w in WINDOW.items() if 0 <= slot + o < len(texts)]
        return [(texts[slot], 1.0), *beside]

    bags = [counted(around(slot)) for slot in range(len(texts))]
    expected = np.array(naive_bm25(bags, frequencies(texts), len(texts), query, 0.8)) / scale(len(texts))
    np.testing.assert_allclose(signal(scene(texts, query), "bm25_window"), expected, rtol=1e-4, atol=1e-5)


def test_a_window_ends_with_its_session() -> None:
    talk = [said("violin", session="r"), said("tea", session="s")]
    assert signal(scene(talk, "violin"), "bm25_window")[1] == 0.0


def test_a_window_reaches_three_back_and_two_ahead() -> None:
    found = signal(scene(["tea"] * 4 + ["violin"] + ["tea"] * 5, "violin"), "bm25_window")
    assert [value > 0 for value in found] == [False, False, True, True, True, True, True, True, False, False]


@settings(max_examples=30)
@given(TEXTS, QUERIES, st.data())
def test_bm25_thread_is_the_formula_over_whole_sessions(texts: list[str], query: str, data) -> None:
    sessions = data.draw(st.lists(st.sampled_from("rst"), min_size=len(texts), max_size=len(texts)))
    threads = sorted(set(sessions), key=sessions.index)
    stage = scene([said(text, session=name) for text, name in zip(texts, sessions, strict=True)], query)
    whole = [" ".join(t for t, s in zip(texts, sessions, strict=True) if s == thread) for thread in threads]
    scores = naive_bm25([counted([(text, 1.0)]) for text in whole], frequencies(whole), len(whole), query, 1.2)
    by_thread = dict(zip(threads, np.array(scores) / scale(len(whole)), strict=True))
    expected = [by_thread[name] if len(threads) > 1 else 0.0 for name in sessions]
    np.testing.assert_allclose(signal(stage, "bm25_thread"), expected, rtol=1e-4, atol=1e-5)


def test_with_one_thread_bm25_thread_is_0() -> None:
    assert signal(scene(["tea", "violin"], "violin"), "bm25_thread") == [0.0, 0.0]


def test_every_memory_of_a_thread_has_its_score() -> None:
    talk = [said("tea", session="r"), said("rain", session="s"), said("violin", session="s")]
    found = signal(scene(talk, "violin"), "bm25_thread")
    assert found[0] == 0.0 < found[1] == found[2]


@settings(max_examples=30)
@given(TEXTS, QUERIES)
def test_bm25_share_lies_between_0_and_1(texts: list[str], query: str) -> None:
    found = np.array(signal(scene(texts, query), "bm25_share"))
    assert ((found >= 0.0) & (found <= 1.0 + 1e-6)).all()


def test_bm25_share_nears_1_for_a_text_full_of_all_the_words() -> None:
    assert signal(scene(["violin tea " * 500, "rain " * 1_000], "violin tea"), "bm25_share")[0] > 0.99


@pytest.mark.parametrize("query", ["absent", "the", "?!"])
def test_a_query_without_known_words_scores_0_everywhere(query: str) -> None:
    stage = scene(["tea", said("rain", session="r")], query)
    measured = measure(stage, every(stage))
    for name in ("bm25", "bm25_window", "bm25_thread", "bm25_share"):
        assert measured[name].tolist() == [0.0, 0.0]
