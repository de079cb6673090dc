"""A hit's signals in words."""

from __future__ import annotations

from collections.abc import Mapping

from agentmem.types import Memory

_STRONG, _SOME = 0.66, 0.33


def reasons(signals: Mapping[str, float], memory: Memory) -> tuple[str, ...]:
    """Why this memory was found, strongest kind of reason first."""
    found = []
    if (degree := _degree(signals["bm25"])) is not None:
        found.append(f"shares {degree} of the query's words (best match = 1: {signals['bm25']:.2f})")
    elif (degree := _degree(signals["bm25_window"])) is not None:
        found.append(f"its neighbours share {degree} of the query's words ({signals['bm25_window']:.2f})")
    if signals["dense"] > 0.3:
        found.append(f"similar in meaning (cosine {signals['dense']:.2f})")
    elif signals["context"] > 0.3:
        found.append(f"the talk around it is similar in meaning ({signals['context']:.2f})")
    if signals["speaker"]:
        found.append(f"said by {memory.speaker}, whom the query names")
    if signals["assistant"]:
        found.append("said by the assistant, whom the query asks about")
    if signals["date"]:
        found.append(f"from {memory.at:%B %Y}, as the query says")
    if signals["answers"]:
        found.append("follows a question")
    return tuple(found)


def _degree(share: float) -> str | None:
    if share >= _STRONG:
        return "most"
    return "some" if share >= _SOME else None
