from __future__ import annotations

import pytest

from agentmem import AgentMemory
from agentmem.compat.mem0 import Memory


@pytest.fixture
def mem0(store: AgentMemory) -> Memory:
    """The drop-in, over the store of all tests."""
    return Memory(store=store)
