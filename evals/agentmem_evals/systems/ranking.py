"""From the library's hits to a ranking of items, whatever kinds of memory the hits are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agentmem.types import Hit

AT_ONCE = 3
"""How many sources a hit brings in at its own place. An observation of LoCoMo has at most three; a summary of a session
has all its turns, and would fill the ranking alone."""


def ranked_items(hits: Iterable[Hit]) -> dict[str, Mapping[str, float]]:
    """The items that hits come from, each once, in the order of the hits and of each hit's sources.

    What a hit has beyond :data:`AT_ONCE` items comes after all hits, in the same order. With each item stand the
    signals of the hit that put it in its place.
    """
    ranked: dict[str, Mapping[str, float]] = {}
    rest: list[tuple[str, Mapping[str, float]]] = []
    for hit in hits:
        refs = tuple(dict.fromkeys(source.ref for source in hit.sources if source.ref is not None))
        for ref in refs[:AT_ONCE]:
            ranked.setdefault(ref, hit.signals)
        rest += [(ref, hit.signals) for ref in refs[AT_ONCE:]]
    for ref, signals in rest:
        ranked.setdefault(ref, signals)
    return ranked
