"""Models behind the library's protocols. Nothing heavy is imported until a model is used."""

from agentmem.models.loading import load_embedder

__all__ = ["load_embedder"]
