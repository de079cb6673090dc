"""What every :class:`agentmem.protocols.Embedder` does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from agentmem.protocols import Embedder

TEXTS = (
    "The cat sleeps on the warm windowsill.",
    "Quarterly revenue rose by nine percent.",
    "We hiked up the glacier in July.",
    "Mein Bruder spielt am Wochenende Geige.",
)


class EmbedderConformance:
    """Override the fixture ``make_embedder``: a function that makes the embedder.

    Attributes:
        tolerance: by how much two vectors of one text may differ; batches change the order of sums in a model.
    """

    tolerance: float = 1e-5

    @pytest.fixture
    def make_embedder(self) -> Callable[[], Embedder]:
        """Override me."""
        raise NotImplementedError("Override the fixture make_embedder: a function that makes your embedder.")

    @pytest.fixture
    def embedder(self, make_embedder: Callable[[], Embedder]) -> Embedder:
        """The embedder under test."""
        return make_embedder()

    def test_it_has_the_protocols_methods(self, embedder: Embedder) -> None:
        assert isinstance(embedder, Embedder)

    def test_two_of_them_have_one_fingerprint_and_one_dimension(self, make_embedder: Callable[[], Embedder]) -> None:
        first, second = make_embedder(), make_embedder()
        assert first.fingerprint == second.fingerprint != ""
        assert first.dimension == second.dimension > 0

    def test_documents_become_a_row_each_of_float32(self, embedder: Embedder) -> None:
        vectors = embedder.embed_documents(list(TEXTS))
        assert vectors.shape == (len(TEXTS), embedder.dimension)
        assert vectors.dtype == np.float32

    def test_no_documents_become_no_rows(self, embedder: Embedder) -> None:
        assert embedder.embed_documents([]).shape == (0, embedder.dimension)

    def test_vectors_are_finite_and_of_unit_length(self, embedder: Embedder) -> None:
        vectors = np.vstack([embedder.embed_documents(list(TEXTS)), embedder.embed_query(TEXTS[0])])
        assert np.isfinite(vectors).all()
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-4)

    def test_a_query_becomes_one_vector(self, embedder: Embedder) -> None:
        vector = embedder.embed_query("Where does the cat sleep?")
        assert vector.shape == (embedder.dimension,)
        assert vector.dtype == np.float32

    def test_rows_follow_the_order_of_the_texts_whatever_the_batch(self, embedder: Embedder) -> None:
        together = embedder.embed_documents(list(TEXTS))
        reversed_ = embedder.embed_documents(list(TEXTS)[::-1])
        single = np.vstack([embedder.embed_documents([text]) for text in TEXTS])
        np.testing.assert_allclose(together, reversed_[::-1], atol=self.tolerance)
        np.testing.assert_allclose(together, single, atol=self.tolerance)

    def test_one_text_has_one_vector(self, make_embedder: Callable[[], Embedder]) -> None:
        twice = make_embedder().embed_documents([TEXTS[0], TEXTS[1], TEXTS[0]])
        np.testing.assert_allclose(twice[0], twice[2], atol=self.tolerance)
        np.testing.assert_allclose(twice[:2], make_embedder().embed_documents(TEXTS[:2]), atol=self.tolerance)

    def test_a_text_asked_as_a_query_finds_itself(self, embedder: Embedder) -> None:
        vectors = embedder.embed_documents(list(TEXTS))
        for number, text in enumerate(TEXTS):
            assert int(np.argmax(vectors @ embedder.embed_query(text))) == number

    @pytest.mark.parametrize(
        "text",
        ["?", "…", "🦊", "日本語の文章です。", "مرحبا بالعالم", "a\nb\tc\x00d", "word " * 2_000],
        ids=["mark", "ellipsis", "emoji", "japanese", "arabic", "control", "long"],
    )
    def test_unusual_texts_have_vectors_too(self, embedder: Embedder, text: str) -> None:
        vectors = embedder.embed_documents([text])
        assert np.isfinite(vectors).all()
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-4)
