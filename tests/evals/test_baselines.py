"""The baselines: BM25 against its formula written out, dense against cosines, both on the hand-written data set."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from agentmem_evals.embedding.meter import MeteredEmbedder
from agentmem_evals.errors import EvalError, UnknownName
from agentmem_evals.systems.bm25 import Bm25System
from agentmem_evals.systems.catalog import make_system
from agentmem_evals.systems.dense import DenseSystem
from agentmem_evals.systems.okapi import Okapi
from agentmem_evals.systems.words import Stemming
from agentmem_evals.types import Corpus, Dataset, Passage

from agentmem.protocols import Embedder


def naive_bm25(texts: list[list[str]], query: list[str], k1: float = 1.2, b: float = 0.75) -> list[float]:
    """The formula, text by text and term by term."""
    mean_length = sum(map(len, texts)) / len(texts)
    scores = []
    for text in texts:
        score = 0.0
        for term in query:
            frequency = text.count(term)
            holding = sum(term in other for other in texts)
            rarity = math.log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
            score += rarity * frequency * (k1 + 1) / (frequency + k1 * (1 - b + b * len(text) / mean_length))
        scores.append(score)
    return scores


def test_okapi_agrees_with_the_formula_written_out() -> None:
    draw = random.Random(3)
    vocabulary = [f"w{n}" for n in range(25)]
    for _ in range(30):
        texts = [draw.choices(vocabulary, k=draw.randint(1, 12)) for _ in range(draw.randint(1, 20))]
        query = [*draw.choices(vocabulary, k=4), "never-seen"]
        assert Okapi(texts).scores(query) == pytest.approx(naive_bm25(texts, query))


def test_okapi_ranks_ties_in_order_and_leaves_out_what_shares_no_word() -> None:
    okapi = Okapi([["a"], ["b"], ["a"], []])
    assert [place for place, _ in okapi.ranking(["a"], 10)] == [0, 2]
    assert okapi.ranking(["a"], 1) == [(0, okapi.scores(["a"])[0])]
    assert okapi.ranking(["z"], 10) == okapi.ranking([], 10) == []
    assert Okapi([]).ranking(["a"], 5) == [] and Okapi([[]]).ranking(["a"], 5) == []


def test_words_are_stemmed_without_case_stop_words_and_punctuation() -> None:
    assert Stemming()("The boats aren't SAILING; she'd repaired them_all in 2023!") == [
        "boat",
        "sail",
        "repair",
        "2023",
    ]


def test_bm25_finds_turns_by_speaker_and_caption_and_sessions_by_date(small: Dataset) -> None:
    system = Bm25System()
    system.ingest(small.bodies[0])
    assert system.retrieve("What colour is the boat in the shed?", 5).items == ("D1:2",)
    assert system.retrieve("Where was Ben's marathon?", 3).items[0] == "D2:1"
    assert set(system.retrieve("Ben", 10).items) == {"D1:1", "D1:2", "D2:1", "D10:2"}
    assert system.retrieve("What happened in August?", 5).sessions == ("session_2",)
    scores = [one["bm25"] for one in system.retrieve("Ben", 10).why]
    assert len(scores) == 4 and scores == sorted(scores, reverse=True) and scores[-1] > 0
    assert system.usage().embedded_texts == 0 and system.stored_bytes() > 0


def test_passages_are_ranked_by_title_and_text(word_embedder: Embedder) -> None:
    corpus = Corpus("c", (Passage("0", "Otters", "They swim."), Passage("1", "Rain", "It falls on otter dens.")))
    for system in (Bm25System(), DenseSystem(MeteredEmbedder(word_embedder), batch=1)):
        system.ingest(corpus)
        assert system.retrieve("Otters", 5).items[0] == "0"
        assert system.retrieve("falls rain", 1).items == ("1",)
        assert not system.retrieve("Otters", 5).sessions


@pytest.mark.parametrize("name", ["bm25", "dense"])
def test_nothing_of_an_earlier_conversation_is_found(small: Dataset, word_embedder: Embedder, name: str) -> None:
    system = make_system(name, lambda: MeteredEmbedder(word_embedder), batch=2)
    for conversation in small.bodies:
        system.ingest(conversation)
    retrieved = system.retrieve("pottery sailing boat nurse Cleo", 10)
    assert set(retrieved.items) <= {"D1:1", "D1:2"} and retrieved.sessions == ("session_1",)
    system.close()


def test_dense_ranks_by_cosine_and_sessions_by_their_best_turn(small: Dataset, word_embedder: Embedder) -> None:
    system = DenseSystem(MeteredEmbedder(word_embedder), batch=3)
    conversation = small.bodies[0]
    system.ingest(conversation)
    question = "Does Comet the greyhound like the beach?"
    turns = list(conversation.turns)
    cosines = np.array([word_embedder.embed_documents([turn.text])[0] for turn in turns]) @ word_embedder.embed_query(
        question
    )
    expected = [turns[position].id for position in np.argsort(-cosines)]
    retrieved = system.retrieve(question, 4)
    assert list(retrieved.items) == expected[:4]
    assert [one["cosine"] for one in retrieved.why] == pytest.approx(sorted(cosines, reverse=True)[:4], abs=1e-6)
    assert retrieved.sessions is not None and set(retrieved.sessions) == {"session_1", "session_2", "session_10"}
    assert retrieved.sessions[0] == "session_10"
    assert system.usage().embedded_texts == len(turns) + 1


def test_unknown_systems_and_variants_are_refused() -> None:
    with pytest.raises(UnknownName, match="Known are: agentmem, bm25, dense"):
        make_system("bm52", lambda: None, 1)
    with pytest.raises(UnknownName, match="no variant 'plus'"):
        make_system("bm25:plus", lambda: None, 1)


def test_dense_without_a_model_is_refused() -> None:
    with pytest.raises(EvalError, match="needs an embedding model"):
        make_system("dense", lambda: None, 1)
