"""How :class:`OpenAIEmbedder` takes a server's moods: over HTTP, with the protocol as it is spoken."""

from __future__ import annotations

import time

import numpy as np
import pytest
from embedding_server import DIMENSION, EmbeddingServer

from agentmem import AgentMemory
from agentmem.errors import EmbedderError
from agentmem.models.checked import CheckedEmbedder
from agentmem.models.openai import OpenAIEmbedder
from agentmem.testing import FakeEmbedder

TEXTS = ["the cat sleeps", "a dog barks", "rain in May"]
EXPECTED = FakeEmbedder(DIMENSION).embed_documents(TEXTS)


def embedder(server: EmbeddingServer, **options: object) -> OpenAIEmbedder:
    return OpenAIEmbedder("some-model", base_url=server.url, api_key="secret", **options)


def test_texts_model_and_key_are_sent(embedding_server: EmbeddingServer) -> None:
    np.testing.assert_allclose(embedder(embedding_server).embed_documents(TEXTS), EXPECTED, atol=1e-6)
    assert embedding_server.requests[0]["input"] == TEXTS
    assert embedding_server.requests[0]["model"] == "some-model"
    assert embedding_server.headers[0]["authorization"] == "Bearer secret"


def test_many_texts_are_sent_in_several_requests(embedding_server: EmbeddingServer) -> None:
    vectors = embedder(embedding_server).embed_documents([f"text {n}" for n in range(600)])
    assert vectors.shape == (600, DIMENSION)
    assert [len(request["input"]) for request in embedding_server.requests] == [256, 256, 88]


def test_an_unknown_dimension_is_asked_once(embedding_server: EmbeddingServer) -> None:
    asked = embedder(embedding_server)
    assert (asked.dimension, asked.dimension, len(embedding_server.requests)) == (DIMENSION, DIMENSION, 1)


def test_vectors_in_another_order_are_put_right(embedding_server: EmbeddingServer) -> None:
    embedding_server.mode = "shuffled"
    np.testing.assert_allclose(embedder(embedding_server).embed_documents(TEXTS), EXPECTED, atol=1e-6)


@pytest.mark.parametrize("mode", ["429", "500"])
def test_a_passing_failure_is_retried(embedding_server: EmbeddingServer, mode: str) -> None:
    embedding_server.mode, embedding_server.failures = mode, 1
    np.testing.assert_allclose(embedder(embedding_server).embed_documents(TEXTS), EXPECTED, atol=1e-6)
    assert len(embedding_server.requests) == 2


@pytest.mark.parametrize("mode", ["429", "500"])
def test_a_lasting_failure_is_told_after_the_retries(embedding_server: EmbeddingServer, mode: str) -> None:
    embedding_server.mode, embedding_server.failures = mode, 100
    with pytest.raises(EmbedderError, match="OPENAI_BASE_URL"):
        embedder(embedding_server, max_retries=1).embed_documents(TEXTS)
    assert len(embedding_server.requests) == 2


def test_a_slow_answer_is_waited_for(embedding_server: EmbeddingServer) -> None:
    embedding_server.mode = "slow"
    assert embedder(embedding_server, timeout=10).embed_query("x").shape == (DIMENSION,)


def test_a_server_that_hangs_is_given_up(embedding_server: EmbeddingServer) -> None:
    embedding_server.mode = "hanging"
    started = time.monotonic()
    with pytest.raises(EmbedderError, match="APITimeoutError"):
        embedder(embedding_server, timeout=0.2, max_retries=0).embed_query("x")
    assert time.monotonic() - started < 5


def test_a_server_that_is_not_there_is_told(embedding_server: EmbeddingServer) -> None:
    absent = OpenAIEmbedder("m", base_url="http://127.0.0.1:1/v1", api_key="k", max_retries=0)
    with pytest.raises(EmbedderError, match="APIConnectionError"):
        absent.embed_query("x")


def test_a_text_too_long_is_embedded_by_its_beginning(embedding_server: EmbeddingServer) -> None:
    embedding_server.longest = 300
    texts = [f"text {n}" for n in range(20)]
    texts[7] = "a long story " * 100  # 1,300 characters: half is 650, half of that 325, then 162
    expected = [*texts[:7], texts[7][:162], *texts[8:]]
    asked = embedder(embedding_server)
    np.testing.assert_allclose(
        asked.embed_documents(texts), FakeEmbedder(DIMENSION).embed_documents(expected), atol=1e-6
    )
    np.testing.assert_allclose(
        asked.embed_query(texts[7]), FakeEmbedder(DIMENSION).embed_documents(expected[7:8])[0], atol=1e-6
    )


