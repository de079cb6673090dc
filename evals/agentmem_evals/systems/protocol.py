"""What the runner asks of a system under evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from agentmem.types import Usage
from agentmem_evals.types import Body, Retrieved


class System(Protocol):
    """A memory that is told a conversation or a corpus, and then asked about it.

    Anything may be raised: the runner stores it as the failure of that question or body.
    """

    name: str

    def describe(self) -> Mapping[str, Any]:
        """What this system is, for the manifest: parameters, models, versions. Must not load a model."""
        ...

    def ingest(self, body: Body) -> None:
        """Take in one body, in a fresh scope: nothing of an earlier one may be found afterwards."""
        ...

    def retrieve(self, question: str, k: int, *, asked_at: datetime | None = None) -> Retrieved:
        """Items of the body ingested last that answer the question, best first; the runner counts the first ``k``.

        ``asked_at`` is when the question is put, where the data set says so.
        """
        ...

    def usage(self) -> Usage:
        """What models were asked for so far, since the system was made."""
        ...

    def stored_bytes(self) -> int:
        """What the body ingested last takes up, on disk or in arrays."""
        ...

    def close(self) -> None:
        """Release files and models."""
        ...


@runtime_checkable
class AnsweringSystem(System, Protocol):
    """A system that also answers by itself, without the reader of the evaluations."""

    def answer(self, question: str, *, asked_at: datetime | None = None) -> str:
        """The answer in words. What is asked is the text alone: a system never sees what is right."""
        ...
