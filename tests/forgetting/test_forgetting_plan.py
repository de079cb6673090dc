"""The whole plan: by hand, against a loop, and the promises that hold for every scope and policy."""

from __future__ import annotations

import dataclasses
import math
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standings import NOW, SCOPES, Row, carried_out, pick, standing

from agentmem.errors import InvalidInput
from agentmem.forgetting.plan import Plan, Reason, plan
from agentmem.forgetting.policy import Forgetting
from agentmem.forgetting.priority import priorities
from agentmem.forgetting.standing import NEVER

POLICIES = st.builds(
    Forgetting,
    max_memories=st.none() | st.integers(1, 8),
    max_bytes=st.none() | st.integers(1, 1500),
    decay=st.sampled_from([None, "ebbinghaus", "memoria"]),
    floor=st.sampled_from([0.0, 0.05, 0.5]),
    grace=st.sampled_from([None, timedelta(0), timedelta(days=9)]),
    min_age=st.sampled_from([timedelta(0), timedelta(days=1), timedelta(days=10)]),
    expire=st.booleans(),
)


def reasons(rows, policy) -> dict[int, str]:
    planned = plan(standing(*rows), policy, NOW)
    return dict(zip(planned.retire.tolist(), map(str, planned.reasons), strict=True))


def test_each_reason_by_hand() -> None:
    rows = [
        Row(age=15.1),  # faded: exp(-15.1 / 5) < 0.05
        Row(age=14.9),
        Row(age=15.1, unused=15.1, uses=1),  # exp(-15.1 / 10) > 0.05
        Row(age=0.1, expired=0.0),
        Row(age=15.1, expired=-1.0),
        Row(age=15.1, expired=1.0, pinned=True),
        Row(age=15.1, pinned=True),
        Row(age=15.1, retired=5),
        Row(age=15.1, recorded=3),
    ]
    assert reasons(rows, Forgetting(decay="ebbinghaus")) == {0: "faded", 3: "expired", 4: "faded"}
    assert reasons(rows, Forgetting(expire=True)) == {3: "expired"}
    assert reasons(rows, Forgetting(max_memories=7)) == {3: "expired"}
    assert reasons(rows, Forgetting(max_memories=5)) == {3: "expired", 0: "over capacity", 4: "over capacity"}


def test_memoria_by_hand() -> None:
    rows = [
        Row(age=8.9),
        Row(age=9),
        Row(age=9, uses=1),
        Row(age=17, unused=0, uses=1),
        Row(age=17, uses=1, strength=2),
    ]
    assert reasons(rows, Forgetting(decay="memoria")) == {1: "faded", 3: "faded"}


def test_what_was_just_learned_is_spared_until_it_is_old_enough() -> None:
    rows = [Row(age=0.5), Row(age=20, recorded=0.5), Row(age=1.0)]
    assert set(reasons(rows, Forgetting(max_memories=1))) == {2}
    assert set(reasons(rows, Forgetting(max_memories=1, min_age=timedelta(0)))) == {1, 2}


def test_the_order_is_by_reason_then_by_worth() -> None:
    rows = [Row(age=40), Row(age=30), Row(age=2, expired=1, strength=5), Row(age=2, expired=1), Row(age=2), Row(age=3)]
    planned = plan(standing(*rows), Forgetting(decay="ebbinghaus", max_memories=1), NOW)
    assert planned.retire.tolist() == [3, 2, 0, 1, 5]
    assert planned.reasons == (Reason.EXPIRED,) * 2 + (Reason.FADED,) * 2 + (Reason.OVER_CAPACITY,)


def test_the_longest_retired_is_purged_first() -> None:
    rows = [Row(retired=31), Row(retired=60), Row(retired=90, pinned=True), Row(retired=2), Row()]
    planned = plan(standing(*rows), Forgetting(expire=True), NOW)
    assert planned.purge.tolist() == [1, 0] and not len(planned.retire)
    assert not len(plan(standing(*rows), Forgetting(expire=True, grace=None), NOW).purge)


@given(SCOPES)
def test_the_default_retires_and_purges_nothing(rows) -> None:
    assert plan(standing(*rows), Forgetting(), NOW).empty


def test_an_empty_scope_has_nothing_to_plan() -> None:
    planned = plan(standing(), Forgetting(max_memories=1, max_bytes=1, decay="memoria"), NOW)
    assert planned.empty and planned.reasons == ()


def naive_reason(row: Row, policy: Forgetting) -> str | None:
    """Why one memory goes, whatever the others are."""
    learned = row.age if row.recorded is None else min(row.age, row.recorded)
    touched = learned if row.unused is None else min(learned, row.unused)
    if row.retired is not None or row.pinned:
        return None
    if row.expired is not None and row.expired >= 0:
        return "expired"
    if naive_young(row, policy) or policy.decay is None:
        return None
    if policy.decay == "ebbinghaus":
        faded = math.exp(-max(touched, 0) / (5 * row.strength * (1 + row.uses))) < policy.floor
    else:
        faded = row.strength * (9 + 8 * row.uses) - int(max(learned, 0)) <= 0
    return "faded" if faded else None


