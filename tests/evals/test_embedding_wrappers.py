"""The disk cache and the meter: same vectors, fewer calls, honest counts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from agentmem_evals.embedding.cache import FILE_NAME, CachedEmbedder
from agentmem_evals.embedding.meter import MeteredEmbedder
from agentmem_evals.embedding.source import EmbedderSource

if TYPE_CHECKING:
    from conftest import WordEmbedder


def test_a_vector_is_computed_once_even_by_another_process(tmp_path: Path, word_embedder: WordEmbedder) -> None:
    first = CachedEmbedder(word_embedder, tmp_path / "cache")
    vectors = first.embed_documents(["a b", "c", "a b"])
    query = first.embed_query("c")
    first.close()
    second = CachedEmbedder(word_embedder, tmp_path / "cache")
    assert np.array_equal(second.embed_documents(["c", "a b"]), vectors[[1, 0]])
    assert np.array_equal(second.embed_query("c"), query)
    second.close()
    assert word_embedder.documents == ["a b", "c"] and word_embedder.queries == ["c"]
    assert vectors.dtype == np.float32 and np.array_equal(vectors[0], vectors[2])


def test_models_with_other_fingerprints_do_not_share_vectors(tmp_path: Path, word_embedder: WordEmbedder) -> None:
    cached = CachedEmbedder(word_embedder, tmp_path)
    cached.embed_documents(["a"])
    word_embedder.fingerprint = "another"
    cached.embed_documents(["a"])
    cached.close()
    assert word_embedder.documents == ["a", "a"]


def test_no_texts_give_no_vectors(tmp_path: Path, word_embedder: WordEmbedder) -> None:
    cached = CachedEmbedder(word_embedder, tmp_path)
    assert cached.embed_documents([]).shape == (0, 64)
    cached.close()
    assert word_embedder.documents == []


def test_the_meter_counts_texts_and_time(word_embedder: WordEmbedder) -> None:
    metered = MeteredEmbedder(word_embedder)
    metered.embed_documents(["a", "b"])
    metered.embed_query("c")
    assert metered.usage.embedded_texts == 3 and metered.usage.embedding_seconds > 0
    assert (metered.fingerprint, metered.dimension) == (word_embedder.fingerprint, 64)


@pytest.mark.parametrize("cached", [False, True])
def test_a_source_makes_its_model_once_and_only_when_asked(
    tmp_path: Path, word_embedder: WordEmbedder, cached: bool
) -> None:
    loaded: list[str] = []

    def load(name: str) -> WordEmbedder:
        loaded.append(name)
        return word_embedder

    source = EmbedderSource("tiny", tmp_path if cached else None, load)
    assert loaded == [] and not (tmp_path / FILE_NAME).exists()
    assert source() is source()
    assert loaded == ["tiny"] and (tmp_path / FILE_NAME).exists() is cached
    source.close()


def test_a_source_by_words_only_has_no_model(tmp_path: Path) -> None:
    source = EmbedderSource("none", tmp_path, lambda _name: None)
    assert source() is None and source() is None
    source.close()
