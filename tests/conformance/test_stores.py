from __future__ import annotations

from pathlib import Path

import pytest

from agentmem.store.database import SqlStore
from agentmem.testing.conformance import StoreConformance
from agentmem.testing.conformance.store_base import MakeStore


class TestSqlStoreOnAFile(StoreConformance):
    @pytest.fixture
    def make_store(self, tmp_path: Path) -> MakeStore:
        return lambda clock, name: SqlStore(tmp_path / f"{name}.db", durability="normal", clock=clock)


class TestSqlStoreInMemory(StoreConformance):
    keeps_content = False
    snapshots = False  # one connection, which threads take turns with

    @pytest.fixture
    def make_store(self) -> MakeStore:
        return lambda clock, _name: SqlStore(":memory:", durability="normal", clock=clock)
