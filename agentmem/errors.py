"""Every refusal of the library, as a type. Each message says what happened *and what to do next*.

Catch :class:`AgentMemError` to catch them all. Nothing here imports anything else of the project.
"""

from __future__ import annotations


class AgentMemError(Exception):
    """Anything agentmem refuses to do, or could not do."""


class InvalidInput(AgentMemError, ValueError):
    """An argument cannot be accepted: empty text, a naive datetime, an unknown keyword, ..."""


class NotFound(AgentMemError, LookupError):
    """No such memory, episode or run in this scope."""


class VersionConflict(AgentMemError):
    """Somebody else changed the memory since it was read (compare-and-swap on ``version`` failed)."""


class RefConflict(AgentMemError):
    """An episode with this ``ref`` exists already, with different content."""


class ForgottenRef(AgentMemError):
    """Content under this ``ref`` was forgotten; its tombstone refuses to learn it again."""


class CannotUndo(AgentMemError):
    """A run cannot be undone: it destroyed data, or later changes stand on top of it."""


class StoreError(AgentMemError):
    """The database could not do what was asked; nothing was half-written."""


class NotAnAgentMemDatabase(StoreError):
    """The file exists and is something else than an agentmem database."""


class SchemaMismatch(StoreError):
    """The database was written by another version of agentmem's schema."""


class StoreBusy(StoreError):
    """Another process kept the database locked for longer than the busy timeout."""


class StoreFull(StoreError):
    """The disk (or the database's size limit) is full."""


class StoreReadOnly(StoreError):
    """The database file, or its folder, cannot be written."""


class StoreCorrupt(StoreError):
    """The database file is damaged."""


class Unsound(StoreError):
    """What was about to be written would break an invariant of the store. Nothing of it was; it is a defect."""


class StoreClosed(StoreError):
    """The store was used after ``close()``."""


class EmbedderError(AgentMemError):
    """The embedding model failed, or returned vectors that cannot be used."""


class EmbedderMismatch(AgentMemError):
    """The store's vectors were made by another embedding model."""


class IndexFailure(AgentMemError):
    """A vector index failed and could not be rebuilt."""


class MissingExtra(AgentMemError, ImportError):
    """An optional dependency is not installed."""

    def __init__(self, package: str, extra: str, why: str) -> None:
        super().__init__(
            f"{why} needs the package {package!r}, which is not installed. "
            f"Install it with: pip install 'agentmem-framework[{extra}]'"
        )
        self.package = package
        self.extra = extra


class LLMError(AgentMemError):
    """A language model could not be asked, or gave nothing that can be used. ``retryable``: later it may work.

    ``retries`` tells how often it was asked again in vain.
    """

    retryable = False
    retries = 0


class LLMUnavailable(LLMError):
    """The server does not answer, answers too late, or fails; or it asks to slow down (``retry_after`` seconds)."""

    retryable = True

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class LLMRefused(LLMError):
    """The server refuses the request: a wrong key, an unknown model, a prompt too long."""


class MalformedReply(LLMError):
    """The reply does not fit its schema, even after one repair. It is kept with what it was about, for a retry."""

    retryable = True


class BudgetExhausted(LLMError):
    """The budget of calls, tokens or money is spent. What was done is kept; a larger budget goes on from there."""


class NoRecording(LLMError):
    """A replayed model was asked something that was never recorded."""
