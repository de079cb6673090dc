"""From a short name to an observer: what ``observer=`` accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentmem.errors import InvalidInput, MissingExtra
from agentmem.observing.logged import LoggingObserver
from agentmem.observing.silent import OFF
from agentmem.protocols import Observer

if TYPE_CHECKING:
    from agentmem.observing.open_telemetry import OpenTelemetry

OTEL = "otel"
LOG = "log"


def load_observer(observer: Observer | str | None) -> Observer:
    """An observer from whatever was given.

    * ``None``: nobody watches, and nothing is measured;
    * ``"otel"``: OpenTelemetry, through the providers that the program has set (needs the extra ``otel``);
    * ``"log"``: the log, at level ``DEBUG`` (see :class:`agentmem.observing.LoggingObserver`);
    * an :class:`~agentmem.protocols.Observer`: as it is.

    Raises:
        MissingExtra: the package behind a name is not installed.
        InvalidInput: it is none of these.
    """
    if observer is None:
        return OFF
    if observer == OTEL:
        return imported()()
    if observer == LOG:
        return LoggingObserver()
    if isinstance(observer, Observer):
        return observer
    told = repr(observer) if isinstance(observer, str) else f"A {type(observer).__name__}"
    raise InvalidInput(f"{told} is no observer: give 'otel', 'log', or an agentmem.protocols.Observer.")


def imported() -> type[OpenTelemetry]:
    """The class of the observer that speaks OpenTelemetry.

    Raises:
        MissingExtra: ``opentelemetry-api`` is not installed.
    """
    try:
        from agentmem.observing.open_telemetry import OpenTelemetry
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "opentelemetry":
            raise
        raise MissingExtra("opentelemetry-api", "otel", "Observing through OpenTelemetry") from error
    return OpenTelemetry
