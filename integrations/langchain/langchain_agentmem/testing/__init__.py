"""A suite of tests for LangGraph stores, for every implementation, yours included.

A suite is a class that pytest collects once it is inherited under a name that starts with ``Test``. Say how a store is
made by overriding one fixture, and declare in class attributes where yours deviates::

    # test_my_store.py
    import pytest
    from langchain_agentmem.testing import AwaitedStoreConformance, StoreConformance

    class TestMyStore(StoreConformance):
        supports_ttl = False

        @pytest.fixture
        def make_store(self):
            return lambda index, ttl: MyStore(index=index)

    class TestMyStoreAwaited(AwaitedStoreConformance, TestMyStore):
        pass

Needs pytest and hypothesis (``pip install 'langchain-agentmem[test]'``); nothing else of the package does.

Raises MissingTestPackage, an ``ImportError``, where one of them is missing.
"""

from langchain_agentmem.testing.needed import NEEDED as NEEDED  # first: it says what is missing
from langchain_agentmem.testing.setting import MakeStore, word_vectors
from langchain_agentmem.testing.store import AwaitedStoreConformance, StoreConformance

__all__ = ["AwaitedStoreConformance", "MakeStore", "StoreConformance", "word_vectors"]
