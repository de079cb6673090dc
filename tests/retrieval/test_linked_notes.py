"""Notes and those that they are linked to under one ``k``, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.errors import InvalidInput
from agentmem.retrieval.linked import rank_linked, with_linked

ALIKE = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.1], dtype=np.float32)


def taken(k, share, beside, places=range(6)):
    return with_linked(list(places), ALIKE, beside, k, share)


def test_the_nearest_then_what_is_linked_to_them_in_order_of_likeness():
    # k = 4, share 0.5: two for themselves (0, 1); linked to 0: 5; linked to 1: 4. In order: 0.9, 0.8, 0.5, 0.1.
    assert taken(4, 0.5, {0: [5], 1: [4]}) == [(0, False), (1, False), (4, True), (5, True)]


def test_the_best_of_what_is_linked_to_the_best_comes_in_first():
    # One place is left for links: of 3 and 5, both linked to 0, the more alike; what is linked to 1 comes too late.
    assert taken(3, 0.34, {0: [5, 3], 1: [4]}) == [(0, False), (1, False), (3, True)]


def test_what_links_leave_goes_to_the_next_best():
    assert taken(4, 0.5, {0: [1]}) == [(0, False), (1, False), (2, False), (3, False)]


def test_without_a_share_links_do_nothing():
    assert taken(3, 0.0, {0: [5], 1: [4], 2: [3]}) == [(0, False), (1, False), (2, False)]


def test_what_may_not_be_taken_is_not_taken_through_a_link():
    assert taken(2, 0.5, {0: [5]}, places=[0, 1]) == [(0, False), (1, False)]


@given(
    st.lists(st.integers(0, 10), min_size=1, max_size=12),
    st.dictionaries(st.integers(0, 11), st.lists(st.integers(0, 11), max_size=4), max_size=8),
    st.integers(1, 15),
    st.floats(0, 1),
)
def test_as_many_as_there_are_up_to_k_each_once_the_most_alike_first(values, beside, k, share):
    alike = np.array(values, dtype=np.float32) / 10
    places = range(len(values))
    links = {one: [other for other in others if other < len(values)] for one, others in beside.items()}
    found = with_linked(list(places), alike, links, k, share)
    order = [place for place, _linked in found]
    assert len(order) == len(set(order)) == min(k, len(values))
    assert [alike[place] for place in order] == sorted((alike[place] for place in order), reverse=True)
    assert sum(linked for _place, linked in found) <= int(share * k)
    assert share == 1.0 or not found or not found[0][1]


def test_a_share_that_is_none_is_refused():
    with pytest.raises(InvalidInput):
        rank_linked("note", 1.5)
