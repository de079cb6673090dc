"""A hit's signals in words."""

from __future__ import annotations

from collections.abc import Mapping

from agentmem.types import Memory

_WORDS = 0.25
_MEANING = 0.35


def reasons(signals: Mapping[str, float], memory: Memory) -> tuple[str, ...]:
    """Why this memory was found."""
    found = []
    if signals["bm25_share"] >= _WORDS:
        found.append(f"shares the query's words (BM25 share {signals['bm25_share']:.2f})")
    elif signals["bm25_window"] >= _WORDS:
        found.append(f"its neighbours share the query's words (BM25 {signals['bm25_window']:.2f})")
    if signals["dense"] >= _MEANING:
        found.append(f"similar in meaning (cosine {signals['dense']:.2f})")
    elif signals["context"] >= _MEANING:
        found.append(f"the talk around it is similar in meaning (cosine {signals['context']:.2f})")
    if signals["speaker"] > 0:
        found.append(f"said by {memory.speaker or 'the ' + str(memory.role)}, whom the query asks about")
    if signals["date"]:
        found.append(f"from {memory.at:%d %B %Y}, a time the query names")
    if signals["answers"]:
        found.append("follows a question")
    return tuple(found) or ("the best of what is there",)
