"""From hits of any kind to items: order, duplicates, and hits with very many sources."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from agentmem_evals.systems.ranking import AT_ONCE, ranked_items
from hypothesis import given
from hypothesis import strategies as st

from agentmem.types import Hit, Source


def hit(*refs: str | None, **signals: float) -> Hit:
    sources = tuple(Source(f"e{number}", 0, 1, ref) for number, ref in enumerate(refs))
    return Hit("m", "text", 0.5, "fact", datetime(2024, 1, 1, tzinfo=UTC), sources, signals)


def item_refs(hits: Iterable[Hit]) -> tuple[str, ...]:
    return tuple(ranked_items(hits))


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


def test_an_item_has_the_signals_of_the_hit_that_put_it_in_its_place() -> None:
    session = [f"D1:{number}" for number in range(1, 6)]
    ranked = ranked_items(
        [hit("b", dense=0.9), hit(*session, fact=0.5), hit("b", "c", bm25=0.4), hit("D1:5", bm25=0.1)]
    )
    assert ranked == {
        "b": {"dense": 0.9},
        **{item: {"fact": 0.5} for item in session[:AT_ONCE]},
        "c": {"bm25": 0.4},
        "D1:5": {"bm25": 0.1},  # at its own place; beyond the first three, the summary's hit does not count
        "D1:4": {"fact": 0.5},
    }
    assert list(ranked) == ["b", "D1:1", "D1:2", "D1:3", "c", "D1:5", "D1:4"]


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=8), max_size=6))
def test_every_source_is_ranked_once(refs: list[list[str]]) -> None:
    ranked = item_refs([hit(*each) for each in refs])
    assert len(ranked) == len(set(ranked))
    assert set(ranked) == {ref for each in refs for ref in each}
