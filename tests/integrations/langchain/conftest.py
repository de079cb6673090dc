"""The middleware over a store, and agents that are run in both ways."""

from __future__ import annotations

import asyncio

import pytest


@pytest.fixture
def memory(store, clock):
    middleware = pytest.importorskip(
        "langchain_agentmem", reason="needs langchain-agentmem: pip install -e integrations/langchain"
    )
    with middleware.AgentMemMiddleware(store, scope="user_id", clock=clock) as memory:
        yield memory


@pytest.fixture(params=["invoked", "awaited"])
def run(request):
    """Runs an agent, synchronously or not."""

    def invoke(agent, *arguments, **options):
        if request.param == "invoked":
            return agent.invoke(*arguments, **options)
        return asyncio.run(agent.ainvoke(*arguments, **options))

    return invoke
