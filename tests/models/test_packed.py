"""The packed forward pass makes the vectors of the stock one, and yields to it where it cannot."""

from __future__ import annotations

import numpy as np
import pytest

from agentmem.models import sentence_transformers as local
from agentmem.models.sentence_transformers import SentenceTransformerEmbedder

pytestmark = pytest.mark.model

WORDS = "otter river soap violin rain tea mountain lake forest summer question answer picture train".split()
VARIED = [
    "",
    " ",
    ".",
    "a",
    "\n\n\t",
    "Where did we go last summer?",
    "the same words",
    "the same words",
    "\U0001f9a6\U0001f9a6 \U0001f468\u200d\U0001f469\u200d\U0001f467 \u2764\ufe0f",
    "Der Otter schläft am Fluß. 獺は川で眠る。 الوقت متأخر",
    "x" * 500,
    " ".join(WORDS[n % len(WORDS)] for n in range(3_000)),
    "[CLS] not a [SEP] token [MASK]",
]
"""Empty-ish, repeated, in many scripts, and longer than the model reads."""


@pytest.fixture(scope="module")
def embedder() -> SentenceTransformerEmbedder:
    made = SentenceTransformerEmbedder()
    made.embed_query("load")
    return made


def stock(embedder: SentenceTransformerEmbedder, texts: list[str]) -> np.ndarray:
    return embedder._loaded().encode(texts, normalize_embeddings=True, show_progress_bar=False)


def lines(count: int) -> list[str]:
    random = np.random.default_rng(7)
    return [" ".join(random.choice(WORDS, size=random.integers(1, 6))) for _ in range(count)]


def test_the_default_model_is_packed(embedder) -> None:
    assert embedder._packed is not None


def test_varied_texts_get_the_stock_vectors(embedder) -> None:
    np.testing.assert_allclose(embedder._packed.encode(VARIED), stock(embedder, VARIED), atol=1e-5)


@pytest.mark.parametrize("text", ["otter", "", VARIED[-2]])
def test_one_text_gets_the_stock_vector(embedder, text: str) -> None:
    np.testing.assert_allclose(embedder.embed_query(text), stock(embedder, [text])[0], atol=1e-5)


def test_500_texts_get_the_stock_vectors_in_their_order(embedder) -> None:
    texts = lines(500)
    np.testing.assert_allclose(embedder.embed_documents(texts), stock(embedder, texts), atol=1e-5)


def test_vectors_do_not_depend_on_what_is_embedded_beside(embedder) -> None:
    together = embedder.embed_documents(VARIED)
    alone = np.stack([embedder.embed_query(text) for text in VARIED])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_turning_the_order_of_texts_turns_the_vectors(embedder) -> None:
    texts = lines(20)
    turned = embedder.embed_documents(texts[::-1])[::-1]
    np.testing.assert_allclose(embedder.embed_documents(texts), turned, atol=1e-5)


def test_vectors_are_float32_of_unit_length(embedder) -> None:
    vectors = embedder.embed_documents(VARIED)
    assert (vectors.dtype, vectors.shape) == (np.float32, (len(VARIED), 384))
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_no_texts_get_no_vectors(embedder) -> None:
    assert embedder.embed_documents([]).shape == (0, 384)


def test_what_disagrees_with_the_stock_path_is_not_used(embedder, monkeypatch) -> None:
    from agentmem.models.packed import PackedBert

    right = PackedBert.encode
    monkeypatch.setattr(PackedBert, "encode", lambda self, texts: right(self, texts)[:, ::-1])
    assert local._packed(embedder._loaded()) is None


def test_a_small_disagreement_counts_too(embedder, monkeypatch) -> None:
    from agentmem.models.packed import PackedBert

    right = PackedBert.encode
    monkeypatch.setattr(PackedBert, "encode", lambda self, texts: right(self, texts) + np.float32(2e-4))
    assert local._packed(embedder._loaded()) is None


@pytest.mark.parametrize("error", [AttributeError, RuntimeError, TypeError, ValueError])
@pytest.mark.parametrize("step", ["__init__", "encode"])
def test_what_cannot_be_built_or_run_is_not_used(embedder, monkeypatch, step: str, error: type[Exception]) -> None:
    from agentmem.models.packed import PackedBert

    def fail(*args):
        raise error("built otherwise")

    monkeypatch.setattr(PackedBert, step, fail)
    assert local._packed(embedder._loaded()) is None


def test_without_the_packed_path_the_stock_one_embeds(embedder, monkeypatch) -> None:
    fallback = SentenceTransformerEmbedder()
    monkeypatch.setattr(fallback, "_load", embedder._loaded)
    monkeypatch.setattr(local, "_packed", lambda model: None)
    texts = VARIED[3:8]
    np.testing.assert_allclose(fallback.embed_documents(texts), embedder.embed_documents(texts), atol=1e-5)
    assert fallback._packed is None
