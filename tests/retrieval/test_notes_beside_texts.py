"""Ranks of texts with what stands beside or before them, on hand-made layers."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pytest
from scenes import row

from agentmem.forgetting.lifespan import Memoria
from agentmem.index.catalog import Catalog
from agentmem.kinds import CO_FIRED, SELF_NOTE, SHORT_TERM, TEXT
from agentmem.retrieval.beside import rank_beside, standing_beside
from agentmem.retrieval.layer_view import LayerView
from agentmem.retrieval.pointers import Pointers
from agentmem.retrieval.reminding import Reach, rank_reminded
from agentmem.retrieval.short_term import rank_short_term
from agentmem.testing import FakeClock
from agentmem.types import Edge

NOON = FakeClock()()
NOWHERE = Pointers(np.array([], dtype=np.int64), np.array([], dtype=np.int64))
UNKNOWN = float("nan")


def layer(name, cosines, minutes, *, first=0, pointers=NOWHERE, closed=(), bm25=None):
    """Memories with these cosines, so many minutes after noon; ``closed`` may not be hits."""
    catalog = Catalog()
    catalog.upsert(
        [row(first + n, f"{name} {n}", at=NOON + timedelta(minutes=minute)) for n, minute in enumerate(minutes)]
    )
    passing = np.ones(len(minutes), dtype=np.bool_)
    returnable = passing.copy()
    returnable[list(closed)] = False
    words = np.zeros(len(minutes), dtype=np.float32) if bm25 is None else np.array(bm25, dtype=np.float32)
    cosine = np.array(cosines, dtype=np.float32)
    return LayerView(name, catalog.columns, passing, cosine, words, pointers, returnable)


def moment(*layers, edges=()):
    """What a rank may look at."""
    there = {one.name: one for one in layers}
    empty = layer("empty", [], [])
    return SimpleNamespace(
        layer=lambda name: there.get(name, empty),
        edges=lambda kind: [edge for edge in edges if edge.kind == kind],
        ids=lambda rows: [f"mem_{number}" for number in rows],
    )


def pairs(*found):
    return Pointers(np.array([one for one, _other in found]), np.array([other for _one, other in found]))


def shown(found):
    return [(one.row, round(one.score, 3), round(one.signals["dense"], 3)) for one in found]


class TestNotesBesideTexts:
    # Texts 0, 1, 2 at minutes 0, 1, 2; note 10 of texts 0 and 1, as old as 1; note 11 of text 2.
    NOTES = pairs((0, 0), (0, 1), (1, 2))

    def scene(self, texts=(0.2, 0.0, 0.4), notes=(0.8, -0.2), **more):
        return moment(
            layer(TEXT, texts, [0, 1, 2]), layer(SELF_NOTE, notes, [1, 2], first=10, pointers=self.NOTES, **more)
        )

    def test_a_note_stands_beside_the_latest_of_its_texts(self):
        scene = self.scene()
        assert standing_beside(scene.layer(SELF_NOTE), scene.layer(TEXT)).tolist() == [1, 2]

    def test_a_note_whose_text_is_out_of_use_stands_beside_none(self):
        texts = layer(TEXT, [0.2, 0.0, 0.4], [0, 1, 2])
        notes = layer(SELF_NOTE, [0.8], [1], first=10, pointers=pairs((0, 0)))  # nothing points to text 1 any more
        assert standing_beside(notes, texts).tolist() == [-1]
        assert [one.row for one in rank_beside(SELF_NOTE)(moment(texts, notes), 9)] == [2, 0, 1]

    def test_a_text_counts_by_its_better_half_and_the_note_comes_right_after_it(self):
        # (1 + cosine) / 2: texts 0.6, 0.5, 0.7; notes 0.9 (beside text 1) and 0.4 (beside text 2, which says more).
        found = rank_beside(SELF_NOTE)(self.scene(), 9)
        assert shown(found) == [(1, 0.9, 0.0), (10, 0.9, 0.8), (2, 0.7, 0.4), (11, 0.7, -0.2), (0, 0.6, 0.2)]
        assert shown(rank_beside(SELF_NOTE)(self.scene(), 2)) == shown(found)[:2]

    def test_a_note_that_is_not_asked_for_still_counts_for_its_text(self):
        found = rank_beside(SELF_NOTE)(self.scene(closed=(0, 1)), 9)
        assert [one.row for one in found] == [1, 2, 0]

    def test_without_vectors_words_decide_and_no_cosine_is_told(self):
        texts = layer(TEXT, [UNKNOWN] * 2, [0, 1], bm25=[2.0, 1.0])
        assert shown(rank_beside(SELF_NOTE)(moment(texts), 9)) == [(0, 1.0, 0.0), (1, 0.5, 0.0)]


class TestShortTermMemoryFirst:
    def test_the_newest_comes_first_and_texts_by_cosine_after_it(self):
        texts = layer(TEXT, [0.2, 0.6, 0.4], [0, 1, 2])
        memories = layer(SHORT_TERM, [0.9, -0.4], [0, 5], first=10)
        found = rank_short_term(moment(texts, memories), 3)
        assert shown(found) == [(11, 1.0, -0.4), (1, 0.8, 0.6), (2, 0.7, 0.4)]
        assert shown(rank_short_term(moment(texts, memories), 1)) == [(11, 1.0, -0.4)]

    def test_without_one_texts_are_all_there_is(self):
        assert [one.row for one in rank_short_term(moment(layer(TEXT, [0.2, 0.6], [0, 1])), 9)] == [1, 0]


class TestReminding:
    # Five texts; the short term holds the newest two (3, 4), the long term 0, 1, 2. 4 fired 4 times, 3 of them with
    # 1; 1 fired 6 times, twice with 0. 3 fired with nothing, and nothing with 2.
    EDGES = tuple(
        Edge(f"edg_{n}", CO_FIRED, f"mem_{one}", f"mem_{other}", weight)
        for n, (one, other, weight) in enumerate([(4, 4, 4.0), (1, 1, 6.0), (0, 0, 2.0), (1, 4, 3.0), (0, 1, 2.0)])
    )

    def ranked(self, reach, k=9):
        scene = moment(layer(TEXT, [0.9, 0.1, 0.8, 0.2, 0.4], range(5)), edges=self.EDGES)
        return rank_reminded(reach, Memoria(short_term=2))(scene, k)

    def test_the_long_term_is_reached_step_by_step_with_its_chances(self):
        # From 4: P(1 | 4) = 3 / 4. From 1: P(0 | 1) = 2 / 6. The nearest is first: 0 with (1 + 0.9) / 2 = 0.95.
        found = self.ranked(Reach(2, 2, 1))
        assert [one.row for one in found] == [0, 4, 3, 1]
        chances = {one.row: one.signals.get("co_fired") for one in found}
        assert chances == {0: pytest.approx(2 / 6), 4: None, 3: None, 1: pytest.approx(3 / 4)}
        assert found[0].score == pytest.approx(0.95) and found[0].signals["dense"] == pytest.approx(0.9)

    def test_without_depth_it_is_one_step(self):
        assert [one.row for one in self.ranked(Reach(2, 2, 0))] == [4, 3, 1]

    def test_of_what_the_walks_found_the_nearest_are_reminded(self):
        assert [one.row for one in self.ranked(Reach(2, 1, 1))] == [0, 4, 3]

    def test_what_fired_with_nothing_is_out_of_reach_however_near(self):
        assert 2 not in {one.row for one in self.ranked(Reach(2, 9, 9))}

    def test_no_more_than_wanted(self):
        assert [one.row for one in self.ranked(Reach(2, 2, 1), k=2)] == [0, 4]
