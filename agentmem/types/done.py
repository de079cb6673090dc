"""What comes out when something was done: what it did, what is left to do, and what it cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Usage:
    """What an operation cost. Tokens and calls count models only; seconds are wall time."""

    embedded_texts: int = 0
    embedding_seconds: float = 0.0
    llm_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.embedded_texts + other.embedded_texts,
            self.embedding_seconds + other.embedding_seconds,
            self.llm_calls + other.llm_calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long operation is; ``total`` is ``None`` when the input is a stream."""

    done: int
    total: int | None
    stage: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an ``add`` did. Everything named here is on disk when the receipt is returned.

    ``ids`` are the memories that can be retrieved (for a repeated ``ref``: the ones that were there already);
    ``episodes`` are the stored episodes, one for each message or document, in order. ``duplicates`` counts those that
    were there already (what an ``undo`` had taken back comes back, and is not counted); ``skipped`` those that were not
    stored: a hook kept them out, or they were nothing but memories quoted from a prompt. ``pending`` names follow-up
    work that is not done yet (``"vectors"`` when the embedder failed: the text is stored and found by words, and the
    vectors are made at the next opportunity).
    """

    run: str
    ids: tuple[str, ...]
    episodes: tuple[str, ...]
    duplicates: int = 0
    skipped: int = 0
    pending: tuple[str, ...] = ()
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. ``present`` episodes were there already; ``refused`` ones had been forgotten here."""

    episodes: int
    memories: int
    edges: int
    present: int
    refused: int
    pending: tuple[str, ...] = ()
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a ``forget`` destroyed, in counts. With ``dry_run`` nothing was touched yet.

    ``compacted`` tells whether the database file was rewritten so that no free page holds the text; ``pending``
    names what could not be done yet (another process was reading) and what finishes it.
    """

    run: str | None
    at: datetime
    dry_run: bool
    episodes: int = 0
    memories: int = 0
    versions: int = 0
    sources: int = 0
    edges: int = 0
    vectors: int = 0
    tombstones: int = 0
    compacted: bool = False
    pending: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Built:
    """What one structure did in a consolidation.

    Attributes:
        structure: its name.
        units: sessions and documents that were worked on.
        added: memories by kind.
        changed: how often it revised, retired or closed a memory, or removed an edge: ``{"retire": 3, "close": 1}``.
        failed: why units could not be done, by the number of their episodes; they are kept for a retry.
        waiting: episodes that are left for the next time.
        stopped: why it stopped early; ``None`` if it did not.
        usage: what models cost, without the embedding of what was added.
    """

    structure: str
    units: int = 0
    added: Mapping[str, int] = field(default_factory=dict)
    changed: Mapping[str, int] = field(default_factory=dict)
    failed: tuple[str, ...] = ()
    waiting: int = 0
    stopped: str | None = None
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True)
class Consolidation:
    """What ``consolidate`` did. ``run`` can be undone; ``None`` when nothing was written."""

    run: str | None
    built: tuple[Built, ...] = ()
    usage: Usage = Usage()
    pending: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        return not self.pending and not any(built.waiting for built in self.built)

    @property
    def failures(self) -> tuple[str, ...]:
        """Why something could not be done, of every structure."""
        return tuple(failure for built in self.built for failure in built.failed)


@dataclass(frozen=True, slots=True)
class Worked:
    """What a worker did, over all scopes.

    Attributes:
        turns: how often it worked on a scope.
        runs: how many of these turns wrote something; the log names the runs.
        units: sessions, documents and memories that were worked on.
        added: memories by kind.
        failures: how much failed and is kept for a retry.
        broken: turns that an error ended; the log says which. Such a scope gets its next turn after a rest.
        usage: what models cost.
        stopped: why it ended before all that was due was done; ``None`` if it did not.
    """

    turns: int = 0
    runs: int = 0
    units: int = 0
    added: Mapping[str, int] = field(default_factory=dict)
    failures: int = 0
    broken: int = 0
    usage: Usage = Usage()
    stopped: str | None = None
