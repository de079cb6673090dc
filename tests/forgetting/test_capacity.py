"""What gives way: by hand, against a loop that retires one at a time, and never more than needed."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standings import NOW, Row, ago, standing

from agentmem.clock import to_micros
from agentmem.forgetting.capacity import giving_way, purgeable, weakest_first

LIMITS = st.none() | st.integers(0, 8)
SIZES = st.none() | st.integers(0, 1500)
MEMORIES = st.lists(
    st.tuples(st.sampled_from([0.1, 0.2, 0.3]), st.integers(0, 300), st.booleans(), st.booleans(), st.integers(1, 3)),
    max_size=12,
)
"""Priority, size, whether it counts, whether it may go, age."""


def naive_giving_way(memories, max_memories, max_bytes) -> list[int]:
    def fits(gone: set[int]) -> bool:
        left = [memory for i, memory in enumerate(memories) if memory[2] and i not in gone]
        return (max_memories is None or len(left) <= max_memories) and (
            max_bytes is None or sum(memory[1] for memory in left) <= max_bytes
        )

    ranked = sorted(
        (i for i, (_, _, staying, evictable, _) in enumerate(memories) if staying and evictable),
        key=lambda i: (memories[i][0], -memories[i][4], i),
    )
    gone: list[int] = []
    for index in ranked:
        if not fits(set(gone)):
            gone.append(index)
    if fits(set(gone)):
        for index in reversed(list(gone)):
            if fits(set(gone) - {index}):
                gone.remove(index)
    return gone


def chosen(memories, max_memories=None, max_bytes=None) -> list[int]:
    columns = standing(*(Row(age=age, size=size) for _, size, _, _, age in memories))
    return giving_way(
        columns,
        np.array([memory[0] for memory in memories], dtype=np.float64),
        np.array([memory[2] for memory in memories], dtype=np.bool_),
        np.array([memory[3] for memory in memories], dtype=np.bool_),
        max_memories=max_memories,
        max_bytes=max_bytes,
    ).tolist()


@settings(max_examples=200)
@given(MEMORIES, LIMITS, SIZES)
def test_it_is_what_a_loop_chooses(memories, max_memories, max_bytes) -> None:
    assert chosen(memories, max_memories, max_bytes) == naive_giving_way(memories, max_memories, max_bytes)


@given(MEMORIES, LIMITS, SIZES)
def test_limits_are_met_where_they_can_be_and_nothing_goes_needlessly(memories, max_memories, max_bytes) -> None:
    gone = chosen(memories, max_memories, max_bytes)

    def over(without: list[int]) -> bool:
        left = [memory[1] for i, memory in enumerate(memories) if memory[2] and i not in without]
        return (max_memories is not None and len(left) > max_memories) or (
            max_bytes is not None and sum(left) > max_bytes
        )

    assert all(memories[i][2] and memories[i][3] for i in gone)
    if over(gone):
        assert sorted(gone) == [i for i, memory in enumerate(memories) if memory[2] and memory[3]]
    else:
        assert all(over([other for other in gone if other != i]) for i in gone)


def memory(priority, size=100, staying=True, evictable=True, age=1):
    return (priority, size, staying, evictable, age)


def test_the_weakest_go_first() -> None:
    memories = [memory(0.3), memory(0.1), memory(0.2), memory(0.4)]
    assert chosen(memories, max_memories=2) == [1, 2]
    assert chosen(memories, max_bytes=250) == [1, 2]
    assert chosen(memories, max_bytes=300, max_memories=1) == [1, 2, 0]


def test_within_the_limits_nothing_goes() -> None:
    assert chosen([memory(0.1), memory(0.2)], max_memories=2, max_bytes=200) == []
    assert chosen([memory(0.1), memory(0.2)]) == []
    assert chosen([], max_memories=1, max_bytes=1) == []


def test_a_small_one_is_spared_where_a_larger_one_must_go_anyway() -> None:
    assert chosen([memory(0.1, size=10), memory(0.2, size=1000), memory(0.3, size=500)], max_bytes=600) == [1]
    assert chosen([memory(0.1, size=0), memory(0.2, size=1000)], max_bytes=600) == [1]


def test_what_may_not_go_counts_but_stays() -> None:
    kept = [memory(0.0, evictable=False), memory(0.0, evictable=False), memory(0.9)]
    assert chosen(kept, max_memories=1) == [2]
    assert chosen(kept, max_memories=2) == [2]


def test_what_does_not_count_stays() -> None:
    assert chosen([memory(0.1, staying=False), memory(0.5), memory(0.6)], max_memories=1) == [1]


def test_among_equals_the_older_goes_first_then_the_lower_row() -> None:
    columns = standing(Row(age=1), Row(age=3), Row(age=2), Row(age=3))
    assert weakest_first(np.arange(4), np.zeros(4), columns).tolist() == [1, 3, 2, 0]


@pytest.mark.parametrize(
    ("row", "purged"),
    [
        (Row(), False),
        (Row(retired=29.9), False),
        (Row(retired=30.0), False),
        (Row(retired=30.1), True),
        (Row(retired=30.1, pinned=True), False),
        (Row(retired=-5.0), False),
    ],
)
def test_what_was_retired_longer_ago_than_the_grace_is_purged(row, purged) -> None:
    assert purgeable(standing(row), timedelta(days=30), to_micros(NOW)).tolist() == [purged]


def test_no_grace_never_purges_and_an_endless_one_neither() -> None:
    columns = standing(Row(retired=365 * 2000))
    assert purgeable(columns, None, ago(0)).tolist() == [False]
    assert purgeable(columns, timedelta.max, ago(0)).tolist() == [False]
    assert purgeable(columns, timedelta(0), ago(0)).tolist() == [True]
