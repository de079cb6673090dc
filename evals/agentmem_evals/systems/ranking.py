"""From the library's hits to a ranking of items, whatever kinds of memory the hits are."""

from __future__ import annotations

from collections.abc import Iterable

from agentmem.types import Hit

AT_ONCE = 3
"""How many sources a hit brings in at its own place. An observation of LoCoMo has at most three; a summary of a session
has all its turns, and would fill the ranking alone."""


def item_refs(hits: Iterable[Hit]) -> tuple[str, ...]:
    """The items that hits come from, each once, in the order of the hits and of each hit's sources.

    What a hit has beyond :data:`AT_ONCE` items comes after all hits, in the same order.
    """
    ranked: dict[str, None] = {}
    rest: list[str] = []
    for hit in hits:
        refs = tuple(dict.fromkeys(source.ref for source in hit.sources if source.ref is not None))
        ranked.update(dict.fromkeys(refs[:AT_ONCE]))
        rest += refs[AT_ONCE:]
    return tuple(dict.fromkeys([*ranked, *rest]))
