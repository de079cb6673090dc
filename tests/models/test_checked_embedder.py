from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from agentmem.errors import EmbedderError
from agentmem.models import checked
from agentmem.models.checked import CheckedEmbedder
from agentmem.protocols import FloatArray
from agentmem.testing import BrokenEmbedder, FakeEmbedder


class Recording(FakeEmbedder):
    """Notes the batches it is given; ``change`` may spoil what it returns."""

    def __init__(self, change: Callable[[FloatArray], object] = lambda vectors: vectors) -> None:
        super().__init__(8)
        self.batches: list[list[str]] = []
        self._change = change

    def embed_documents(self, texts: Sequence[str]) -> FloatArray:
        self.batches.append(list(texts))
        return self._change(super().embed_documents(texts))

    def embed_query(self, text: str) -> FloatArray:
        return self._change(super().embed_query(text)[None])[0]


def test_many_texts_are_given_in_batches() -> None:
    inner = Recording()
    texts = [f"text {number}" for number in range(2 * checked.BATCH + 3)]
    vectors = CheckedEmbedder(inner).embed_documents(texts)
    assert [len(batch) for batch in inner.batches] == [checked.BATCH, checked.BATCH, 3]
    np.testing.assert_allclose(vectors, FakeEmbedder(8).embed_documents(texts), atol=1e-6)


def test_what_was_embedded_lately_is_not_embedded_again() -> None:
    inner = Recording()
    embedder = CheckedEmbedder(inner)
    first = embedder.embed_documents(["a cat", "a dog", "a cat"])
    again = embedder.embed_documents(["a dog", "rain", "a cat"])
    assert inner.batches == [["a cat", "a dog"], ["rain"]]
    assert embedder.texts == 3 and embedder.seconds > 0
    np.testing.assert_array_equal(again[[2, 0]], first[:2])


def test_the_cache_can_be_emptied() -> None:
    inner = Recording()
    embedder = CheckedEmbedder(inner)
    embedder.embed_documents(["secret"])
    embedder.forget()
    embedder.embed_documents(["secret"])
    assert len(inner.batches) == 2
    assert not embedder._cache or "secret" not in repr(embedder._cache)


def test_the_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checked, "CACHED_VECTORS", 10)
    embedder = CheckedEmbedder(Recording())
    vectors = embedder.embed_documents([f"text {number}" for number in range(30)])
    assert len(embedder._cache) == 10 and len(vectors) == 30


def test_changing_a_result_does_not_change_the_cache() -> None:
    embedder = CheckedEmbedder(Recording())
    embedder.embed_documents(["a cat"])[:] = 0
    assert np.linalg.norm(embedder.embed_documents(["a cat"])) == pytest.approx(1)


def test_vectors_get_unit_length_and_single_precision() -> None:
    embedder = CheckedEmbedder(Recording(lambda vectors: 7.5 * vectors.astype(np.float64)))
    for vectors in (embedder.embed_documents(["a cat"]), embedder.embed_query("a cat")[None]):
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


@pytest.mark.parametrize(
    "spoil",
    [
        BrokenEmbedder.give_nan,
        BrokenEmbedder.give_wrong_size,
        lambda vectors: np.where(np.arange(vectors.shape[1]) == 2, np.inf, vectors),
        np.zeros_like,
        lambda vectors: vectors[:, :, None],
        lambda vectors: np.vstack([vectors, vectors]),
    ],
    ids=["nan", "size", "infinity", "zero", "shape", "count"],
)
def test_vectors_that_cannot_be_used_are_refused_and_not_kept(spoil: Callable[[FloatArray], object]) -> None:
    embedder = CheckedEmbedder(Recording(spoil))
    with pytest.raises(EmbedderError, match="fake:8"):
        embedder.embed_documents(["a cat"])
    assert not embedder._cache


@pytest.mark.parametrize("spoil", [BrokenEmbedder.give_nan, BrokenEmbedder.give_wrong_size, lambda v: 0 * v])
def test_a_querys_vector_is_checked_too(spoil: Callable[[FloatArray], object]) -> None:
    with pytest.raises(EmbedderError):
        CheckedEmbedder(Recording(spoil)).embed_query("a cat")


def test_what_the_model_raises_passes_through_and_counts() -> None:
    embedder = CheckedEmbedder(BrokenEmbedder(BrokenEmbedder.raise_timeout))
    with pytest.raises(TimeoutError):
        embedder.embed_documents(["a cat", "a dog"])
    with pytest.raises(TimeoutError):
        embedder.embed_query("a cat")
    assert embedder.texts == 3


def test_threads_share_a_cache_that_is_emptied_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checked, "CACHED_VECTORS", 5)
    embedder, plain = CheckedEmbedder(FakeEmbedder(8)), FakeEmbedder(8)

    def work(number: int) -> None:
        texts = [f"text {(number + step) % 12}" for step in range(8)]
        np.testing.assert_allclose(embedder.embed_documents(texts), plain.embed_documents(texts), atol=1e-6)
        embedder.forget()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(200)))
