"""Watching the library at work: through OpenTelemetry, through logging, or by an observer of your own.

Nothing is sent anywhere by this package: OpenTelemetry's spans and metrics go where the SDK that *you* set up sends
them. Without an observer nothing is measured, and OpenTelemetry is not imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentmem.observing.loading import imported, load_observer
from agentmem.observing.logged import LoggingObserver
from agentmem.observing.silent import OFF

if TYPE_CHECKING:
    from agentmem.observing.open_telemetry import OpenTelemetry

__all__ = ["OFF", "LoggingObserver", "OpenTelemetry", "load_observer"]


def __getattr__(name: str) -> Any:
    if name == "OpenTelemetry":  # imported where it is used: the package is optional
        return imported()
    raise AttributeError(f"module 'agentmem.observing' has no attribute {name!r}")
