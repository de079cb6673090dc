"""Nobody watches: the observer of a store that was opened without one."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from agentmem.protocols import Attribute, Label, Labels
from agentmem.types import Scope


class _Nothing:
    """One span for all, for it holds nothing."""

    __slots__ = ()

    def set(self, name: str, value: Attribute) -> None:
        pass

    def label(self, name: str, value: Label) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


_NOTHING = _Nothing()


class Silent:
    """See :class:`agentmem.protocols.Observer`; does nothing."""

    __slots__ = ()

    def span(self, name: str, labels: Labels, *, duration: str, scope: Scope | None = None) -> _Nothing:  # noqa: ARG002
        return _NOTHING

    def count(self, name: str, amount: float, labels: Labels) -> None:
        pass

    def record(self, name: str, value: float, labels: Labels) -> None:
        pass


OFF = Silent()
"""Ask ``observer is OFF`` before anything that only an observer needs is worked out."""
