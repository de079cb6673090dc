"""The async methods, called as if they were not: so each test serves both."""

from __future__ import annotations

import asyncio
from typing import Any

from langgraph.store.base import BaseStore

_METHODS = frozenset({"get", "put", "search", "delete", "list_namespaces", "batch"})


class Awaited:
    """A store whose ``get`` runs ``aget``, and so on; everything else is the store's own."""

    def __init__(self, store: BaseStore, runner: asyncio.Runner) -> None:
        self._store = store
        self._runner = runner

    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS:
            return getattr(self._store, name)
        method = getattr(self._store, f"a{name}")
        return lambda *args, **kwargs: self._runner.run(method(*args, **kwargs))
