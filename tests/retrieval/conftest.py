"""A store in memory, opened with whatever settings of retrieval a test asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from agentmem import AgentMemory, ScopeHandle
from agentmem.retrieval.settings import Retrieval
from agentmem.testing import FakeClock, FakeEmbedder


@pytest.fixture
def opened(clock: FakeClock) -> Iterator[Callable[..., ScopeHandle]]:
    """Gives a fresh, empty scope for keyword arguments of ``Retrieval``."""
    with ExitStack() as stack:

        def make(**settings) -> ScopeHandle:
            views = settings.pop("views", None)
            embedder = settings.pop("embedder", None) or FakeEmbedder()
            store = AgentMemory.open(
                ":memory:", embedder=embedder, clock=clock, views=views, retrieval=Retrieval(**settings)
            )
            return stack.enter_context(store).scope("acme", "ana")

        yield make
