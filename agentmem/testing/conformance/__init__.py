"""One suite of tests for each protocol of :mod:`agentmem.protocols`, for every backend, yours included.

A suite is a class that pytest collects once it is inherited under a name that starts with ``Test``. Say how a backend
is made by overriding one fixture, and declare in class attributes where yours deviates::

    # test_my_index.py
    import pytest
    from agentmem.testing.conformance import VectorIndexConformance

    class TestMyIndex(VectorIndexConformance):
        keeps_content = True

        @pytest.fixture
        def make_index(self, tmp_path):
            return lambda: MyIndex(tmp_path / "index")

Needs pytest (``pip install 'agentmem-framework[dev]'``); nothing else of the library does.
"""

from agentmem.testing.conformance.chat import ChatModelConformance
from agentmem.testing.conformance.chat_llm import LLMConformance
from agentmem.testing.conformance.embedder import EmbedderConformance
from agentmem.testing.conformance.store import StoreConformance
from agentmem.testing.conformance.structure import StructureConformance
from agentmem.testing.conformance.vector_index import VectorIndexConformance

__all__ = [
    "ChatModelConformance",
    "EmbedderConformance",
    "LLMConformance",
    "StoreConformance",
    "StructureConformance",
    "VectorIndexConformance",
]
