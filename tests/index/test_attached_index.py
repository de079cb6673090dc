"""An index passes from one embedding model to the next: only the one that has it may use it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from agentmem.errors import EmbedderMismatch, IndexFailure
from agentmem.index.attached import AttachedIndex
from agentmem.index.exact import ExactIndex
from agentmem.protocols import Space

SPACE = Space(1, "bare")
ROWS = np.array([1, 2])


def unit(dimension, *places):
    return np.stack([np.eye(dimension, dtype=np.float32)[place] for place in places])


def filled(index, dimension):
    index.upsert(SPACE, ROWS, unit(dimension, 0, 1))
    index.commit(1, 7)
    return index


def test_the_first_view_has_the_index_and_keeps_it_until_another_is_attached():
    first = filled(AttachedIndex(ExactIndex()), 4)
    second = first.another()
    assert first.position(1) == 7 and first.name == "exact"
    with pytest.raises(EmbedderMismatch):
        second.position(1)
    second.attach("other model")
    assert second.position(1) == 0 and second.count(SPACE) == 0


def test_who_had_it_before_is_refused_every_question_and_cannot_feed_it():
    first = filled(AttachedIndex(ExactIndex()), 4)
    second = first.another()
    second.attach("other model")
    filled(second, 2)  # of another dimension
    query = unit(4, 0)[0]
    for call in (
        lambda: first.position(1),
        lambda: first.count(SPACE),
        lambda: first.search(SPACE, query, 2),
        lambda: first.scores(SPACE, query, ROWS),
        lambda: first.upsert(SPACE, ROWS, unit(4, 2, 3)),
        lambda: first.commit(1, 9),
        lambda: first.clear(1),
    ):
        with pytest.raises(EmbedderMismatch, match="Ask again"):
            call()
    with pytest.raises(IndexFailure):
        first.remove(1, ROWS)
    assert second.position(1) == 7 and second.count(SPACE) == 2
    assert second.search(SPACE, unit(2, 1)[0], 1).rows.tolist() == [2]


def test_a_question_under_way_is_answered_before_the_index_passes_on():
    class Slow(ExactIndex):
        asked, go_on = threading.Event(), threading.Event()

        def search(self, space, query, k, allowed=None):
            self.asked.set()
            assert self.go_on.wait(10)
            return super().search(space, query, k, allowed)

    index = Slow()
    first = filled(AttachedIndex(index), 4)
    second = first.another()
    with ThreadPoolExecutor(2) as pool:
        question = pool.submit(first.search, SPACE, unit(4, 1)[0], 1)
        assert index.asked.wait(10)
        passing = pool.submit(second.attach, "other model")
        index.go_on.set()
        assert question.result(10).rows.tolist() == [2]
        passing.result(10)
    assert second.count(SPACE) == 0
