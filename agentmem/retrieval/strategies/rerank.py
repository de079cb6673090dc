"""Rank once, then let a model judge each of the best (Structural Memory, section 3.2: reranking).

A language model scores documents from 1 to 10, ten at a time. Without one, a cross-encoder can judge
(:func:`by_cross_encoder`); with neither, or where nothing could be judged, the order stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from agentmem.errors import LLMError
from agentmem.llm import LLM
from agentmem.prompts.library import render
from agentmem.prompts.replies.asking import Relevance
from agentmem.protocols import FloatArray
from agentmem.retrieval.search import Found, Rank, Search, Strategy, single

POOL = 100
"""How many are judged (the paper's K)."""
BATCH = 10
_HIGHEST = 10.0

CrossEncoder = Callable[[str, Sequence[str]], FloatArray]
"""Relevance of each text to a question, any scale, higher is better; shape ``(n,)``."""


def rerank(search: Search, rank: Rank, k: int) -> list[Found]:
    """The best ``k`` by the language model's judgement; what it did not judge keeps its place behind."""
    found = single(search, rank, max(POOL, k))
    if search.llm is None or not found:
        return found[:k]
    scores = _judged(search.llm, search.text, found)
    return found[:k] if scores.count(None) == len(scores) else _ordered(found, scores, "judged")[:k]


def by_cross_encoder(judge: CrossEncoder) -> Strategy:
    """The same with a cross-encoder, for example ``sentence_transformers.CrossEncoder(...).predict``."""

    def strategy(search: Search, rank: Rank, k: int) -> list[Found]:
        found = single(search, rank, max(POOL, k))
        if not found:
            return []
        scores = judge(search.text, [one.memory.text for one in found])
        low, high = float(np.min(scores)), float(np.max(scores))
        scaled = [(float(score) - low) / (high - low) if high > low else 1.0 for score in scores]
        return _ordered(found, scaled, "judged")[:k]

    return strategy


def _judged(llm: LLM, question: str, found: Sequence[Found]) -> list[float | None]:
    """Scores in [0, 1]; ``None`` where the model gave none."""
    batches = [found[start : start + BATCH] for start in range(0, len(found), BATCH)]
    prompts = [render("rerank", question=question, documents=_numbered(batch)) for batch in batches]
    scores: list[float | None] = []
    for batch, answer in zip(batches, llm.complete_many(prompts, Relevance), strict=True):
        given = (
            {} if isinstance(answer, LLMError) else {one.number: one.score / _HIGHEST for one in answer.value.scores}
        )
        scores += [given.get(number) for number in range(len(batch))]
    return scores


def _numbered(batch: Sequence[Found]) -> str:
    """One line each, so that no text can pass for another document."""
    return "\n".join(f"[{number}] {' '.join(one.memory.text.split())}" for number, one in enumerate(batch))


def _ordered(found: Sequence[Found], scores: Sequence[float | None], signal: str) -> list[Found]:
    """By judgement, ties in the order found; what was not judged comes last, and keeps its score below."""
    judged = [(one, score) for one, score in zip(found, scores, strict=True) if score is not None]
    judged.sort(key=lambda pair: -pair[1])
    lowest = min((score for _one, score in judged), default=1.0)
    rest = [one for one, score in zip(found, scores, strict=True) if score is None]
    return [_scored(one, score, signal, score) for one, score in judged] + [
        _scored(one, lowest * one.scored.score, signal, 0.0) for one in rest
    ]


def _scored(one: Found, score: float, signal: str, value: float) -> Found:
    return replace(one, scored=replace(one.scored, score=score, signals={**one.scored.signals, signal: value}))
