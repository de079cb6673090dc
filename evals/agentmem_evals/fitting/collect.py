"""Examples to fit on: every candidate the library considers for a question, with its signals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from agentmem import AgentMemory, ScopeHandle
from agentmem.llm import ChatModel
from agentmem.protocols import Embedder
from agentmem_evals.fitting.model import Example
from agentmem_evals.systems.units import as_input
from agentmem_evals.types import Body, Question

EVERY_CANDIDATE = 10_000


def collect(
    bodies: Sequence[Body],
    questions: Sequence[Question],
    signals: Sequence[str],
    embedder: Embedder,
    advance: Callable[[str], None],
    *,
    recipe: str,
    chat: ChatModel | None = None,
) -> list[Example]:
    """Add every body to a store of its own scope, build what the recipe is made of, and ask its questions.

    The store is thrown away. ``chat`` stands in for a language model; without one, rules build.
    """
    examples: list[Example] = []
    with (
        TemporaryDirectory(prefix="agentmem-fit-") as folder,
        AgentMemory.open(Path(folder) / "memory.db", embedder=embedder, recipe=recipe, llm=chat) as store,
    ):
        for body in bodies:
            advance(body.id)
            handle = store.scope("fit", body.id)
            handle.add([as_input(item) for item in body.items if item.text.strip()])
            handle.consolidate()
            asked = [question for question in questions if question.body == body.id]
            examples += [_example(handle, question, signals) for question in asked]
    return examples


def _example(handle: ScopeHandle, question: Question, signals: Sequence[str]) -> Example:
    hits = handle.retrieve(question.text, k=EVERY_CANDIDATE)
    evidence = set(question.evidence)
    return Example(
        group=question.body,
        signals=np.array([[hit.signals.get(name, 0.0) for name in signals] for hit in hits], dtype=np.float64),
        relevant=np.array([any(source.ref in evidence for source in hit.sources) for hit in hits]),
        evidence=len(evidence),
    )
