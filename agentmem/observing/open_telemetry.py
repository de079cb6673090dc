"""Spans and metrics through OpenTelemetry's API. Where they go, if anywhere, is for the program's SDK to say."""

from __future__ import annotations

import hashlib
import secrets
import time
from types import TracebackType
from typing import Self

from opentelemetry import context, metrics, trace
from opentelemetry.context import Context
from opentelemetry.metrics import Counter, Histogram, Meter, MeterProvider
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer, TracerProvider

import agentmem
from agentmem.errors import InvalidInput
from agentmem.observing.instruments import INSTRUMENTS, Kind
from agentmem.protocols import Attribute, Label, Labels
from agentmem.types import Scope

LIBRARY = "agentmem"
SCOPE = "agentmem.scope"
ERROR = "error.type"
_MODEL = "gen_ai.operation.name"
_LONGEST_KEY = 64


class OpenTelemetry:
    """See :class:`agentmem.protocols.Observer`.

    Spans carry the scope as a keyed hash (BLAKE2b, 16 hex digits): spans of one scope can be found together, and no
    name can be read, nor guessed without the key. Metrics do not carry scopes.

    Args:
        tracer_provider: whose spans they are; default: the one that the program has set, or will set.
        meter_provider: the same for metrics.
        scope_key: keys the hash of scopes, so that it is the same in several processes: 1 to 64 bytes, a secret.
            Default: one of this observer's own, which nobody knows.
        scope_names: put the names of scopes into spans, instead of a hash.

    Raises:
        InvalidInput: a key that is empty, or too long.
    """

    def __init__(
        self,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        *,
        scope_key: bytes | None = None,
        scope_names: bool = False,
    ) -> None:
        key = secrets.token_bytes(32) if scope_key is None else scope_key
        if not 1 <= len(key) <= _LONGEST_KEY:
            raise InvalidInput(f"scope_key has {len(key)} bytes: give 1 to {_LONGEST_KEY}, such as 32 random ones.")
        self._key = key
        self._scope_names = scope_names
        self._tracer = trace.get_tracer(LIBRARY, agentmem.__version__, tracer_provider)
        meter = metrics.get_meter(LIBRARY, agentmem.__version__, meter_provider)
        self._counters = _counters(meter)
        self._histograms = _histograms(meter)

    def span(self, name: str, labels: Labels, *, duration: str, scope: Scope | None = None) -> _OpenSpan:
        """See :class:`agentmem.protocols.Observer`."""
        marks = {} if scope is None else {SCOPE: self._mark(scope)}
        return _OpenSpan(self._tracer, self._histograms[duration], name, labels, marks)

    def count(self, name: str, amount: float, labels: Labels) -> None:
        """See :class:`agentmem.protocols.Observer`."""
        self._counters[name].add(amount, labels)

    def record(self, name: str, value: float, labels: Labels) -> None:
        """See :class:`agentmem.protocols.Observer`."""
        self._histograms[name].record(value, labels)

    def _mark(self, scope: Scope) -> str:
        if self._scope_names:
            return scope.path
        return hashlib.blake2b(scope.path.encode(), key=self._key, digest_size=8).hexdigest()


class _OpenSpan:
    """A span that is current in its ``with`` block, and whose seconds go into a histogram at its end."""

    __slots__ = ("_histogram", "_labels", "_marks", "_name", "_span", "_started", "_token", "_tracer")

    def __init__(self, tracer: Tracer, histogram: Histogram, name: str, labels: Labels, marks: dict[str, str]) -> None:
        self._tracer = tracer
        self._histogram = histogram
        self._name = name
        self._labels: dict[str, Label] = dict(labels)
        self._marks = marks

    def set(self, name: str, value: Attribute) -> None:
        self._span.set_attribute(name, value)

    def label(self, name: str, value: Label) -> None:
        self._labels[name] = value
        self._span.set_attribute(name, value)

    def __enter__(self) -> Self:
        kind = SpanKind.CLIENT if _MODEL in self._labels else SpanKind.INTERNAL
        self._span = self._tracer.start_span(self._name, kind=kind, attributes={**self._labels, **self._marks})
        around: Context = trace.set_span_in_context(self._span)
        self._token = context.attach(around)
        self._started = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        seconds = time.perf_counter() - self._started
        if kind is not None:  # by its type alone: what it says may quote what it is about
            self.label(ERROR, kind.__qualname__)
            self._span.set_status(Status(StatusCode.ERROR))
        self._histogram.record(seconds, self._labels)  # while the span is current: it becomes the exemplar
        context.detach(self._token)
        self._span.end()


def _counters(meter: Meter) -> dict[str, Counter]:
    chosen = (one for one in INSTRUMENTS.values() if one.kind is Kind.COUNTER)
    return {one.name: meter.create_counter(one.name, unit=one.unit, description=one.meaning) for one in chosen}


def _histograms(meter: Meter) -> dict[str, Histogram]:
    chosen = (one for one in INSTRUMENTS.values() if one.kind is Kind.HISTOGRAM)
    return {
        one.name: meter.create_histogram(
            one.name, unit=one.unit, description=one.meaning, explicit_bucket_boundaries_advisory=one.bounds
        )
        for one in chosen
    }
