"""mem0's ``AsyncMemory``: the same calls, awaited."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine, Mapping
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from agentmem.client import AgentMemory
from agentmem.compat.mem0.configuration import COLLECTION
from agentmem.compat.mem0.memory import Memory

_P = ParamSpec("_P")
_R = TypeVar("_R")


def _awaited(
    method: Callable[Concatenate[Memory, _P], _R],
) -> Callable[Concatenate[AsyncMemory, _P], Coroutine[Any, Any, _R]]:
    async def call(self: AsyncMemory, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        return await asyncio.shield(asyncio.to_thread(method, self.memory, *args, **kwargs))

    functools.update_wrapper(call, method)
    return call


class AsyncMemory:
    """:class:`~agentmem.compat.mem0.Memory`, awaited; arguments, results and errors are the same.

    A call that was begun finishes even if its await is cancelled. ``close`` is no coroutine, as in mem0.
    """

    def __init__(
        self,
        config: Mapping[str, Any] | None = None,
        *,
        store: AgentMemory | None = None,
        collection: str = COLLECTION,
        across_users: bool = False,
    ) -> None:
        self.memory = Memory(config, store=store, collection=collection, across_users=across_users)

    @classmethod
    def from_config(cls, config_dict: Mapping[str, Any]) -> Self:
        """See :meth:`Memory.from_config`."""
        return cls(config_dict)

    add = _awaited(Memory.add)
    search = _awaited(Memory.search)
    get_all = _awaited(Memory.get_all)
    get = _awaited(Memory.get)
    update = _awaited(Memory.update)
    delete = _awaited(Memory.delete)
    delete_all = _awaited(Memory.delete_all)
    history = _awaited(Memory.history)
    reset = _awaited(Memory.reset)

    def close(self) -> None:
        """See :meth:`Memory.close`."""
        self.memory.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
