"""The middleware and LangGraph's store over a store of memories, and agents that are run in both ways."""

from __future__ import annotations

import asyncio

import pytest


@pytest.fixture
def package():
    return pytest.importorskip(
        "langchain_agentmem", reason="needs langchain-agentmem: pip install -e integrations/langchain"
    )


@pytest.fixture
def memory(package, store, clock):
    with package.AgentMemMiddleware(store, scope="user_id", clock=clock) as middleware:
        yield middleware


@pytest.fixture(params=["invoked", "awaited"])
def run(request):
    """Runs an agent, synchronously or not."""

    def invoke(agent, *arguments, **options):
        if request.param == "invoked":
            return agent.invoke(*arguments, **options)
        return asyncio.run(agent.ainvoke(*arguments, **options))

    return invoke


@pytest.fixture
def items(package, handle, clock):
    return package.AgentMemStore(handle, clock=clock)
