"""Recency, relevance and importance of a memory stream, worked by hand, and through the public API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem import AgentMemory, Message
from agentmem.errors import InvalidInput
from agentmem.retrieval.memory_stream import CODE, PAPER, Gains, rank_memory_stream, recency, scaled, weighed
from agentmem.testing import FakeEmbedder

HOUR = 3_600_000_000
MAY = datetime(2025, 5, 1, 9, tzinfo=UTC)


def moments(*hours):
    return np.array([hour * HOUR for hour in hours], dtype=np.int64)


class TestRecency:
    def test_the_newest_counts_most_by_rank(self):
        # The newest decays by 0.99 ** 0, the one before it by 0.99 ** 1, the oldest by 0.99 ** 2.
        assert recency(moments(5, 1, 3), 0.99, "rank") == pytest.approx([1.0, 0.9801, 0.99])

    def test_the_newest_counts_most_by_the_hour(self):
        # 4 hours before the newest: 0.995 ** 4 = 0.98015; 2 hours: 0.995 ** 2 = 0.990025.
        assert recency(moments(5, 1, 3), 0.995, "hour") == pytest.approx([1.0, 0.98015, 0.990025], abs=1e-5)

    def test_of_equal_moments_the_later_in_the_array_is_the_newer_by_rank(self):
        assert recency(moments(2, 2), 0.5, "rank").tolist() == [0.5, 1.0]
        assert recency(moments(2, 2), 0.5, "hour").tolist() == [1.0, 1.0]

    def test_centuries_do_not_make_the_newest_ones_equal(self):
        assert recency(moments(0, 5_000_000, 5_000_001), 0.995, "hour").tolist() == [0.0, 0.995, 1.0]

    @given(st.lists(st.integers(0, 10_000), min_size=1, max_size=20), st.sampled_from(["rank", "hour"]))
    def test_who_is_newer_never_counts_less(self, hours, per):
        found = recency(moments(*hours), 0.99, per)
        order = np.argsort(hours, kind="stable")
        assert (np.diff(found[order]) >= 0).all() and found.max() == 1.0


class TestTheSum:
    def test_parts_are_brought_to_0_and_1(self):
        assert scaled(np.array([2.0, 6.0, 3.0])).tolist() == [0.0, 1.0, 0.25]
        assert scaled(np.array([4.0, 4.0])).tolist() == [0.0, 0.0] and scaled(np.array([])).tolist() == []

    def test_with_the_weights_of_the_code(self):
        # Oldest to newest, by rank: 0.9801, 0.99, 1 -> scaled 0, 0.0099 / 0.0199 = 0.49749, 1.
        # Relevance 0.9, 0.5, 0.1 -> 1, 0.5, 0. Importance 2, 10, 4 -> 0, 1, 0.25.
        # (0.5 r + 3 v + 2 i) / 5.5: 3 / 5.5 = 0.54545; (0.24874 + 1.5 + 2) / 5.5 = 0.68159; 1 / 5.5 = 0.18182.
        found = weighed(moments(0, 1, 2), np.array([0.9, 0.5, 0.1]), np.array([2.0, 10.0, 4.0]), CODE)
        assert found == pytest.approx([0.54545, 0.68159, 0.18182], abs=1e-5)

    def test_with_the_weights_of_the_paper(self):
        # 0, 100 and 200 hours: 0.995 ** 200 = 0.36696, ** 100 = 0.60577, 1 -> scaled 0, 0.23881 / 0.63304 = 0.37724, 1.
        # Equal weights: (0 + 1 + 0) / 3; (0.37724 + 0.5 + 1) / 3 = 0.62575; (1 + 0 + 0.25) / 3 = 0.41667.
        found = weighed(moments(0, 100, 200), np.array([0.9, 0.5, 0.1]), np.array([2.0, 10.0, 4.0]), PAPER)
        assert found == pytest.approx([1 / 3, 0.62575, 0.41667], abs=1e-5)

    def test_all_else_equal_the_newest_is_first(self):
        for gains in (CODE, PAPER):
            found = weighed(moments(0, 1, 2), np.ones(3), np.full(3, 5.0), gains)
            assert found.argmax() == 2 and found.argmin() == 0

    @given(
        st.lists(st.tuples(st.integers(0, 1_000), st.floats(-1, 1), st.integers(1, 10)), min_size=1, max_size=20),
        st.sampled_from([CODE, PAPER]),
    )
    def test_scores_lie_between_0_and_1(self, rows, gains):
        hours, relevance, marks = zip(*rows, strict=True)
        found = weighed(moments(*hours), np.array(relevance), np.array(marks), gains)
        assert (found >= 0).all() and (found <= 1 + 1e-9).all()

    @pytest.mark.parametrize(
        "wrong",
        [
            {"recency": -1},
            {"recency": 0, "relevance": 0, "importance": 0},
            {"decay": 0},
            {"decay": 1.1},
            {"per": "day"},
        ],
    )
    def test_gains_that_make_no_sense_are_refused(self, wrong):
        with pytest.raises(InvalidInput):
            Gains(**wrong)


TALK = ("I had tea.", "I had tea.", "My mother Rosa died in Porto on 3 May.", "I had tea.")


@pytest.fixture
def opened(database, clock):
    stores = []

    def open_it(**more):
        stores.append(
            AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe="generative-agents", **more)
        )
        return stores[-1].scope("acme")

    yield open_it
    for store in stores:
        store.close()


def told(handle):
    handle.add(
        [Message(text, speaker="Ana", session="s1", at=MAY + timedelta(hours=hour)) for hour, text in enumerate(TALK)]
    )
    return handle


class TestThroughTheApi:
    def test_what_says_the_same_is_found_newest_first(self, opened):
        handle = told(opened())
        hits = [hit for hit in handle.retrieve("tea", k=4) if hit.text == "I had tea."]
        assert [hit.at.hour for hit in hits] == [12, 10, 9]
        assert hits[0].signals["recency"] > hits[1].signals["recency"] > hits[2].signals["recency"]

    def test_what_matters_comes_before_what_does_not(self, opened):
        handle = told(opened())
        handle.consolidate()
        hits = handle.retrieve("zzz", k=4)
        assert hits[0].text == TALK[2]
        assert hits[0].signals["importance"] > hits[1].signals["importance"] >= 1.0

    def test_what_was_found_counts_as_accessed_then(self, opened, clock):
        handle = told(opened())
        (hit,) = [hit for hit in handle.retrieve("tea", k=4) if hit.at.hour == 9]
        handle.consolidate()  # uses are written
        clock.advance(days=1)
        handle.retrieve("tea", k=1, until=MAY + timedelta(minutes=1))  # the oldest alone
        handle.consolidate()
        assert handle.get(hit.id).uses == 2 and handle.get(hit.id).used_at == clock()
        again = handle.retrieve("tea", k=4)
        assert max(again, key=lambda one: one.signals["recency"]).id == hit.id

    def test_of_very_many_the_most_relevant_and_the_newest_are_weighed(self, opened, monkeypatch):
        monkeypatch.setattr("agentmem.retrieval.memory_stream.MOST", 2)
        hits = told(opened()).retrieve("Rosa died in Porto", k=4)
        assert {hit.text for hit in hits} == {TALK[2], TALK[3]}

    def test_other_gains_make_another_rank(self, opened, monkeypatch):
        handle = told(opened())
        handle.consolidate()
        from agentmem.recipes import RECIPES
        from agentmem.recipes.recipe import Recipe

        newest = Recipe("newest", "the newest first", rank=rank_memory_stream(Gains(1, 0, 0, 0.99, "rank")))
        monkeypatch.setitem(RECIPES, "newest", newest)
        assert [hit.at.hour for hit in handle.retrieve("tea", k=4, recipe="newest")] == [12, 11, 10, 9]