def test_more_texts_than_the_server_takes_go_in_several_requests(embedding_server: EmbeddingServer) -> None:
    embedding_server.most = 2
    np.testing.assert_allclose(embedder(embedding_server).embed_documents(TEXTS), EXPECTED, atol=1e-6)
    assert [len(request["input"]) for request in embedding_server.requests] == [3, 1, 2]


def test_a_refusal_of_what_is_short_says_status_and_reason(embedding_server: EmbeddingServer) -> None:
    embedding_server.longest = 3
    with pytest.raises(EmbedderError, match="HTTP 400: This model's maximum context length") as refused:
        embedder(embedding_server).embed_documents([*TEXTS, "x" * 4_000])
    assert type(refused.value) is EmbedderError
    assert "when it answers" not in str(refused.value)
    assert len(embedding_server.requests) == 3  # four texts, two, one: the rest is not tried


def test_a_refusal_that_repeats_the_text_is_told_without_it(embedding_server: EmbeddingServer) -> None:
    embedding_server.mode = "echoing"
    with pytest.raises(EmbedderError, match="HTTP 422") as refused:
        embedder(embedding_server).embed_query("my door code is 4711")
    assert "4711" not in str(refused.value)


def test_one_text_too_long_keeps_no_other_from_its_vector(embedding_server: EmbeddingServer, tmp_path, clock) -> None:
    embedding_server.longest = 300
    model = embedder(embedding_server, dimension=DIMENSION)
    with AgentMemory.open(tmp_path / "m.db", embedder=model, clock=clock) as store:
        handle = store.scope("ana")
        note = handle.add("The cat sleeps.").ids[0]
        handle.update(note, text="The cat sleeps. " * 200)
        assert handle.add([f"note {n}" for n in range(50)]).pending == ()
        assert (handle.stats().vectors, handle.stats().pending_vectors) == (52, 0)  # 51 memories, one of two versions
        assert store.reindex(model, views=["bare", "spoken"]) == 2 * 52


def test_parts_that_were_embedded_are_not_asked_for_again(embedding_server: EmbeddingServer) -> None:
    texts = [f"text {n}" for n in range(300)]
    checked = CheckedEmbedder(embedder(embedding_server, dimension=DIMENSION))
    embedding_server.longest = 8
    with pytest.raises(EmbedderError):
        checked.embed_documents([*texts[:299], "the last one is refused"])
    embedding_server.longest = 300
    before = len(embedding_server.requests)
    checked.embed_documents(texts)
    asked = [text for request in embedding_server.requests[before:] for text in request["input"]]
    assert asked == texts[256:]


def test_an_address_that_is_none_is_told() -> None:
    wrong = OpenAIEmbedder("m", base_url="http://localhost:8000v1", api_key="k")
    with pytest.raises(EmbedderError, match="8000v1"):
        wrong.embed_query("x")


@pytest.mark.parametrize("mode", ["nested", "malformed", "not JSON", "another reply", "too few", "ragged"])
def test_an_answer_that_makes_no_sense_is_refused(embedding_server: EmbeddingServer, mode: str) -> None:
    embedding_server.mode = mode
    with pytest.raises(EmbedderError):
        embedder(embedding_server, dimension=DIMENSION, max_retries=0).embed_documents(TEXTS)


@pytest.mark.parametrize("mode", ["NaN", "wrong dimension"])
def test_unusable_vectors_are_refused_by_the_checks(embedding_server: EmbeddingServer, mode: str) -> None:
    embedding_server.mode = mode
    checked = CheckedEmbedder(embedder(embedding_server, dimension=DIMENSION, max_retries=0))
    with pytest.raises(EmbedderError):
        checked.embed_documents(TEXTS)
    with pytest.raises(EmbedderError):
        checked.embed_query("x")


@pytest.mark.parametrize("mode", ["500", "NaN", "malformed", "another reply", "hanging"])
def test_a_memory_is_kept_while_the_server_fails_and_embedded_when_it_works(
    embedding_server: EmbeddingServer, tmp_path, clock, mode: str
) -> None:
    model = embedder(embedding_server, dimension=DIMENSION, max_retries=0, timeout=0.3)
    with AgentMemory.open(tmp_path / "m.db", embedder=model, clock=clock) as store:
        handle = store.scope("ana")
        embedding_server.mode, embedding_server.failures = mode, 3 if mode == "500" else 0
        receipt = handle.add("The cat sleeps on the windowsill.")
        assert receipt.pending == ("vectors",)
        assert [hit.text for hit in handle.retrieve("cat")] == ["The cat sleeps on the windowsill."]
        embedding_server.mode, embedding_server.failures = "good", 0
        clock.advance(minutes=10)
        handle.retrieve("cat")
        assert handle.stats().vectors == 1
