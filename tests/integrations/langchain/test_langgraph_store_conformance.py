"""The published suite, on our store, and on LangGraph's own, which must agree with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("langchain_agentmem", reason="needs langchain-agentmem: pip install -e integrations/langchain")
pytest.importorskip("langgraph.store.sqlite", reason="needs langgraph-checkpoint-sqlite")

from langchain_agentmem import AgentMemStore
from langchain_agentmem.testing import AwaitedStoreConformance, MakeStore, StoreConformance
from langgraph.store.base import IndexConfig
from langgraph.store.memory import InMemoryStore
from langgraph.store.sqlite import SqliteStore

from agentmem import ScopeHandle
from agentmem.testing import FakeClock


class TestAgentMemStore(StoreConformance):
    @pytest.fixture
    def make_store(self, handle: ScopeHandle, clock: FakeClock) -> MakeStore:
        return lambda index, ttl: AgentMemStore(handle, index=index, ttl=ttl, clock=clock)

    @pytest.fixture
    def advance(self, clock: FakeClock) -> Callable[[float], Any]:
        return lambda minutes: clock.advance(minutes=minutes)

    def index(self, *fields: str) -> IndexConfig:
        return {"fields": list(fields)} if fields else {}


class TestAgentMemStoreAwaited(AwaitedStoreConformance, TestAgentMemStore):
    pass


class TestAgentMemStoreThatDestroys(TestAgentMemStore):
    @pytest.fixture
    def make_store(self, handle: ScopeHandle, clock: FakeClock) -> MakeStore:
        return lambda index, ttl: AgentMemStore(handle, index=index, ttl=ttl, clock=clock, destroy=True)


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
