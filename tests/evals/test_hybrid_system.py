"""The baseline ``hybrid``: the fusion worked by hand, and what it owes to ``dense`` and ``bm25``."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from agentmem_evals.embedding.meter import MeteredEmbedder
from agentmem_evals.errors import EvalError, UnknownName
from agentmem_evals.systems.bm25 import Bm25System
from agentmem_evals.systems.catalog import make_system
from agentmem_evals.systems.dense import DenseSystem
from agentmem_evals.systems.hybrid import HybridSystem, zscores
from agentmem_evals.systems.okapi import Okapi
from agentmem_evals.systems.words import Stemming
from agentmem_evals.types import Conversation, Corpus, Dataset, Passage, Session, Turn
from hypothesis import given
from hypothesis import strategies as st

from agentmem.protocols import Embedder, FloatArray

AT = datetime(2024, 5, 1, tzinfo=UTC)


class TableEmbedder:
    """The vectors of a table; what is not in it is the zero vector."""

    fingerprint = "table"
    dimension = 2

    def __init__(self, table: dict[str, tuple[float, float]]) -> None:
        self._table = table

    def embed_documents(self, texts: list[str]) -> FloatArray:
        return np.array([self._table.get(text, (0.0, 0.0)) for text in texts], dtype=np.float32)

    def embed_query(self, text: str) -> FloatArray:
        return self.embed_documents([text])[0]


def turn(id: str, text: str, session: str = "s1") -> Turn:
    return Turn(id, session, "Ana", text, AT)


def test_zscores_by_hand() -> None:
    # Mean 2, variance ((1-2)^2 + (2-2)^2 + (3-2)^2) / 3 = 2/3.
    assert zscores(np.array([1.0, 2.0, 3.0])) == pytest.approx([-(1.5**0.5), 0.0, 1.5**0.5])
    assert zscores(np.array([0.7, 0.7])) == pytest.approx([0, 0]) and zscores(np.zeros(0)).size == 0


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=30))
def test_zscores_have_mean_zero_and_spread_one_or_are_all_zero(values: list[float]) -> None:
    scores = zscores(np.array(values))
    assert abs(scores.mean()) < 1e-5
    assert scores.std() == pytest.approx(1.0, abs=1e-5) or not scores.any()


def test_the_sum_decides_between_words_and_vectors() -> None:
    # Cosines with the question (1, 0): a 0.9, b 0.8, c 0.0 -> mean 0.5667, std 0.4028, z: 0.8276, 0.5793, -1.4068.
    # The word "otter" stands in b alone: BM25 is (0, w, 0) -> z: -0.7071, 1.4142, -0.7071 whatever w is.
    # Sums: a 0.1205, b 1.9935, c -2.1139: b first although a is nearer, and c last although it has a place.
    body = Conversation(
        "x", (Session("s1", AT, "1 May", (turn("a", "by the sea"), turn("b", "an otter"), turn("c", "rain"))),)
    )
    table = {"by the sea": (0.9, 0.0), "an otter": (0.8, 0.0), "rain": (0.0, 1.0), "otter": (1.0, 0.0)}
    system = HybridSystem(MeteredEmbedder(TableEmbedder(table)), 10)
    system.ingest(body)
    found = system.retrieve("otter", 3)
    assert found.items == ("b", "a", "c")
    assert [round(one["cosine"], 4) for one in found.why] == [0.8, 0.9, 0.0]
    assert [one["bm25"] > 0 for one in found.why] == [True, False, False]
    assert system.retrieve("otter", 1).items == ("b",)


def test_sessions_are_ranked_by_their_best_turn_and_their_words() -> None:
    # Best cosines: s1 0.9, s2 0.8, s3 0.0 -> z 0.8276, 0.5793, -1.4068. Only s2 was in August -> z -0.7071, 1.4142,
    # -0.7071. Sums as above: s2, s1, s3. A session without turns is never found.
    sessions = (
        Session("s1", AT, "1 May", (turn("a", "by the sea"), turn("a2", "rain"))),
        Session("s2", AT, "2 August", (turn("b", "an otter", "s2"),)),
        Session("s3", AT, "3 June", (turn("c", "rain", "s3"),)),
        Session("s4", AT, "4 August", ()),
    )
    table = {"by the sea": (0.9, 0.0), "an otter": (0.8, 0.0), "August": (1.0, 0.0)}
    system = HybridSystem(MeteredEmbedder(TableEmbedder(table)), 10)
    system.ingest(Conversation("x", sessions))
    assert system.retrieve("August", 9).sessions == ("s2", "s1", "s3")


def test_it_is_the_sum_of_the_two_baselines(small: Dataset, word_embedder: Embedder) -> None:
    embedder = MeteredEmbedder(word_embedder)
    system = HybridSystem(embedder, batch=2)
    terms = Stemming()
    for body in small.bodies:
        system.ingest(body)
        turns = list(body.turns)
        okapi = Okapi([terms(f"{one.speaker}: {one.text}") for one in turns])
        vectors = word_embedder.embed_documents([one.text for one in turns])
        for question in small.questions:
            sums = zscores((vectors @ word_embedder.embed_query(question.text)).astype(float))
            sums = sums + zscores(okapi.scores(terms(question.text)))
            expected = [turns[place].id for place in np.argsort(-sums, kind="stable")]
            assert list(system.retrieve(question.text, 100).items) == expected
    assert system.stored_bytes() > 0 and system.describe()["fusion"]


def test_passages_have_no_sessions_and_an_empty_body_has_nothing(word_embedder: Embedder) -> None:
    system = HybridSystem(MeteredEmbedder(word_embedder), 10)
    system.ingest(Corpus("c", (Passage("0", "Otters", "They swim."), Passage("1", "Rain", "It falls."))))
    assert system.retrieve("Otters swim", 1).items == ("0",) and not system.retrieve("Otters", 5).sessions
    system.ingest(Corpus("empty", ()))
    assert system.retrieve("Otters", 5).items == ()
    for other in (DenseSystem(MeteredEmbedder(word_embedder), 10), Bm25System()):
        other.ingest(Conversation("empty", ()))


def test_spoken_variants_embed_the_speaker_too(small: Dataset, word_embedder: Embedder) -> None:
    for name in ("dense:spoken", "hybrid:spoken"):
        system = make_system(name, lambda: MeteredEmbedder(word_embedder), 100)
        assert "speaker: text" in system.describe()["turn"]
        word_embedder.documents.clear()  # type: ignore[attr-defined]
        system.ingest(small.bodies[0])
        assert all(text.startswith(("Ada: ", "Ben: ")) for text in word_embedder.documents)  # type: ignore[attr-defined]
    with pytest.raises(UnknownName, match="no variant 'loud'"):
        make_system("hybrid:loud", lambda: MeteredEmbedder(word_embedder), 100)
    with pytest.raises(EvalError, match="needs an embedding model"):
        make_system("hybrid", lambda: None, 100)
