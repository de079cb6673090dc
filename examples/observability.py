"""OpenTelemetry: a span for each verb, and inside it the models and followers at work. Needs the extra `otel`."""

import json

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from agentmem import AgentMemory
from agentmem.observing import OpenTelemetry
from agentmem.testing.chat import ScriptedChat

# Kept in memory, to be printed below. A service exports over OTLP instead, and needs no more than observer="otel".
exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
traces, meters = TracerProvider(), MeterProvider([reader])
traces.add_span_processor(SimpleSpanProcessor(exporter))

NOTHING_FOUND = json.dumps({"entities": [], "triples": [], "facts": [], "summary": ""})
llm = ScriptedChat({"extract": NOTHING_FOUND})  # a real one: llm = "openai:gpt-4o-mini"

with AgentMemory.open(
    "watched.db", embedder="none", llm=llm, recipe="facts", observer=OpenTelemetry(traces, meters)
) as store:
    memory = store.scope("acme", "ana")
    with traces.get_tracer("agent").start_as_current_span("turn of the agent"):
        memory.add("I water the plants on Friday.", speaker="Ana", session="monday")
        memory.context("When does Ana water the plants?")
    memory.consolidate()

spans = sorted(exporter.get_finished_spans(), key=lambda span: span.start_time)
depth = {}
for span in spans:
    depth[span.context.span_id] = 0 if span.parent is None else depth[span.parent.span_id] + 1
    print("  " * depth[span.context.span_id] + span.name)

print("words of Ana in the spans:", sum("plants" in span.to_json() for span in spans))
metrics = reader.get_metrics_data().resource_metrics[0].scope_metrics[0].metrics
print("measured:", ", ".join(sorted(metric.name for metric in metrics)))
meters.shutdown()
