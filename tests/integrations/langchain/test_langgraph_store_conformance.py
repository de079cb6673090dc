"""The published suite, on our store, and on LangGraph's own, which must agree with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from importlib.metadata import version
from itertools import count
from typing import Any

import pytest

pytest.importorskip("langchain_agentmem", reason="needs langchain-agentmem: pip install -e integrations/langchain")
pytest.importorskip("langgraph.store.sqlite", reason="needs langgraph-checkpoint-sqlite")

from langchain_agentmem import AgentMemStore
from langchain_agentmem.testing import AwaitedStoreConformance, MakeStore, StoreConformance
from langgraph.store.base import IndexConfig
from langgraph.store.memory import InMemoryStore
from langgraph.store.sqlite import SqliteStore

from agentmem import AgentMemory, ScopeHandle
from agentmem.testing import FakeClock, FakeEmbedder

NUMBERS = count()


@pytest.fixture(scope="module")
def now() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory, now: FakeClock) -> Iterator[AgentMemory]:
    """One for all tests: each has a scope of its own, which must be as good as a database of its own."""
    path = tmp_path_factory.mktemp("conformance") / "memory.db"
    with AgentMemory.open(path, embedder=FakeEmbedder(), clock=now) as opened:
        yield opened


@pytest.fixture
def own(database: AgentMemory) -> ScopeHandle:
    return database.scope("acme", f"test {next(NUMBERS)}")


class TestAgentMemStore(StoreConformance):
    destroy = False

    @pytest.fixture
    def make_store(self, own: ScopeHandle, now: FakeClock) -> MakeStore:
        return lambda index, ttl: AgentMemStore(own, index=index, ttl=ttl, clock=now, destroy=self.destroy)

    @pytest.fixture
    def advance(self, now: FakeClock) -> Callable[[float], Any]:
        return lambda minutes: now.advance(minutes=minutes)

    def index(self, *fields: str) -> IndexConfig:
        return {"fields": list(fields)} if fields else {}


class TestAgentMemStoreAwaited(AwaitedStoreConformance, TestAgentMemStore):
    pass


class TestAgentMemStoreThatDestroys(TestAgentMemStore):
    destroy = True


class TestInMemoryStore(StoreConformance):
    supports_ttl = False
    keeps_created_at = False
    omits_emptied_namespaces = False
    batches_what_is_alike = False  # it counts vectors and items, and two items that are alike share one vector
    returns_copies = False
    orders_strings = False
    tolerates_unordered = False
    refuses_bad_labels_in_batches = False

    @pytest.fixture
    def make_store(self) -> MakeStore:
        return lambda index, ttl: InMemoryStore(index=index)


class TestInMemoryStoreAwaited(AwaitedStoreConformance, TestInMemoryStore):
    pass


@pytest.mark.skipif(
    version("langgraph-checkpoint-sqlite").startswith(("1.", "2.")),
    reason="langgraph-checkpoint-sqlite below 3 takes namespaces for patterns",
)
class TestSqliteStore(StoreConformance):
    finds_by_meaning = hasattr(sqlite3.Connection, "enable_load_extension")
    filters_missing_fields = False
    filters_nested = False
    tolerates_unordered = False

    @pytest.fixture
    def make_store(self) -> Iterator[MakeStore]:
        opened = []

        def make(index, ttl):
            opened.append(sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None))
            store = SqliteStore(opened[-1], index=index, ttl=ttl)
            store.setup()
            return store

        yield make
        for connection in opened:
            connection.close()
