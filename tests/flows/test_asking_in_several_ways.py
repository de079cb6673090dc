"""Several ways of asking, and the words that weigh more because more of them hold them, through the whole library."""

from __future__ import annotations

import json
import math

import pytest

from agentmem import AgentMemory
from agentmem.testing import FakeEmbedder
from agentmem.testing.chat import ScriptedChat
from agentmem.text.words import terms

TEXTS = ("the ferry sails", "the ferry and the boat", "a boat of wood", "a house of wood", "nothing of all that")


def naive(texts, weights):
    """Weighted BM25 (k1 1.2, b 0.75) of each text, straight from the formula."""
    bodies = [terms(text) for text in texts]
    average = sum(map(len, bodies)) / len(bodies)
    scores = []
    for body in bodies:
        score = 0.0
        for term, weight in weights.items():
            if count := body.count(term):
                frequency = sum(term in other for other in bodies)
                idf = math.log(1 + (len(bodies) - frequency + 0.5) / (frequency + 0.5))
                score += weight * idf * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * len(body) / average))
        scores.append(score)
    return scores


@pytest.fixture
def asked():
    """Opens a store without vectors, whose model rewrites the question so."""
    stores = []

    def open_it(*rewrites):
        queries = [{"text": text, "weight": weight} for text, weight in rewrites]
        chat = ScriptedChat({"rewrite": json.dumps({"queries": queries})})
        stores.append(AgentMemory.open(":memory:", embedder="none", llm=chat, recipe="default-centroid"))
        handle = stores[-1].scope("a")
        for number, text in enumerate(TEXTS):
            handle.add(text, session=f"s{number}", speaker="Ana")
        return handle

    yield open_it
    for store in stores:
        store.close()


def bm25(hits):
    return {hit.text: hit.signals["bm25"] for hit in hits}


def test_words_weigh_as_the_formula_says(asked):
    hits = asked(("boat of wood", 0.6), ("wood", 0.4)).retrieve("ferry", k=5)
    weights = {"ferri": 1 / 2, "boat": 0.6 / 2, "wood": 1.0 / 2}
    expected = dict(zip(TEXTS, naive(TEXTS, weights), strict=True))
    best, worst = max(expected, key=expected.__getitem__), TEXTS[-1]
    scale = bm25(hits)[best] / expected[best]  # the signal is scaled by what a scope of that size makes possible
    assert bm25(hits).keys() >= set(TEXTS) - {worst}
    for text, score in bm25(hits).items():
        assert score == pytest.approx(scale * expected[text], rel=1e-4, abs=1e-6)


def test_a_word_that_all_ways_hold_decides(asked):
    ferry = asked(("ferry", 1.0), ("ferry boat", 1.0)).retrieve("wood", k=5)
    wood = asked(("ferry", 0.05), ("wood house", 0.05)).retrieve("wood", k=5)
    assert ferry[0].text in TEXTS[:2] and wood[0].text in TEXTS[2:4]


def test_without_rewrites_scores_are_those_of_the_question(asked):
    handle = asked()
    question = "a boat of wood"
    assert bm25(handle.retrieve(question)) == pytest.approx(bm25(handle.retrieve(question, recipe="default")))


def test_derived_layers_are_asked_with_the_weighted_words_too():
    with AgentMemory.open(":memory:", embedder=FakeEmbedder(), recipe="default-centroid") as store:
        handle = store.scope("a")
        handle.add("I bought a boat of wood in Porto.", speaker="Ana", session="s")
        handle.consolidate()
        (hit,) = handle.retrieve("the boat of Ana", k=1)
        (plain,) = handle.retrieve("the boat of Ana", k=1, recipe="default")
        assert hit.signals["fact_bm25"] == pytest.approx(plain.signals["fact_bm25"]) and hit.signals["fact_bm25"] > 0
