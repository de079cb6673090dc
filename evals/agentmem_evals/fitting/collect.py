"""Examples to fit on: every candidate the library considers for a question, with its signals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from agentmem import AgentMemory, ScopeHandle
from agentmem.protocols import Embedder
from agentmem.types import Message
from agentmem_evals.fitting.model import Example
from agentmem_evals.types import Conversation, Question, Turn

EVERY_CANDIDATE = 10_000


def collect(
    conversations: Sequence[Conversation],
    questions: Sequence[Question],
    signals: Sequence[str],
    embedder: Embedder,
    advance: Callable[[str], None],
) -> list[Example]:
    """Add every conversation to a store of its own scope and ask its questions; the store is thrown away."""
    examples: list[Example] = []
    with (
        TemporaryDirectory(prefix="agentmem-fit-") as folder,
        AgentMemory.open(Path(folder) / "memory.db", embedder=embedder) as store,
    ):
        for conversation in conversations:
            advance(conversation.id)
            handle = store.scope("fit", conversation.id)
            handle.add([_message(turn) for turn in conversation.turns])
            asked = [question for question in questions if question.conversation == conversation.id]
            examples += [_example(handle, question, signals) for question in asked]
    return examples


def _message(turn: Turn) -> Message:
    return Message(text=turn.text, speaker=turn.speaker, session=turn.session, at=turn.at, ref=turn.id)


def _example(handle: ScopeHandle, question: Question, signals: Sequence[str]) -> Example:
    hits = handle.retrieve(question.text, k=EVERY_CANDIDATE)
    evidence = set(question.evidence)
    return Example(
        group=question.conversation,
        signals=np.array([[hit.signals[name] for name in signals] for hit in hits], dtype=np.float64),
        relevant=np.array([any(source.ref in evidence for source in hit.sources) for hit in hits]),
        evidence=len(evidence),
    )
