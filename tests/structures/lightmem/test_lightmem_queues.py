"""Update queues: later entries only, the most similar ones, against a naive implementation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agentmem.structures.lightmem.queues import targets
from agentmem.types import Memory

START = datetime(2025, 5, 1, tzinfo=UTC)


def entry(number, day, until=None):
    at = START + timedelta(days=day)
    ends = None if until is None else START + timedelta(days=until)
    return Memory(f"mem_{number}", 1, "fact", f"Ana has {number} cats.", at, at, ends, START)


def pairs(memories, vectors, fresh=None, **options):
    ids = {memory.id for memory in memories} if fresh is None else fresh
    found = targets(memories, vectors, ids, **options)
    return {(target.entry.id, pair.newer.id) for target in found for pair in target.later}


def naive(memories, vectors, fresh, threshold, kept):
    """Each entry's queue, one by one, and then whose queue each is in."""
    found = []
    for own, memory in enumerate(memories):
        before = [
            (float(vectors[own] @ vectors[other]), other)
            for other in range(len(memories))
            if (memories[other].at, other) < (memory.at, own)
        ]
        for cosine, other in sorted(before, reverse=True)[:kept]:
            if cosine >= threshold and {memory.id, memories[other].id} & fresh:
                found.append((other, own, cosine))
    kept_pairs = set()
    for target in {other for other, _own, _cosine in found}:
        sources = sorted(((cosine, own) for other, own, cosine in found if other == target), reverse=True)
        kept_pairs |= {(memories[target].id, memories[own].id) for _cosine, own in sources[:kept]}
    return kept_pairs


ALIKE = np.ones((3, 1), np.float32)


def test_only_later_entries_update_earlier_ones():
    memories = [entry(0, 5), entry(1, 1), entry(2, 3)]  # as they were stored, not as they were said
    assert pairs(memories, ALIKE) == {("mem_1", "mem_2"), ("mem_1", "mem_0"), ("mem_2", "mem_0")}


def test_of_entries_of_one_moment_the_one_stored_first_is_earlier():
    memories = [entry(0, 1), entry(1, 1)]
    assert pairs(memories, ALIKE[:2]) == {("mem_0", "mem_1")}


def test_targets_and_what_is_held_against_them_stand_in_order_of_time():
    memories = [entry(0, 5), entry(1, 1), entry(2, 3)]
    found = targets(memories, ALIKE, {memory.id for memory in memories})
    assert [target.entry.id for target in found] == ["mem_1", "mem_2"]
    assert [pair.newer.id for pair in found[0].later] == ["mem_2", "mem_0"]
    assert all(pair.older is target.entry for target in found for pair in target.later)


def test_two_that_were_there_before_are_not_compared_again():
    memories = [entry(n, n) for n in range(3)]
    assert pairs(memories, ALIKE, {"mem_2"}) == {("mem_0", "mem_2"), ("mem_1", "mem_2")}
    assert pairs(memories, ALIKE, set()) == set()


def test_an_entry_that_is_told_late_is_updated_by_what_was_there():
    memories = [entry(0, 5), entry(1, 1)]
    assert pairs(memories, ALIKE[:2], {"mem_1"}) == {("mem_1", "mem_0")}


def test_the_score_must_reach_the_threshold():
    vectors = np.array([[1, 0], [0.8, 0.6], [0.79, 0.6131]], np.float32)
    memories = [entry(n, n) for n in range(3)]
    assert ("mem_0", "mem_1") in pairs(memories, vectors)
    assert ("mem_0", "mem_2") not in pairs(memories, vectors)


def test_an_entry_keeps_ten_and_is_kept_by_the_ten_most_similar():
    angles = np.radians(np.linspace(0, 20, 30))
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    memories = [entry(n, n) for n in range(30)]
    found = targets(memories, vectors, {memory.id for memory in memories})
    assert max(len(target.later) for target in found) == 10
    assert {pair.newer.id for pair in found[0].later} == {f"mem_{n}" for n in range(1, 11)}


def test_what_is_over_before_the_other_begins_is_not_compared():
    memories = [entry(0, 0, until=2), entry(1, 1), entry(2, 3)]
    assert pairs(memories, ALIKE) == {("mem_0", "mem_1"), ("mem_1", "mem_2")}


def test_without_vectors_those_that_share_a_slot_are_compared():
    memories = [entry(0, 5), entry(1, 1)]
    assert pairs(memories, None) == {("mem_1", "mem_0")}


def test_nothing_is_compared_with_nothing():
    assert targets([], np.zeros((0, 3), np.float32), set()) == []
    assert targets([entry(0, 0)], ALIKE[:1], {"mem_0"}) == []


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 359), st.booleans()), max_size=30),
    st.integers(1, 5),
    st.sampled_from([0.3, 0.8]),
)
def test_the_queues_are_those_of_the_naive_way(some, kept, threshold):
    memories = [entry(number, day) for number, (day, _angle, _new) in enumerate(some)]
    # A turn of its own for each, so that no two cosines are the same.
    angles = np.radians([angle + 0.37 * number**1.5 for number, (_day, angle, _new) in enumerate(some)])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1) if some else np.zeros((0, 2))
    fresh = {memory.id for memory, (_day, _angle, new) in zip(memories, some, strict=True) if new}
    found = pairs(memories, vectors, fresh, kept=kept, threshold=threshold)
    assert found == naive(memories, vectors, fresh, threshold, kept)
