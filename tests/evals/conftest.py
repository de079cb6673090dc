"""What the evaluations' tests share: hand-written data in LoCoMo's format, an embedder and a system without a model."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from agentmem_evals.datasets.locomo import load_locomo
from agentmem_evals.types import Body, Dataset, Retrieved

from agentmem.protocols import FloatArray
from agentmem.types import Usage

SMALL = Path(__file__).parent / "data" / "locomo_small.json"


class WordEmbedder:
    """A deterministic embedder without a model: each word is a fixed random direction. Counts what it is asked."""

    fingerprint = "words-64"
    dimension = 64

    def __init__(self) -> None:
        self.documents: list[str] = []
        self.queries: list[str] = []

    def embed_documents(self, texts: Sequence[str]) -> FloatArray:
        self.documents += texts
        return np.stack([self._vector(text) for text in texts])

    def embed_query(self, text: str) -> FloatArray:
        self.queries.append(text)
        return self._vector(text)

    def _vector(self, text: str) -> FloatArray:
        total = np.full(self.dimension, 1e-3, dtype=np.float32)
        for word in text.lower().split():
            seed = int.from_bytes(hashlib.sha256(word.strip(".,!?'").encode()).digest()[:8], "big")
            total += np.random.default_rng(seed).standard_normal(self.dimension).astype(np.float32)
        return (total / np.linalg.norm(total)).astype(np.float32)


class ScriptedSystem:
    """Answers from a table of question text to items; what is not in the table finds nothing.

    A value that is an exception is raised, and one that is a whole finding is given as it is. ``broken`` names bodies
    whose ingestion fails.
    """

    name = "scripted"

    def __init__(
        self, answers: Mapping[str, Sequence[str] | Retrieved | BaseException], broken: Sequence[str] = ()
    ) -> None:
        self.answers = answers
        self.broken = broken
        self.ingested: list[str] = []
        self.asked: list[str] = []
        self.asked_at: list[datetime | None] = []
        self._usage = Usage()

    def describe(self) -> Mapping[str, Any]:
        return {"name": self.name}

    def ingest(self, body: Body) -> None:
        if body.id in self.broken:
            raise OSError("the disk is gone")
        self.ingested.append(body.id)
        self._usage = replace(self._usage, embedded_texts=self._usage.embedded_texts + len(list(body.items)))

    def retrieve(self, question: str, k: int, *, asked_at: datetime | None = None) -> Retrieved:
        self.asked.append(question)
        self.asked_at.append(asked_at)
        self._usage = replace(self._usage, embedded_texts=self._usage.embedded_texts + 1)
        answer = self.answers.get(question, ())
        if isinstance(answer, BaseException):
            raise answer
        return answer if isinstance(answer, Retrieved) else Retrieved(tuple(answer))

    def usage(self) -> Usage:
        return self._usage

    def stored_bytes(self) -> int:
        return 10

    def close(self) -> None:
        """Nothing to release."""


@pytest.fixture
def small_path() -> Path:
    """The hand-written data set's file."""
    return SMALL


@pytest.fixture
def small() -> Dataset:
    """Two conversations and ten questions that hold every trap of LoCoMo's format."""
    return load_locomo(SMALL)


@pytest.fixture
def word_embedder() -> WordEmbedder:
    """An embedder that needs no model."""
    return WordEmbedder()


@pytest.fixture
def scripted() -> Callable[..., ScriptedSystem]:
    """Makes a system that answers from a table."""
    return ScriptedSystem
