"""A hit's signals in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from agentmem.types import Memory

_WORDS = 0.25
_MEANING = 0.35
_CONNECTED = 0.3
_LATELY = 0.95
_MATTERS = 6.0
_TELLING = 1.0  # bit a word
_PLAIN_WEIGHT = 1.0


def reasons(signals: Mapping[str, float], memory: Memory) -> tuple[str, ...]:
    """Why this memory was found."""
    signal = defaultdict(float, signals)
    found = []
    if signal["supporting"] > 0:
        found.append("a short statement that what the query names leads to")
    if signal["bm25_share"] >= _WORDS:
        found.append(f"shares the query's words (BM25 share {signal['bm25_share']:.2f})")
    elif signal["bm25_window"] >= _WORDS:
        found.append(f"its neighbours share the query's words (BM25 {signal['bm25_window']:.2f})")
    if signal["dense"] >= _MEANING:
        found.append(f"similar in meaning (cosine {signal['dense']:.2f})")
    elif signal["context"] >= _MEANING:
        found.append(f"the talk around it is similar in meaning (cosine {signal['context']:.2f})")
    if signal["fact_dense"] >= _MEANING and signal["fact_dense"] > signal["dense"]:
        found.append(f"a fact drawn from it is similar in meaning (cosine {signal['fact_dense']:.2f})")
    if signal["pagerank"] >= _CONNECTED:
        found.append(f"connected to what the query names (PageRank {signal['pagerank']:.2f} of the best)")
    found += _of_recipes(signal)
    if signal["judged"] > 0:
        found.append(f"judged relevant by the model ({signal['judged']:.1f})")
    found += _of_who_and_when(signal, memory)
    return tuple(found) or ("the best of what is there",)


def _of_who_and_when(signal: Mapping[str, float], memory: Memory) -> list[str]:
    """What the query says of speakers and times, and what stands before."""
    found = []
    if signal["speaker"] > 0:
        found.append(f"said by {memory.speaker or 'the ' + str(memory.role)}, whom the query asks about")
    if signal["date"]:
        found.append(f"from {memory.at:%d %B %Y}, a time the query names")
    if signal["day"]:
        found.append("tells of the day that the query names")
    if signal["answers"]:
        found.append("follows a question")
    return found


def _of_recipes(signal: Mapping[str, float]) -> list[str]:
    """What the ranks of published systems go by, beyond words and vectors."""
    found = []
    if signal["cues"] > 0:
        found.append("an event that meets every cue of the question")
    if signal["ngrams"] > 0:
        found.append(f"holds runs of words that are rare here (weight {signal['ngrams']:.2f})")
    if signal["linked"] > 0:
        found.append("linked to a note that was found")
    if signal["beside"] > 0:
        found.append("a note beside the text before it")
    if signal["short_term"] > 0:
        found.append("the short-term memory, which is shown whatever is asked")
    if signal["co_fired"] > 0:
        found.append(f"was on the mind together with what was found (P {signal['co_fired']:.2f})")
    if signal["importance"] >= _MATTERS:
        found.append(f"matters much (importance {signal['importance']:.0f} of 10)")
    if signal["recency"] >= _LATELY:
        found.append(f"happened, or was found, lately (recency {signal['recency']:.2f})")
    if signal["weight"] > _PLAIN_WEIGHT:
        found.append(f"was found useful before (weight {signal['weight']:.2f})")
    if signal["information"] >= _TELLING:
        found.append(f"tells much, and has not faded yet (information {signal['information']:.2f})")
    return found
