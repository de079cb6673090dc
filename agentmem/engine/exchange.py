"""The parts of a store that count now: ``reindex`` exchanges the model while verbs are at work with the one before."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar

from agentmem.errors import EmbedderMismatch

if TYPE_CHECKING:
    from agentmem.engine.parts import Parts

_Kind = TypeVar("_Kind", bound=type)


class Exchange:
    """Shared by all the parts that one store ever had, those that a worker made for a turn included."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._newest: Parts | None = None

    def begin(self, parts: Parts) -> None:
        """These are the first; parts that are made from others are not."""
        if self._newest is None:
            self._newest = parts

    @property
    def newest(self) -> Parts:
        """What verbs begin with."""
        assert self._newest is not None
        return self._newest

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Hold it from before the database changes its model until :meth:`finish`."""
        with self._lock:
            yield

    def finish(self, parts: Parts) -> None:
        """Verbs begin with these from now on."""
        with self._lock:
            self._newest = parts

    def settled(self) -> Parts:
        """``newest``, when an exchange that is under way has ended."""
        with self._lock:
            return self.newest


def begins_again(*, apart_from: tuple[str, ...] = ()) -> Callable[[_Kind], _Kind]:
    """For a class whose ``_parts`` are those that count now: its public methods outlive an exchange.

    A method that :class:`~agentmem.errors.EmbedderMismatch` ends because the model was exchanged meanwhile begins again
    with the new parts. So it must not raise that after it wrote something, nor consume its arguments.

    Args:
        apart_from: methods of which that cannot be said.
    """

    def decorate(kind: _Kind) -> _Kind:
        for name, member in list(vars(kind).items()):
            if isinstance(member, FunctionType) and not name.startswith("_") and name not in apart_from:
                setattr(kind, name, _beginning_again(member))
        return kind

    return decorate


def _beginning_again(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def outliving(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        while True:
            parts: Parts = self._parts
            try:
                return method(self, *args, **kwargs)
            except EmbedderMismatch:
                if parts.renewed() is None:  # another process exchanged the model: this store must be opened again
                    raise

    return outliving
