"""Runs of words: where they stand, in however many parts the texts came."""

from __future__ import annotations

import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.errors import MissingExtra
from agentmem.index.substrings import SubstringIndex, spelled
from agentmem.index.suffix_array import SuffixArray

TEXTS = st.lists(st.lists(st.lists(st.sampled_from("abc"), max_size=6), max_size=2), max_size=8)


def naive(texts, run):
    """Every (text, offset) at which a run stands, by looking everywhere; the offset counts breaks."""
    found = []
    for slot, fields in enumerate(texts):
        line = [word for field in fields for word in (*field, None)]
        found += [(slot, at) for at in range(len(line)) if line[at : at + len(run)] == run]
    return found


def placed(index, texts, places):
    lengths = [sum(len(field) + 1 for field in fields) for fields in texts]
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(int)
    slots = index.texts_of(places)
    return [(int(slot), int(place - starts[slot])) for slot, place in zip(slots, places, strict=True)]


def test_suffixes_are_sorted_by_hand():
    # 2 1 2 1 3: the suffixes, sorted, are 1 2 1 3 (from 1), 1 3 (3), 2 1 2 1 3 (0), 2 1 3 (2), 3 (4)
    array = SuffixArray.of(np.array([2, 1, 2, 1, 3], dtype=np.uint32))
    assert array.suffixes.tolist() == [1, 3, 0, 2, 4]
    assert [places.tolist() for places in array.prefixes([2, 1, 3])] == [[0, 2], [0, 2], [2]]
    assert array.prefixes([7]) == [] == array.prefixes([])


@given(sequence=st.lists(st.sampled_from([0, 1, 2, 255, 256, 257, 65_536, 70_000]), max_size=40))
def test_suffixes_are_sorted_whatever_the_numbers(sequence):
    """Numbers of one, two and more bytes, equal ones, and none at all."""
    array = SuffixArray.of(np.array(sequence, dtype=np.uint32))
    assert array.suffixes.tolist() == sorted(range(len(sequence)), key=lambda start: sequence[start:])


@given(texts=TEXTS, run=st.lists(st.sampled_from("abcd"), min_size=1, max_size=5), cuts=st.sets(st.integers(0, 8)))
def test_a_run_is_found_where_it_stands_in_however_many_parts_the_texts_came(texts, run, cuts):
    index = SubstringIndex()
    edges = sorted({0, len(texts), *(cut for cut in cuts if cut < len(texts))})
    for first, last in pairwise(edges):
        index.add(texts[first:last])
    assert len(index) == len(texts)
    assert index.lengths.tolist() == [sum(map(len, fields)) for fields in texts]
    prefixes = index.prefixes(run)
    for length in range(1, len(run) + 1):
        expected = naive(texts, run[:length])
        assert (placed(index, texts, prefixes[length - 1]) if length <= len(prefixes) else []) == expected
    assert all(len(places) for places in prefixes)


def test_texts_that_come_one_by_one_lie_in_few_parts():
    index, most = SubstringIndex(), 0
    for number in range(1_000):
        index.add([[["otter", str(number)]]])
        most = max(most, index.parts)
    assert most <= 11  # each at least twice as long as the next: at most log2(1,000) + 1
    assert len(index.prefixes(["otter"])[0]) == 1_000
    assert index.texts_of(index.prefixes(["otter", "640"])[1]).tolist() == [640]


def test_nothing_runs_over_from_a_field_or_a_text_to_the_next():
    index = SubstringIndex()
    index.add([[["the", "douro"], ["rises", "in"]], [["spain"]], []])
    assert len(index.prefixes(["douro", "rises"])) == 1
    assert len(index.prefixes(["in", "spain"])) == 1
    assert len(index) == 3


def test_words_are_spelled_alike_in_questions_and_texts():
    assert spelled("Ana's  CAT, and Zoë’s: don't!") == ["ana", "cat", "and", "zoe", "don't"]
    assert spelled("?!") == []


def test_a_missing_package_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pydivsufsort", None)
    with pytest.raises(MissingExtra, match=r"pip install 'agentmem-framework\[seal\]'"):
        SubstringIndex().add([[["otter"]]])
