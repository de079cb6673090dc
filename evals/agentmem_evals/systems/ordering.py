"""System ``ordering:SYSTEM``: says by itself which of two passages comes first, from what the system remembers.

The library is asked by its verb ``order``. Of any other system it is asked for the one item that answers best to each
passage, and the items' places in the body are compared: where both passages lead to one item, there is no answer.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, runtime_checkable

from agentmem_evals.errors import EvalError
from agentmem_evals.systems.around import Around
from agentmem_evals.systems.protocol import System
from agentmem_evals.types import Body

NAME = "ordering"
UNKNOWN = "unknown"
_MARK = "- "


@runtime_checkable
class Ordering(Protocol):
    """A system that can tell the order of two passages."""

    def order(self, first: str, second: str) -> int | None:
        """0: the first passage comes first; 1: the second does; ``None``: it cannot tell."""
        ...


class OrderingSystem(Around):
    """See the module's docstring."""

    def __init__(self, inner: System) -> None:
        super().__init__(NAME, inner)
        self._places: dict[str, int] = {}

    def ingest(self, body: Body) -> None:
        """Tell the system, and keep the order of the items."""
        super().ingest(body)
        self._places = {item.id: place for place, item in enumerate(body.items)}

    def answer(self, question: str, *, asked_at: datetime | None = None) -> str:  # noqa: ARG002
        """The passage that comes first, of the two that stand in the question on lines that begin with "- ".

        Raises:
            EvalError: there are not two.
        """
        passages = [line.removeprefix(_MARK) for line in question.splitlines() if line.startswith(_MARK)]
        if len(passages) != 2:
            raise EvalError(
                f"{self.name} compares two passages, and the question has {len(passages)}: use --dataset sort."
            )
        first = self._first(*passages)
        return UNKNOWN if first is None else passages[first]

    def _first(self, one: str, other: str) -> int | None:
        if isinstance(self.inner, Ordering):
            return self.inner.order(one, other)
        found = [self.inner.retrieve(passage, 1).items[:1] for passage in (one, other)]
        if not all(found) or found[0] == found[1]:
            return None
        return int(self._places[found[0][0]] > self._places[found[1][0]])
