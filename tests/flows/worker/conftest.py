"""What flows of the worker start from: a database whose stores are opened, and closed."""

from __future__ import annotations

import pytest

from agentmem import AgentMemory
from agentmem.testing import FakeEmbedder


@pytest.fixture
def opened(database, clock):
    """Opens the database with a model and, unless told otherwise, facts to build; closes all at the end."""
    stores = []

    def open_it(llm=None, recipe="facts", **arguments):
        arguments = {"embedder": FakeEmbedder(), "clock": clock, **arguments}
        stores.append(AgentMemory.open(database, recipe=recipe, llm=llm, **arguments))
        return stores[-1]

    yield open_it
    for store in stores:
        store.close()
