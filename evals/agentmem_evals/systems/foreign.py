"""Systems that others wrote, named ``module:Class`` or ``python:package.module:Class``; what they lack is filled in."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from importlib import import_module
from typing import Any, Protocol

from agentmem.types import Usage
from agentmem_evals.errors import UnknownName
from agentmem_evals.systems.failures import InvalidSystem
from agentmem_evals.systems.protocol import System
from agentmem_evals.types import Body, Retrieved

PREFIX = "python"
_CONTEXT = "context"
_ASKED_AT = "asked_at"


class Context(Protocol):
    """What a class that asks for it is given; see :class:`agentmem_evals.systems.catalog.SystemContext`."""


def make_foreign(path: str, context: Context) -> System:
    """The system that ``package.module:Class`` makes. The class, or function, is called without arguments.

    If it has a parameter ``context``, it is given one: with ``context.embedder()`` the model that all systems use.

    Raises:
        UnknownName: the module or the name in it does not exist, or cannot be imported.
        InvalidSystem: what is made has no ``ingest``, or neither ``retrieve`` nor ``answer``.
    """
    factory = _factory(path)
    made = factory(context=context) if _takes(factory, _CONTEXT) else factory()
    if not _has(made, "ingest") or not (_has(made, "retrieve") or _has(made, "answer")):
        raise InvalidSystem(
            f"{path} is not a system: it needs the methods ingest(body) and retrieve(question, k), or answer(question)."
        )
    return AnsweringForeign(made, path) if _has(made, "answer") else Foreign(made, path)


class Foreign:
    """A system with only the methods that its author wrote; the others say nothing and cost nothing."""

    def __init__(self, made: Any, path: str) -> None:
        self._made = made
        self._path = path
        self.name: str = str(getattr(made, "name", path))
        self._is_timed = _takes(getattr(made, "retrieve", None), _ASKED_AT)
        self.concurrent: bool = getattr(made, "concurrent", False) is True

    def describe(self) -> Mapping[str, Any]:
        """What it says of itself, with its name and where it is defined."""
        said = self._made.describe() if _has(self._made, "describe") else {}
        return {"name": self.name, "defined_in": self._path, **said}

    def ingest(self, body: Body) -> None:
        """Its own."""
        self._made.ingest(body)

    def retrieve(self, question: str, k: int, *, asked_at: datetime | None = None) -> Retrieved:
        """Its own; ids alone will do.

        Raises:
            InvalidSystem: it has no ``retrieve``, or what it returned holds no ids.
        """
        if not _has(self._made, "retrieve"):
            raise InvalidSystem(f"{self._path} answers, and retrieves nothing: it can only be run with --task qa.")
        timed = {_ASKED_AT: asked_at} if self._is_timed else {}
        return _retrieved(self._made.retrieve(question, k, **timed), self._path)

    def usage(self) -> Usage:
        """Its own, or nothing."""
        if not _has(self._made, "usage"):
            return Usage()
        usage: Usage = self._made.usage()
        return usage

    def stored_bytes(self) -> int:
        """Its own, or 0."""
        return int(self._made.stored_bytes()) if _has(self._made, "stored_bytes") else 0

    def close(self) -> None:
        """Its own, if it has one."""
        if _has(self._made, "close"):
            self._made.close()


class AnsweringForeign(Foreign):
    """One that also answers."""

    def answer(self, question: str, *, asked_at: datetime | None = None) -> str:
        """Its own.

        Raises:
            InvalidSystem: what it returned is no text.
        """
        timed = {_ASKED_AT: asked_at} if _takes(self._made.answer, _ASKED_AT) else {}
        said = self._made.answer(question, **timed)
        if not isinstance(said, str):
            raise InvalidSystem(f"{self._path} answered with {type(said).__name__}: answer() returns a text.")
        return said


def _factory(path: str) -> Callable[..., Any]:
    module, _, name = path.partition(":")
    if not module or not name:
        raise UnknownName(f"{path!r} names no system: use module:Class, or {PREFIX}:package.module:Class.")
    try:
        found = getattr(import_module(module), name, None)
    except ImportError as error:
        raise UnknownName(
            f"There is no system {path!r}, and the module {module!r} cannot be imported: {error}. "
            "Check the name, and that the module is on PYTHONPATH or installed."
        ) from error
    if not callable(found):
        raise UnknownName(f"The module {module!r} has no class {name!r}. Name one that it has: module:Class.")
    factory: Callable[..., Any] = found
    return factory


def _retrieved(returned: Retrieved | Iterable[str], path: str) -> Retrieved:
    if isinstance(returned, Retrieved):
        return returned
    if isinstance(returned, Iterable) and not isinstance(returned, (str, bytes, Mapping)):
        items = tuple(returned)
        if all(isinstance(item, str) for item in items):
            return Retrieved(items)
    raise InvalidSystem(f"{path} retrieved no ids: retrieve() returns Retrieved, or the ids of items, best first.")


def _has(made: Any, name: str) -> bool:
    return callable(getattr(made, name, None))


def _takes(function: Any, parameter: str) -> bool:
    if not callable(function):
        return False
    try:
        return parameter in inspect.signature(function).parameters
    except ValueError:  # built in, without a signature
        return False
