"""From hits of any kind to items: order, duplicates, and hits with very many sources."""

from __future__ import annotations

from datetime import UTC, datetime

from agentmem_evals.systems.ranking import AT_ONCE, item_refs
from hypothesis import given
from hypothesis import strategies as st

from agentmem.types import Hit, Source


def hit(*refs: str | None) -> Hit:
    sources = tuple(Source(f"e{number}", 0, 1, ref) for number, ref in enumerate(refs))
    return Hit("m", "text", 0.5, "fact", datetime(2024, 1, 1, tzinfo=UTC), sources, {})


def test_items_come_in_the_order_of_hits_and_of_their_sources() -> None:
    assert item_refs([hit("b"), hit("c", "a"), hit("b", "d")]) == ("b", "c", "a", "d")
    assert item_refs([hit(None), hit("a", None, "a")]) == ("a",)
    assert item_refs([]) == ()


def test_a_summary_of_a_session_does_not_fill_the_ranking() -> None:
    session = [f"D1:{number}" for number in range(1, 31)]
    ranked = item_refs([hit(*session), hit("D2:1"), hit("D1:9")])
    assert ranked[:AT_ONCE] == tuple(session[:AT_ONCE])
    assert ranked[AT_ONCE : AT_ONCE + 2] == ("D2:1", "D1:9")
    assert sorted(ranked) == sorted([*session, "D2:1"])


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=8), max_size=6))
def test_every_source_is_ranked_once(refs: list[list[str]]) -> None:
    ranked = item_refs([hit(*each) for each in refs])
    assert len(ranked) == len(set(ranked))
    assert set(ranked) == {ref for each in refs for ref in each}
