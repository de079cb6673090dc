"""What flows through consolidation start from: a database that is opened with a recipe, and one that is filled."""

from __future__ import annotations

import sys

import pytest
from small_world import CONVERSATION, DOCUMENTS, scripted

from agentmem import AgentMemory
from agentmem.testing import FakeEmbedder


@pytest.fixture
def opened(database, clock):
    """Opens the database with a recipe and a model; closes all at the end."""
    stores = []

    def open_it(recipe="mixed", llm=None, **arguments):
        arguments = {"embedder": FakeEmbedder(), "clock": clock, **arguments}
        stores.append(AgentMemory.open(database, recipe=recipe, llm=llm, **arguments))
        return stores[-1].scope("acme", "ana")

    yield open_it
    for store in stores:
        store.close()


@pytest.fixture(params=[False, True], ids=["rules", "model"])
def filled(opened, request):
    handle = opened(llm=scripted() if request.param else None)
    handle.add([*CONVERSATION, *DOCUMENTS])
    return handle


@pytest.fixture
def switching_often():
    """Threads take turns as often as can be."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)