def naive_young(row: Row, policy: Forgetting) -> bool:
    return min(row.age, row.age if row.recorded is None else row.recorded) < policy.min_age / timedelta(days=1)


def naive_plan(rows: list[Row], policy: Forgetting) -> dict[int, str]:
    """Memory by memory; then the weakest, one at a time, until the rest fits, sparing again what has room."""
    if not policy.active:
        return {}
    found = {i: reason for i, row in enumerate(rows) if (reason := naive_reason(row, policy))}

    def fits(gone) -> bool:
        left = [row for i, row in enumerate(rows) if row.retired is None and i not in found and i not in gone]
        return (policy.max_memories is None or len(left) <= policy.max_memories) and (
            policy.max_bytes is None or sum(row.size for row in left) <= policy.max_bytes
        )

    worths = priorities(standing(*rows), NOW)
    free = [i for i, row in enumerate(rows) if row.retired is None and not row.pinned and not naive_young(row, policy)]
    gone: list[int] = []
    for i in sorted(set(free) - set(found), key=lambda i: (worths[i], -rows[i].age, i)):
        if not fits(gone):
            gone.append(i)
    for i in reversed(list(gone) if fits(gone) else []):
        if fits(set(gone) - {i}):
            gone.remove(i)
    return found | dict.fromkeys(gone, "over capacity")


def naive_purge(rows: list[Row], policy: Forgetting) -> set[int]:
    if not policy.active or policy.grace is None:
        return set()
    days = policy.grace / timedelta(days=1)
    return {i for i, row in enumerate(rows) if row.retired is not None and row.retired > days and not row.pinned}


@settings(max_examples=150)
@given(SCOPES, POLICIES)
def test_it_is_what_a_loop_plans(rows, policy) -> None:
    assert reasons(rows, policy) == naive_plan(rows, policy)
    assert set(plan(standing(*rows), policy, NOW).purge.tolist()) == naive_purge(rows, policy)


@given(SCOPES, POLICIES)
def test_pinned_memories_are_never_chosen(rows, policy) -> None:
    planned = plan(standing(*rows), policy, NOW)
    assert not any(rows[i].pinned for i in [*planned.retire, *planned.purge])
    assert all(rows[i].retired is None for i in planned.retire)
    assert all(rows[i].retired is not None for i in planned.purge)
    assert len(planned.retire) == len(planned.reasons) == len(set(planned.retire.tolist()))


@given(SCOPES, POLICIES)
def test_capacity_is_met_whenever_those_who_may_go_suffice(rows, policy) -> None:
    before = standing(*rows)
    after = carried_out(before, plan(before, policy, NOW))
    left = after.active
    met = (policy.max_memories is None or left.sum() <= policy.max_memories) and (
        policy.max_bytes is None or after.size_bytes[left].sum() <= policy.max_bytes
    )
    young = after.learned > np.int64(NOW.timestamp() * 1e6) - policy.min_age // timedelta(microseconds=1)
    assert met or (after.pinned | young)[left].all()


@given(SCOPES, POLICIES)
def test_once_carried_out_nothing_is_left_to_do(rows, policy) -> None:
    before = standing(*rows)
    assert plan(carried_out(before, plan(before, policy, NOW)), policy, NOW).empty


@settings(max_examples=150)
@given(SCOPES.filter(bool), POLICIES, st.data())
def test_more_strength_or_use_never_retires_earlier(rows, policy, data) -> None:
    lucky = data.draw(st.integers(0, len(rows) - 1))
    better = data.draw(st.sampled_from([{"strength": 20.0}, {"uses": 9}, {"reinforcements": 9}]))
    if lucky not in reasons(rows, policy):
        improved = [dataclasses.replace(row, **better) if i == lucky else row for i, row in enumerate(rows)]
        assert lucky not in reasons(improved, policy)


@given(SCOPES, POLICIES, st.randoms(use_true_random=False))
def test_the_order_of_the_memories_does_not_matter(rows, policy, random) -> None:
    shuffled = list(range(len(rows)))
    random.shuffle(shuffled)
    order = np.array(shuffled, dtype=np.int64)
    before = standing(*rows)
    one, other = plan(before, policy, NOW), plan(pick(before, order), policy, NOW)
    assert one.retire.tolist() == order[other.retire].tolist()
    assert one.purge.tolist() == order[other.purge].tolist()
    assert one.reasons == other.reasons


@given(SCOPES, POLICIES)
def test_nothing_given_is_changed(rows, policy) -> None:
    before = standing(*rows)
    for name in ("at", "used_at", "uses", "strength", "size_bytes", "pinned", "expires_at", "retired_at"):
        getattr(before, name).setflags(write=False)
    assert isinstance(plan(before, policy, NOW), Plan)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(InvalidInput, match="time zone"):
        plan(standing(Row()), Forgetting(), NOW.replace(tzinfo=None))


def test_without_rows_the_place_breaks_ties() -> None:
    columns = dataclasses.replace(standing(Row(), Row(), Row()), rows=None, recorded_at=None)
    assert plan(columns, Forgetting(max_memories=1), NOW).retire.tolist() == [0, 1]
    assert (columns.used_at == NEVER).all()
