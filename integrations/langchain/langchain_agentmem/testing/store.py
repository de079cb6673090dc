"""What every LangGraph store does: the suite, put together from its chapters."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from langgraph.store.base import PutOp

from langchain_agentmem.testing.awaited import Awaited
from langchain_agentmem.testing.items import Items
from langchain_agentmem.testing.lifetimes import Lifetimes
from langchain_agentmem.testing.namespaces import Namespaces
from langchain_agentmem.testing.searching import Searching, SearchingByMeaning
from langchain_agentmem.testing.setting import MakeStore


class StoreConformance(Items, Searching, SearchingByMeaning, Namespaces, Lifetimes):
    """What every :class:`langgraph.store.base.BaseStore` does, by its synchronous methods.

    Override the fixture ``make_store``: a function of ``index`` and ``ttl`` (both may be ``None``) that makes an empty
    store. Override ``advance`` as well where the store's clock can be moved: a function that moves it forward by so
    many minutes. See :class:`~langchain_agentmem.testing.setting.StoreSetting` for where a store may deviate.
    """


class AwaitedStoreConformance(StoreConformance):
    """The same by its asynchronous methods. Inherit it before a :class:`StoreConformance` that makes your store."""

    @pytest.fixture
    def opened(self, make_store: MakeStore) -> Iterator[Callable[..., Any]]:
        """Makes the store under test, all of whose calls are awaited in one event loop."""
        with asyncio.Runner() as runner:
            yield lambda index=None, ttl=None: Awaited(make_store(index, ttl), runner)

    def test_calls_can_be_awaited_together(self, make_store: MakeStore) -> None:
        store = make_store(self.index() if self.finds_by_meaning else None, None)

        async def together() -> list[Any]:
            await asyncio.gather(*(store.aput(("many",), f"k{number}", {"n": number}) for number in range(12)))
            await store.abatch([PutOp(("many",), "k12", {"n": 12})])
            return await asyncio.gather(*(store.aget(("many",), f"k{number}") for number in range(13)))

        assert [item.value["n"] for item in asyncio.run(together())] == list(range(13))
