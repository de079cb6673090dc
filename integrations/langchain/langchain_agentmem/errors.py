"""What this package refuses, as types; each is an :class:`agentmem.errors.AgentMemError`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agentmem import Message, Scope
from agentmem.errors import AgentMemError, MissingExtra


class MissingScope(AgentMemError, LookupError):
    """The run does not say whose memory it may use. There is no default: nothing was read or written."""


@dataclass(frozen=True, slots=True)
class FailedCapture:
    """Messages that were said and could not be stored, and why.

    They can be added again: ``store.scope(*failed.scope.names).add(failed.messages)``. Their refs see to it that
    nothing is stored twice.
    """

    scope: Scope
    messages: tuple[Message, ...]
    error: BaseException


class CaptureFailed(AgentMemError):
    """Some of what was said is not stored. ``failures`` holds it, in the order in which it failed."""

    def __init__(self, failures: Sequence[FailedCapture]) -> None:
        last = failures[-1]
        super().__init__(
            f"{len(failures)} captures are not stored; the last one, of scope {last.scope.path}, failed with "
            f"{type(last.error).__name__}: {last.error} See .failures for the messages; they can be added again."
        )
        self.failures = tuple(failures)


class CaptureUnfinished(AgentMemError, TimeoutError):
    """Captures are still waiting after the time that ``flush`` was given. They go on; flush again."""


class MissingTestPackage(MissingExtra):
    """A package that only the published suite of tests needs is not installed."""

    def __init__(self, package: str) -> None:
        super().__init__(package, "test", "The suite of tests for LangGraph stores")
        self.msg = self.msg.replace("agentmem-framework", "langchain-agentmem")


class MissingPackage(AgentMemError, ImportError):
    """A package that this one builds on is not installed, or in a version that is too old."""

    def __init__(self, name: str, module: str) -> None:
        package = module.partition(".")[0].replace("_", "-")
        super().__init__(
            f"{name} needs {module}, which is not installed: there is no {package} here, or one before 1.0. "
            f"Install it with: pip install '{package}>=1.0,<2'"
        )
