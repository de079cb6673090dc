"""The signals that a hit carries, from a tiny conversation in a real store."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from agentmem import Message
from agentmem.retrieval.signals import SIGNALS
from agentmem.testing import FakeEmbedder

DAY = timedelta(days=1)


@pytest.fixture
def talk(opened, clock):
    """Ana and Bo yesterday, a user and the assistant last month."""
    handle = opened()
    now = clock()
    handle.add(
        [
            Message("Which otter do you feed?", speaker="Ana", session="s1", at=now - DAY),
            Message("The otter by the river", speaker="Bo", session="s1", at=now - DAY + timedelta(minutes=1)),
            Message("Name an otter. [one picture?]", role="user", session="s2", at=now - 40 * DAY),
            Message("An otter called Moss", role="assistant", session="s2", at=now - 40 * DAY + timedelta(minutes=1)),
        ]
    )
    return handle


def found(talk, query: str, name: str) -> list[float]:
    """A signal of all four, in the order in which they were added."""
    hits = {hit.text: hit.signals[name] for hit in talk.retrieve(query, k=10)}
    order = ("Which otter", "The otter", "Name an", "An otter")
    return [next(value for text, value in hits.items() if text.startswith(start)) for start in order]


def test_a_hit_carries_every_signal(talk) -> None:
    assert all(set(hit.signals) == set(SIGNALS) for hit in talk.retrieve("otter"))


def test_signals_are_plain_numbers(talk) -> None:
    assert all(type(value) is float for hit in talk.retrieve("otter") for value in hit.signals.values())


def test_the_speaker_named_is_told_from_others(talk) -> None:
    assert found(talk, "What otter did Bo feed?", "speaker") == [-1.0, 1.0, 0.0, 0.0]


def test_the_assistant_asked_for_is_told_from_the_user(talk) -> None:
    assert found(talk, "Which otter did you suggest?", "speaker") == [0.0, 0.0, -1.0, 1.0]


def test_the_clock_says_when_yesterday_was(talk) -> None:
    assert found(talk, "Which otter was it yesterday?", "date") == [1.0, 1.0, 0.0, 0.0]


def test_an_answer_follows_a_question(talk) -> None:
    assert found(talk, "otter", "answers") == [0.0, 1.0, 0.0, 1.0]


def test_a_question_in_a_remark_does_not_make_a_turn_ask(talk) -> None:
    assert found(talk, "otter", "asks") == [1.0, 0.0, 0.0, 0.0]


def test_the_first_turn_of_each_session_opens(talk) -> None:
    assert found(talk, "otter", "opens") == [1.0, 0.0, 1.0, 0.0]


def test_dense_is_the_cosine_of_query_and_text(talk) -> None:
    model = FakeEmbedder()
    expected = float(model.embed_query("otter") @ model.embed_query("The otter by the river"))
    assert found(talk, "otter", "dense")[1] == pytest.approx(expected, abs=1e-5)


def test_context_of_two_turns_is_the_formula(talk) -> None:
    own, beside = found(talk, "otter", "dense")[:2]
    length = np.sqrt(0.7 * (1 + 0.25) + 0.3 * 1.5**2)
    assert found(talk, "otter", "context")[0] == pytest.approx((own + 0.5 * beside) / length, abs=1e-5)


def test_the_thread_with_the_words_scores_above_the_other(talk) -> None:
    scores = found(talk, "otter river", "bm25_thread")
    assert scores[0] == scores[1] > scores[2] == scores[3] > 0.0


def test_the_spoken_view_is_measured_where_the_store_has_it(opened) -> None:
    handle = opened(views=["bare", "spoken"])
    handle.add([Message("otter", speaker="Ana", session="s")])
    assert handle.retrieve("Ana otter", k=1)[0].signals["spoken"] != 0.0


def test_without_a_model_what_vectors_tell_is_0(opened) -> None:
    handle = opened(embedder="none")
    handle.add(["otter"])
    signals = handle.retrieve("otter")[0].signals
    assert signals["dense"] == signals["context"] == signals["spoken"] == 0.0 < signals["bm25"]


def test_a_retired_turn_is_nobodys_neighbour(opened) -> None:
    handle = opened()
    first, _second = handle.add([Message("Tea?", session="s"), Message("Yes otter", session="s")]).ids
    assert handle.retrieve("otter", k=1)[0].signals["answers"] == 1.0
    handle.retire(first)
    signals = handle.retrieve("otter", k=1)[0].signals
    assert (signals["answers"], signals["opens"]) == (0.0, 1.0)
