"""The log as an observer: what was done, how long it took, and how much it was."""

from __future__ import annotations

import logging
import time
from types import TracebackType
from typing import Self

from agentmem.protocols import Attribute, Label, Labels
from agentmem.types import Scope

logger = logging.getLogger(__name__)


class LoggingObserver:
    """One line at level ``DEBUG`` for everything that was done, when it is over; and none for each measurement.

    The record's ``seconds`` and ``attributes`` hold the same as fields. Scopes are not named.
    """

    def span(self, name: str, labels: Labels, *, duration: str, scope: Scope | None = None) -> _LoggedSpan:  # noqa: ARG002
        """See :class:`agentmem.protocols.Observer`."""
        return _LoggedSpan(name, labels)

    def count(self, name: str, amount: float, labels: Labels) -> None:
        """Nothing: the lines have the counts."""

    def record(self, name: str, value: float, labels: Labels) -> None:
        """Nothing: the lines have the values."""


class _LoggedSpan:
    __slots__ = ("_attributes", "_name", "_started")

    def __init__(self, name: str, labels: Labels) -> None:
        self._name = name
        self._attributes: dict[str, Attribute] = dict(labels)

    def set(self, name: str, value: Attribute) -> None:
        self._attributes[name] = value

    def label(self, name: str, value: Label) -> None:
        self._attributes[name] = value

    def __enter__(self) -> Self:
        self._started = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        seconds = time.perf_counter() - self._started
        if kind is not None:
            self._attributes["error.type"] = kind.__qualname__
        if logger.isEnabledFor(logging.DEBUG):
            told = " ".join(f"{name}={value}" for name, value in self._attributes.items())
            fields = {"seconds": round(seconds, 6), "attributes": self._attributes}
            logger.debug("%s: %.6f s %s", self._name, seconds, told, extra=fields)
