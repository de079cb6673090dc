from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agentmem.index.chroma import ChromaIndex
from agentmem.index.exact import ExactIndex
from agentmem.protocols import VectorIndex
from agentmem.testing.conformance import VectorIndexConformance


class TestExactIndex(VectorIndexConformance):
    @pytest.fixture
    def make_index(self) -> Callable[[], VectorIndex]:
        return ExactIndex


class TestChromaInMemory(VectorIndexConformance):
    least_recall = 0.99  # its graph is approximate

    @pytest.fixture
    def make_index(self) -> Callable[[], VectorIndex]:
        return ChromaIndex


class TestChromaInAFolder(VectorIndexConformance):
    keeps_content = True
    least_recall = 0.99

    @pytest.fixture
    def make_index(self, tmp_path: Path) -> Callable[[], VectorIndex]:
        return lambda: ChromaIndex(tmp_path / "chroma")


class TestChromaOnAServer(VectorIndexConformance):
    keeps_content = True
    least_recall = 0.99

    @pytest.fixture
    def make_index(self, chroma_port: int) -> Callable[[], VectorIndex]:
        return lambda: ChromaIndex(host="127.0.0.1", port=chroma_port)
