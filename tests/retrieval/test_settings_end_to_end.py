"""``open(retrieval=...)``: each setting changes what it says, and nothing is accepted that means nothing."""

from __future__ import annotations

import pytest

from agentmem import Message
from agentmem.errors import InvalidInput
from agentmem.retrieval.settings import Retrieval
from agentmem.testing import FakeEmbedder

OTTERS = ["otter river", "otter river", "otter mountain lake forest"]
TALK = [Message(text, speaker="Ana", session="s") for text in ("violin", "tea", "rain", "snow", "wind")]


class Listening(FakeEmbedder):
    """Keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.queries: list[str] = []

    def embed_query(self, text: str):
        self.queries.append(text)
        return super().embed_query(text)

    def embed_documents(self, texts):
        plain = FakeEmbedder()
        return plain.embed_documents(texts)


def texts(hits) -> list[str]:
    return [hit.text for hit in hits]


@pytest.mark.parametrize("count", [0, -1])
def test_fewer_than_one_candidate_is_refused(count: int) -> None:
    with pytest.raises(InvalidInput, match="candidates"):
        Retrieval(candidates=count)


@pytest.mark.parametrize("diversity", [-0.01, 1.01, float("nan"), float("inf")])
def test_diversity_beyond_0_and_1_is_refused(diversity: float) -> None:
    with pytest.raises(InvalidInput, match="diversity"):
        Retrieval(diversity=diversity)


@pytest.mark.parametrize("settings", [{"candidates": 1}, {"diversity": 0.0}, {"diversity": 1.0}])
def test_values_on_the_bounds_are_accepted(settings) -> None:
    Retrieval(**settings)


def test_without_diversity_duplicates_come_together(opened) -> None:
    handle = opened()
    handle.add(OTTERS)
    assert texts(handle.retrieve("otter river", k=3)) == OTTERS


def test_diversity_puts_a_duplicate_behind_what_is_new(opened) -> None:
    handle = opened(diversity=0.7)
    handle.add(OTTERS)
    assert texts(handle.retrieve("otter river", k=3)) == [OTTERS[0], OTTERS[2], OTTERS[1]]


def test_diversity_keeps_scores_as_they_are(opened) -> None:
    found = []
    for diversity in (0.0, 0.7):
        handle = opened(diversity=diversity)
        handle.add(OTTERS)
        found.append(sorted(hit.score for hit in handle.retrieve("otter river", k=3)))
    assert found[0] == pytest.approx(found[1])


def test_diversity_chooses_k_from_more_than_k(opened) -> None:
    handle = opened(diversity=0.7)
    handle.add(OTTERS)
    assert texts(handle.retrieve("otter river", k=2)) == [OTTERS[0], OTTERS[2]]


def test_diversity_without_a_model_leaves_the_order_of_scores(opened) -> None:
    handle = opened(diversity=0.7, embedder="none")
    handle.add(OTTERS)
    hits = handle.retrieve("otter river", k=3)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_expanding_brings_the_neighbours_of_candidates(opened) -> None:
    few, more = opened(candidates=1, embedder="none", expand=False), opened(candidates=1, embedder="none")
    for handle in (few, more):
        handle.add(TALK)
    assert set(texts(few.retrieve("violin"))) == {"violin"}
    assert set(texts(more.retrieve("violin"))) == {"violin", "tea", "rain"}


def test_expanding_brings_nobody_whom_the_filter_keeps_out(opened) -> None:
    handle = opened(candidates=1, embedder="none", expand=True)
    handle.add([Message(m.text, session="s", metadata={"n": n}) for n, m in enumerate(TALK)])
    assert set(texts(handle.retrieve("violin", where={"n": {"ne": 1}}))) == {"violin", "rain"}


def test_names_are_embedded_in_the_first_person_unless_switched_off(opened) -> None:
    asked = []
    for first_person in (True, False):
        model = Listening()
        handle = opened(first_person=first_person, embedder=model)
        handle.add(TALK)
        handle.retrieve("What is Ana's tea?")
        asked += model.queries
    assert asked == ["What is my tea?", "What is Ana's tea?"]


def test_a_signal_left_out_is_told_but_does_not_count(opened) -> None:
    scores = {}
    for name, without in (("with", frozenset()), ("without", frozenset({"speaker"}))):
        handle = opened(without=without)
        handle.add([Message("tea", speaker="Ana", session="r"), Message("tea", speaker="Bo", session="s")])
        hits = {hit.speaker: hit for hit in handle.retrieve("What is tea to Bo?")}
        assert (hits["Ana"].signals["speaker"], hits["Bo"].signals["speaker"]) == (-1.0, 1.0)
        scores[name] = hits["Bo"].score - hits["Ana"].score
    assert scores["with"] > 0 == scores["without"]


def test_the_best_candidates_of_each_way_suffice_for_the_best_hit(opened) -> None:
    handle = opened(candidates=1)
    handle.add(["otter", *(f"weather of day {day}" for day in range(9))])
    assert texts(handle.retrieve("otter", k=1)) == ["otter"]
