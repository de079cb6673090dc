"""An observer that speaks to OpenTelemetry's real SDK, exporting into memory, and what it saw."""

from __future__ import annotations

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from agentmem.observing import OpenTelemetry


class Watched:
    """An observer, and what it saw."""

    def __init__(self, **options):
        self._exporter, self._reader = InMemorySpanExporter(), InMemoryMetricReader()
        tracers, self._meters = TracerProvider(), MeterProvider([self._reader])
        tracers.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracer = tracers.get_tracer("the agent")
        self.observer = OpenTelemetry(tracers, self._meters, **options)

    def close(self):
        self._meters.shutdown()

    def clear(self):
        self._exporter.clear()

    @property
    def spans(self):
        return self._exporter.get_finished_spans()

    def named(self, name):
        return [span for span in self.spans if span.name == name]

    def one(self, name):
        (span,) = self.named(name)
        return span

    def parent(self, span):
        """The name of the span around a span."""
        if span.parent is None:
            return None
        return next(other.name for other in self.spans if other.context.span_id == span.parent.span_id)

    def exported(self):
        """Everything that would leave the process, as one string."""
        data = self._reader.get_metrics_data()
        return "\n".join([*(span.to_json() for span in self.spans), data.to_json() if data else ""])

    def metric(self, name):
        """The points of an instrument: its attributes, and its sum and count (or its value twice)."""
        data = self._reader.get_metrics_data()
        found = [
            metric
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
        ]
        points = [point for metric in found for point in metric.data.data_points]
        return [
            (dict(point.attributes), getattr(point, "sum", getattr(point, "value", None)), getattr(point, "count", 1))
            for point in points
        ]
