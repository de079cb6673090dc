"""Vectors of chunks and of the nodes above them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agentmem.protocols import FloatArray
from agentmem.structures.structure import Models, View
from agentmem.types import Memory, Usage


def chunk_vectors(chunks: Sequence[Memory], view: View, models: Models) -> FloatArray:
    """Unit vectors, shape ``(n, dimension)``: as stored, or else made now. Zeros without an embedding model."""
    vectors = unit_rows(view.vectors(chunks))
    missing = [row for row, has_one in enumerate(np.any(vectors != 0, axis=1).tolist()) if not has_one]
    if missing and models.embed is not None:
        made = models.embed([_indexed(chunks[row]) for row in missing])
        if vectors.shape[1] != made.shape[1]:  # none is stored, so the store cannot know how long they are
            vectors = np.zeros((len(chunks), made.shape[1]), dtype=np.float32)
        vectors[missing] = made
    return vectors


def written_vectors(nodes: Sequence[Memory], models: Models) -> tuple[FloatArray | None, Usage]:
    """The vectors of nodes whose texts a model wrote, shape ``(n, dimension)``.

    ``None`` when texts are picked from those below: then the mean of the vectors below is as good, and free.
    """
    if models.llm is None or models.embed is None or not nodes:
        return None, Usage()
    return models.embed([_indexed(node) for node in nodes]), Usage(embedded_texts=len(nodes))


def _indexed(memory: Memory) -> str:
    """The text by which the store embeds it."""
    return f"{memory.title}. {memory.text}" if memory.title else memory.text


def unit_rows(vectors: FloatArray) -> FloatArray:
    """Each row at length 1; zeros stay zeros."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    found: FloatArray = (vectors / np.where(norms > 0, norms, 1.0)).astype(np.float32)
    return found
