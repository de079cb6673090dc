"""Topic segments: the buffer, its two sorts of boundaries, and what is gathered for one call."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.errors import InvalidInput
from agentmem.structures.lightmem.short_term import Segment, gathered
from agentmem.structures.lightmem.topics import boundaries, coarse_boundaries, fine_boundaries, segments


def turns(*directions):
    """Unit vectors in the plane, by their angle in degrees."""
    angles = np.radians(np.array(directions, dtype=np.float64))
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def blocks(*lengths, apart=90):
    """Topics: so many turns of one direction, then of another."""
    return turns(*[apart * number for number, length in enumerate(lengths) for _ in range(length)])


def test_the_buffer_is_cut_where_the_topic_changes():
    assert boundaries(blocks(4, 3, 5)) == [4, 7]
    assert segments([10] * 12, blocks(4, 3, 5)) == [range(4), range(4, 7), range(7, 12)]


def test_the_tail_stays_for_what_comes_next():
    vectors = blocks(3, 4, apart=90)  # the last of the four comes when the buffer is full
    assert segments([10] * 7, vectors, 60) == [range(3), range(3, 7)]
    alone = segments([10] * 6, vectors[:6], 60)
    assert alone == [range(3), range(3, 6)]


def test_a_buffer_of_one_topic_goes_as_a_whole():
    assert segments([10] * 5, blocks(5), 30) == [range(3), range(3, 5)]


def test_a_turn_that_is_larger_than_the_buffer_is_a_segment_of_its_own():
    assert segments([10, 10, 900, 10, 10], blocks(5), 100) == [range(2), range(2, 3), range(3, 5)]
    assert segments([900, 900], blocks(2), 100) == [range(1), range(1, 2)]


def test_replies_do_not_fill_the_buffer():
    assert segments([0] * 100, blocks(100), 1) == [range(100)]


@pytest.mark.parametrize(
    ("cosine", "expected"), [(0.1, [3]), (0.22, [3]), (0.49, [3]), (0.51, [])], ids=["least", "second", "last", "none"]
)
def test_the_threshold_rises_to_a_half_and_no_further(cosine, expected):
    angle = float(np.degrees(np.arccos(cosine)))
    assert fine_boundaries(turns(0, 0, 0, angle, angle, angle)) == expected


def test_the_first_threshold_that_finds_a_boundary_counts():
    weak, strong = np.degrees(np.arccos(0.3)), np.degrees(np.arccos(0.1))
    assert fine_boundaries(turns(0, 0, weak, weak, weak + strong, weak + strong)) == [4]


def test_fine_boundaries_far_from_a_coarse_one_are_left_out():
    vectors = turns(*[0] * 6, *[90] * 6, 100, 10, 100, *[100] * 12)
    coarse, fine = coarse_boundaries(vectors), fine_boundaries(vectors)
    assert coarse and set(boundaries(vectors)) <= set(fine)
    assert all(min(abs(one - other) for other in coarse) <= 3 for one in boundaries(vectors))


def test_without_a_coarse_boundary_there_is_none():
    assert coarse_boundaries(turns(0, 90)) == [] and boundaries(turns(0, 90)) == []
    assert fine_boundaries(turns(0, 90)) == [1]


def test_nothing_has_no_topics():
    assert segments([], np.zeros((0, 4), np.float32)) == []
    assert segments([3], np.zeros((1, 0), np.float32)) == [range(1)]


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 359)), max_size=40),
    st.integers(1, 100),
)
def test_segments_are_all_turns_once_in_order_and_fit_the_buffer(some, size):
    tokens = [cost for cost, _angle in some]
    vectors = turns(*[angle for _cost, angle in some]) if some else np.zeros((0, 2), np.float32)
    found = segments(tokens, vectors, size)
    assert [turn for segment in found for turn in segment] == list(range(len(some)))
    for segment in found:
        assert len(segment) and (len(segment) == 1 or sum(tokens[turn] for turn in segment) <= size)


@pytest.mark.parametrize(("tokens", "size"), [([1], 0), ([1, 2], 5)])
def test_a_buffer_that_cannot_be_is_refused(tokens, size):
    with pytest.raises(InvalidInput, match="sensory buffer"):
        segments(tokens, turns(0), size)


def segment(tokens, unit=0):
    return Segment(unit, (0,), ("x",), tokens)


def test_segments_are_gathered_until_the_next_would_not_fit():
    found = list(gathered([segment(300), segment(400, 1), segment(100, 1), segment(700, 2), segment(900, 3)], 768))
    assert [[one.tokens for one in some] for some in found] == [[300, 400], [100], [700], [900]]


@given(st.lists(st.integers(0, 500), max_size=40), st.integers(1, 400))
def test_gatherings_keep_the_order_and_the_limit_and_waste_no_call(costs, limit):
    found = list(gathered([segment(cost) for cost in costs], limit))
    assert [one.tokens for some in found for one in some] == costs
    sums = [sum(one.tokens for one in some) for some in found]
    assert all(total <= limit or len(some) == 1 for total, some in zip(sums, found, strict=True))
    assert all(total + after[0].tokens > limit for total, after in zip(sums, found[1:], strict=False))
