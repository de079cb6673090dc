"""``candidates`` is a union of ways to be found; ``expand`` adds who stands beside."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import NOW, UNKNOWN, said, scene

from agentmem.retrieval.signals import candidates, expand


def far(text: str, number: int) -> tuple[str, dict[str, object]]:
    """A memory that stands alone."""
    return said(text, session=f"alone-{number}")


def test_what_only_words_find_is_found() -> None:
    stage = scene([far("violin", 0), far("tea", 1)], "violin", bare=[UNKNOWN, UNKNOWN])
    assert candidates(stage, 1).tolist() == [0]


def test_what_only_vectors_find_is_found() -> None:
    stage = scene([far("tea", 0), far("rain", 1), far("violin", 2)], "violin", bare=[0.1, 0.9, 0.0])
    assert candidates(stage, 1).tolist() == [1, 2]


def test_what_only_another_view_finds_is_found() -> None:
    stage = scene([far("tea", 0), far("rain", 1)], "violin", bare=[0.9, 0.1], spoken=[0.1, 0.9])
    assert candidates(stage, 1).tolist() == [0, 1]


def test_what_only_the_words_of_its_neighbour_find_is_found() -> None:
    stage = scene(["violin", "yes", far("violin", 0), far("tea", 1)], "violin")
    assert stage.bm25[1] == 0.0
    assert 1 in candidates(stage, 3)
    assert 3 not in candidates(stage, 4)


def test_what_only_the_vectors_of_its_neighbours_find_is_found() -> None:
    stage = scene(["tea", "yes", "tea", far("rain", 0)], "violin", bare=[0.8, 0.75, 0.8, 0.85])
    assert 1 not in candidates(stage, 2)
    assert 1 in expand(stage, candidates(stage, 2))


def test_what_only_its_date_finds_is_found() -> None:
    yesterday = said("tea", session="t", at=NOW - timedelta(days=1))
    assert candidates(scene(["rain", yesterday], "violin yesterday"), 1).tolist() == [1]
    assert candidates(scene(["rain", yesterday], "violin"), 1).tolist() == []


def test_of_a_time_what_matches_the_words_comes_first() -> None:
    day = NOW - timedelta(days=1)
    dated = [said(text, session=text, at=day) for text in ("tea", "rain", "violin")]
    decoys = [far("violin violin", number) for number in range(3)]
    assert candidates(scene([*dated, *decoys], "violin yesterday"), 1).tolist() == [2, 3]


def test_nothing_that_matches_nothing_is_found_by_words() -> None:
    assert candidates(scene([far("tea", 0), far("rain", 1)], "violin"), 10).tolist() == []


def test_an_empty_scene_has_no_candidates() -> None:
    assert candidates(scene([], "violin"), 10).tolist() == []


def test_where_nothing_passes_nothing_is_found() -> None:
    assert candidates(scene(["violin"], "violin", bare=[0.9], passing=[False]), 10).tolist() == []


COSINES = st.one_of(st.just(UNKNOWN), st.floats(-1.0, 1.0, width=32))
ONE = st.tuples(st.sampled_from(["violin", "tea", "violin tea"]), st.sampled_from("rst"), COSINES, st.booleans())


@settings(max_examples=40)
@given(st.lists(ONE, min_size=1, max_size=12), st.integers(1, 4))
def test_candidates_pass_ascend_and_stay_within_their_bound(memories, count: int) -> None:
    texts, sessions, cosines, passing = zip(*memories, strict=True)
    stage = scene(
        [said(text, session=name) for text, name in zip(texts, sessions, strict=True)],
        "violin today",
        bare=cosines,
        passing=passing,
    )
    found = candidates(stage, count)
    assert all(passing[slot] for slot in found)
    assert found.tolist() == sorted(set(found.tolist()))
    assert len(found) <= 5 * count  # words, window, date, vectors, context


def test_what_does_not_pass_takes_nobodys_place() -> None:
    talk = [far("violin violin violin", 0), far("violin", 1)]
    assert candidates(scene(talk, "violin", bare=[0.9, 0.1], passing=[False, True]), 1).tolist() == [1]


def test_expanding_adds_the_one_before_and_the_two_after() -> None:
    stage = scene(list("abcdefg"), "x")
    assert expand(stage, np.array([3])).tolist() == [2, 3, 4, 5]


def test_expanding_adds_only_neighbours_that_pass() -> None:
    stage = scene(list("abcd"), "x", passing=[True, True, False, True])
    assert expand(stage, np.array([1])).tolist() == [0, 1, 3]


def test_expanding_stays_within_the_session() -> None:
    stage = scene([said("a", session="r"), said("b", session="s"), said("c", session="t")], "x")
    assert expand(stage, np.array([1])).tolist() == [1]


@pytest.mark.parametrize("slots", [[], [0, 1, 2]])
def test_expanding_nothing_or_everything_adds_nothing(slots: list[int]) -> None:
    assert expand(scene(list("abc"), "x"), np.array(slots, dtype=np.int64)).tolist() == slots
