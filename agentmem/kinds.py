"""The kinds of memory, and which of them live in a layer of their own.

What people said and what documents say (``chunk``, and whatever a caller's ``update`` made of it) is searched together.
Everything derived from it lives in one layer for each kind, with its own word statistics and its own vectors, so that
building facts or a tree never changes what a search of the texts themselves finds.
"""

from __future__ import annotations

CHUNK = "chunk"
FACT = "fact"
TRIPLE = "triple"
ENTITY = "entity"
SUMMARY = "summary"
ROLLING = "rolling"
MEMTREE = "memtree"
RAPTOR = "raptor"
MEMWALKER = "memwalker"
INSIGHT = "insight"
PROFILE = "profile"
ANSWER = "answer"
EVENT = "event"
SURPRISE_EVENT = "surprise-event"
SEGMENT = "segment"
DOMAIN = "domain"
CATEGORY = "category"
TRACE = "trace"
EXPERIENCE_NOTE = "experience-note"
SELF_NOTE = "self-note"
SHORT_TERM = "short-term"
REFLECTION = "reflection"
NOTE = "note"

DERIVED = frozenset(
    {
        FACT,
        TRIPLE,
        ENTITY,
        SUMMARY,
        ROLLING,
        MEMTREE,
        RAPTOR,
        MEMWALKER,
        INSIGHT,
        PROFILE,
        ANSWER,
        EVENT,
        SURPRISE_EVENT,
        SEGMENT,
        DOMAIN,
        CATEGORY,
        TRACE,
        EXPERIENCE_NOTE,
        SELF_NOTE,
        SHORT_TERM,
        REFLECTION,
        NOTE,
    }
)

TEXT = "text"
"""The layer of the texts themselves."""

ABSORBS = "absorbs"
"""The edge from a memory to a retired one that repeats it. What absorbed it is forgotten: it comes back."""

SUPERSEDES = "supersedes"
"""The edge from a memory to the one it ended the truth of. What ended it is forgotten: it is open again."""

RELATED = "related"
"""The edge between two facts that are alike and name the same thing, from the newer one; its weight is their cosine."""

CO_FIRED = "co-fired"
"""The edge between two memories that were on the mind at once; its weight is how often. To itself: how often at all."""

IMPORTANCE = "importance"
"""The edge from a memory to itself whose weight is how much it matters, from 1 to 10."""

LINKED = "linked"
"""The edge from a note to the text that it is of, or to an older note that it belongs with; its weight: the cosine."""

SUMMARISES = "summarises"
"""The edge from a summary to what it was made of. What is forgotten takes every summary above it along."""


def layer_of(kind: str) -> str:
    """The layer in which memories of a kind are searched."""
    return kind if kind in DERIVED else TEXT
