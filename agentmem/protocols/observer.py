"""Who watches what the library does: how long it took, how much it was, and how it failed. Never what it was about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, runtime_checkable

from agentmem.types import Scope

Label = str | bool | int
Labels = Mapping[str, Label]
"""What measurements are told apart by: names and kinds, of which there are few."""
Attribute = Label | float | Sequence[str]


class Span(Protocol):
    """Something under way."""

    def set(self, name: str, value: Attribute) -> None:
        """Add to what is known of it, such as a count."""
        ...

    def label(self, name: str, value: Label) -> None:
        """Add to what is known of it, and to what its duration is told apart by."""
        ...


@runtime_checkable
class Observer(Protocol):
    """Watches the library at work. Safe to use from several threads at once; what it raises, the verb raises.

    It is given names, numbers, the types of errors, and scopes; never texts, queries, refs, or messages of errors.
    Names are those of :mod:`agentmem.observing.instruments`, and of OpenTelemetry's conventions for generative AI.
    """

    def span(
        self, name: str, labels: Labels, *, duration: str, scope: Scope | None = None
    ) -> AbstractContextManager[Span]:
        """Watch what is done in a ``with`` block, within the span that is open around it in this context.

        An error that leaves the block is noted by its type, and passes on.

        Args:
            name: what is done; of these there are few.
            labels: what it is told apart by.
            duration: the histogram that its seconds go into, with the labels, and ``error.type`` where it failed.
            scope: whose memory it is about. Names in it may be personal: hide them before they leave the process.
        """
        ...

    def count(self, name: str, amount: float, labels: Labels) -> None:
        """Add to a counter."""
        ...

    def record(self, name: str, value: float, labels: Labels) -> None:
        """Put a value into a histogram."""
        ...
