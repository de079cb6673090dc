"""What a memory structure is: a function from new episodes, and what is there already, to operations.

A structure cannot write. It is given its work in units, a read-only view, and models; it yields proposals, each the
operations of one transaction. Whoever drives it (:mod:`agentmem.engine.consolidate`) applies them, moves the
structure's cursor, and stops it when a budget is spent; what was not proposed yet is proposed next time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from agentmem.errors import LLMError
from agentmem.llm import LLM
from agentmem.operations import Operation
from agentmem.protocols import FloatArray
from agentmem.types import Edge, Episode, Memory, Usage


@dataclass(frozen=True, slots=True)
class Unit:
    """What is worked on at once: the new episodes of one session, or one document; or one new memory.

    Attributes:
        session: the session's name; ``None`` for a document.
        episodes: in order of time; empty for a structure that reads memories.
        chunks: the current chunk memories of these episodes, in order; or the one memory.
    """

    session: str | None
    episodes: tuple[Episode, ...]
    chunks: tuple[Memory, ...]


class View(Protocol):
    """What is there already, of one scope, at one moment. Holds no transaction: models may be called meanwhile."""

    def memories(self, kind: str) -> Sequence[Memory]:
        """The current, active memories of a kind, oldest first, without their sources (see :meth:`with_sources`)."""
        ...

    def edges(self, kind: str) -> Sequence[Edge]:
        """All edges of a kind."""
        ...

    def vectors(self, memories: Sequence[Memory]) -> FloatArray:
        """The vectors of these memories, shape ``(n, dimension)``; zeros where there is none."""
        ...

    def with_sources(self, memories: Sequence[Memory]) -> Sequence[Memory]:
        """These memories, of :meth:`memories`, with their own sources: to write one back takes them. In order.

        One that is there no more is given back as it is.
        """
        ...

    @property
    def kept(self) -> dict[str, Any]:
        """What this structure kept from last time, empty if anything of its kinds was changed by others since."""
        ...


@dataclass(frozen=True, slots=True)
class Models:
    """What a structure may ask. Without an LLM it does what can be done by rules.

    ``embed`` gives unit vectors, shape ``(n, dimension)``; it is there unless the store has no embedding model.
    """

    llm: LLM | None
    embed: Callable[[Sequence[str]], FloatArray] | None
    count_tokens: Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Proposal:
    """The operations of one transaction, and which units are dealt with when it is committed.

    Attributes:
        operations: in order; later ones may build on earlier ones.
        units: the units this completes.
        prompts: ids, versions and digests of the prompts whose replies are in it; for the journal.
        usage: what models cost.
        failure: why the units could not be done; they are kept for a retry, and the operations are empty.
    """

    operations: tuple[Operation, ...]
    units: tuple[Unit, ...]
    prompts: tuple[Mapping[str, Any], ...] = ()
    usage: Usage = field(default_factory=Usage)
    failure: LLMError | None = None


class Structure(Protocol):
    """See the module's docstring.

    Attributes:
        name: under which its cursor is kept; changes when what it makes changes.
        kinds: the kinds of memory it makes.
        reads: the kinds of memory it follows, each new version a unit; empty for one that follows episodes.
    """

    @property
    def name(self) -> str: ...

    @property
    def kinds(self) -> tuple[str, ...]: ...

    @property
    def reads(self) -> tuple[str, ...]: ...

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """Yield proposals, in the order in which they are to be applied.

        Raises:
            BudgetExhausted: the budget is spent; what was yielded before stands.
        """
        ...
