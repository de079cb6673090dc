"""The same verbs, awaited: a thin facade over a bounded executor. No logic here, so nothing is written twice.

A verb that was begun finishes even if its await is cancelled, so that nothing is half-written. A worker
(:meth:`AsyncAgentMemory.work`) finishes what it is writing, and ends.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from agentmem.client import AgentMemory
from agentmem.errors import StoreClosed
from agentmem.handle import ScopeHandle
from agentmem.types import Scope

_P = ParamSpec("_P")
_R = TypeVar("_R")

MAX_THREADS = 8
_CLOSED = "This store was closed. Open it again: await AsyncAgentMemory.open(path)."


class _Forwarding:
    """Runs methods of a synchronous object in the executor."""

    _executor: ThreadPoolExecutor

    async def _run(self, call: Callable[[], _R]) -> _R:
        context = contextvars.copy_context()
        try:
            future = asyncio.get_running_loop().run_in_executor(self._executor, lambda: context.run(call))
        except RuntimeError as error:  # the executor was shut down
            raise StoreClosed(_CLOSED) from error
        return await asyncio.shield(future)


def _forward_handle(
    method: Callable[Concatenate[ScopeHandle, _P], _R],
) -> Callable[Concatenate[AsyncScopeHandle, _P], Coroutine[Any, Any, _R]]:
    async def call(self: AsyncScopeHandle, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        return await self._run(lambda: method(self._handle, *args, **kwargs))

    functools.update_wrapper(call, method)
    return call


def _forward_store(
    method: Callable[Concatenate[AgentMemory, _P], _R],
) -> Callable[Concatenate[AsyncAgentMemory, _P], Coroutine[Any, Any, _R]]:
    async def call(self: AsyncAgentMemory, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        return await self._run(lambda: method(self._store, *args, **kwargs))

    functools.update_wrapper(call, method)
    return call


def _forward_work(
    method: Callable[Concatenate[AgentMemory, _P], _R],
) -> Callable[Concatenate[AsyncAgentMemory, _P], Coroutine[Any, Any, _R]]:
    """For the verb that may go on for ever: it ends when its await is cancelled, or the store closed."""

    async def call(self: AsyncAgentMemory, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        own = Event()
        if kwargs.get("stop") is None:  # else it ends when the caller's is set
            kwargs["stop"] = own
        return await self._run_until(own, lambda: method(self._store, *args, **kwargs))

    functools.update_wrapper(call, method)
    return call


class AsyncScopeHandle(_Forwarding):
    """The verbs of :class:`~agentmem.ScopeHandle`, each awaited."""

    def __init__(self, handle: ScopeHandle, executor: ThreadPoolExecutor) -> None:
        self._handle = handle
        self._executor = executor

    @property
    def scope(self) -> Scope:
        """Whose memory this is."""
        return self._handle.scope

    def reading(self, *others: Scope) -> AsyncScopeHandle:
        """See :meth:`agentmem.ScopeHandle.reading`."""
        return AsyncScopeHandle(self._handle.reading(*others), self._executor)

    add = _forward_handle(ScopeHandle.add)
    retrieve = _forward_handle(ScopeHandle.retrieve)
    context = _forward_handle(ScopeHandle.context)
    order = _forward_handle(ScopeHandle.order)
    consolidate = _forward_handle(ScopeHandle.consolidate)
    waiting = _forward_handle(ScopeHandle.waiting)
    retry = _forward_handle(ScopeHandle.retry)
    graph = _forward_handle(ScopeHandle.graph)
    tree = _forward_handle(ScopeHandle.tree)
    get = _forward_handle(ScopeHandle.get)
    episode = _forward_handle(ScopeHandle.episode)
    list = _forward_handle(ScopeHandle.list)
    history = _forward_handle(ScopeHandle.history)
    update = _forward_handle(ScopeHandle.update)
    retire = _forward_handle(ScopeHandle.retire)
    restore = _forward_handle(ScopeHandle.restore)
    pin = _forward_handle(ScopeHandle.pin)
    feedback = _forward_handle(ScopeHandle.feedback)
    expires_at = _forward_handle(ScopeHandle.expires_at)
    undo = _forward_handle(ScopeHandle.undo)
    forget = _forward_handle(ScopeHandle.forget)
    export = _forward_handle(ScopeHandle.export)
    import_ = _forward_handle(ScopeHandle.import_)
    stats = _forward_handle(ScopeHandle.stats)

    def __repr__(self) -> str:
        return f"AsyncScopeHandle({self.scope.path!r})"


class AsyncAgentMemory(_Forwarding):
    """The store of :class:`~agentmem.AgentMemory`, awaited.

    ``store = await AsyncAgentMemory.open(path)``, or ``async with AsyncAgentMemory.open(path) as store:``.

    A worker beside an agent is ``asyncio.create_task(store.work(once=False))``: it ends when the task is cancelled, or
    the store closed. One that was given a ``stop`` ends when that is set, and only then.
    """

    def __init__(self, store: AgentMemory, executor: ThreadPoolExecutor) -> None:
        self._store = store
        self._executor = executor
        self._stops: set[Event] | None = set()  # of the workers under way; none can be begun any more once it is None

    @classmethod
    def open(cls, *args: Any, **kwargs: Any) -> _Opening:
        """Open a database; arguments and errors as for :meth:`agentmem.AgentMemory.open`."""
        return _Opening(cls, functools.partial(AgentMemory.open, *args, **kwargs))

    def scope(self, *names: str | Scope) -> AsyncScopeHandle:
        """See :meth:`agentmem.AgentMemory.scope`."""
        return AsyncScopeHandle(self._store.scope(*names), self._executor)

    scopes = _forward_store(AgentMemory.scopes)
    scope_of = _forward_store(AgentMemory.scope_of)
    work = _forward_work(AgentMemory.work)
    reindex = _forward_store(AgentMemory.reindex)
    compact = _forward_store(AgentMemory.compact)
    check = _forward_store(AgentMemory.check)

    async def _run_until(self, stop: Event, call: Callable[[], _R]) -> _R:
        if self._stops is None:
            raise StoreClosed(_CLOSED)
        self._stops.add(stop)
        try:
            return await self._run(call)
        finally:
            stop.set()
            if self._stops is not None:
                self._stops.discard(stop)

    async def close(self) -> None:
        """Tell workers to end, wait for verbs that are under way, then release files and memory."""
        stops, self._stops = self._stops, None
        for stop in stops or ():
            stop.set()
        await asyncio.get_running_loop().run_in_executor(None, self._executor.shutdown)
        self._store.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class _Opening:
    """What ``AsyncAgentMemory.open`` returns: to be awaited, or entered with ``async with``."""

    def __init__(self, cls: type[AsyncAgentMemory], opener: Callable[[], AgentMemory]) -> None:
        self._cls = cls
        self._opener = opener
        self._opened: AsyncAgentMemory | None = None

    def __await__(self) -> Generator[Any, None, AsyncAgentMemory]:
        return self._open().__await__()

    async def __aenter__(self) -> AsyncAgentMemory:
        self._opened = await self._open()
        return self._opened

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._opened is not None:
            await self._opened.close()

    async def _open(self) -> AsyncAgentMemory:
        executor = ThreadPoolExecutor(max_workers=MAX_THREADS, thread_name_prefix="agentmem")
        try:
            store = await asyncio.get_running_loop().run_in_executor(executor, self._opener)
        except BaseException:
            executor.shutdown(wait=False)
            raise
        return self._cls(store, executor)
