from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agentmem.retrieval.pack import pack

WORDS = st.lists(st.text("ab", max_size=6), max_size=8)


def test_what_does_not_fit_is_passed_over_for_smaller_ones_after_it() -> None:
    assert pack(["aaa", "bbbb", "c", "dd"], len, 5) == ["aaa", "c"]


def test_a_budget_of_exactly_the_price_suffices() -> None:
    assert pack(["aaa", "bb"], len, 5) == ["aaa", "bb"]


def test_nothing_fits_into_a_budget_below_zero() -> None:
    assert pack(["", "a"], len, -1) == []


def test_every_item_is_priced_once() -> None:
    priced: list[str] = []

    def price(item: str) -> int:
        priced.append(item)
        return len(item)

    pack(["aa", "b", "ccc"], price, 3)
    assert priced == ["aa", "b", "ccc"]


@given(WORDS, st.integers(0, 30))
def test_what_is_kept_fits_in_the_given_order(items: list[str], budget: int) -> None:
    kept = pack(items, len, budget)
    assert sum(map(len, kept)) <= budget
    remaining = iter(items)
    assert all(item in remaining for item in kept)


@given(WORDS, st.integers(0, 30))
def test_what_is_left_out_did_not_fit(items: list[str], budget: int) -> None:
    numbered = list(enumerate(items))
    kept = pack(numbered, lambda pair: len(pair[1]), budget)
    for number, item in set(numbered) - set(kept):
        before = sum(len(other) for place, other in kept if place < number)
        assert len(item) > budget - before
