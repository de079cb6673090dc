"""What OpenTelemetry's conventions for generative AI call a model.

https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
"""

from __future__ import annotations

from agentmem.protocols import Label

_PROVIDERS = ("openai", "sentence-transformers")
_OTHER = "_OTHER"


def model_labels(operation: str, name: str) -> dict[str, Label]:
    """The operation (``chat``, ``embeddings``), the provider and the model, from a model's name or fingerprint."""
    provider, _, model = name.partition(":")
    if provider not in _PROVIDERS:
        provider, model = _OTHER, name
    return {"gen_ai.operation.name": operation, "gen_ai.provider.name": provider, "gen_ai.request.model": model}
