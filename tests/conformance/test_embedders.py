from __future__ import annotations

from collections.abc import Callable

import pytest
from embedding_server import DIMENSION, EmbeddingServer

from agentmem.models.checked import CheckedEmbedder
from agentmem.models.openai import OpenAIEmbedder
from agentmem.models.sentence_transformers import SentenceTransformerEmbedder
from agentmem.protocols import Embedder
from agentmem.testing import FakeEmbedder
from agentmem.testing.conformance import EmbedderConformance


class TestFakeEmbedder(EmbedderConformance):
    @pytest.fixture
    def make_embedder(self) -> Callable[[], Embedder]:
        return FakeEmbedder


class TestCheckedEmbedder(EmbedderConformance):
    @pytest.fixture
    def make_embedder(self) -> Callable[[], Embedder]:
        return lambda: CheckedEmbedder(FakeEmbedder())


@pytest.mark.model
class TestMiniLm(EmbedderConformance):
    tolerance = 1e-4

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls) -> SentenceTransformerEmbedder:
        return SentenceTransformerEmbedder()

    @pytest.fixture
    def make_embedder(self, model: SentenceTransformerEmbedder) -> Callable[[], Embedder]:
        return lambda: model  # loading it takes seconds


class TestOpenAIEmbedder(EmbedderConformance):
    @pytest.fixture
    def make_embedder(self, embedding_server: EmbeddingServer) -> Callable[[], Embedder]:
        return lambda: OpenAIEmbedder("fake", base_url=embedding_server.url, api_key="k", dimension=DIMENSION)
