"""``compress``: fitting hits into a token budget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

_T = TypeVar("_T")


def pack(items: Sequence[_T], cost: Callable[[_T], int], budget: int) -> list[_T]:
    """The items, best first, that fit: one that does not fit is passed over, and smaller ones after it still may."""
    kept: list[_T] = []
    left = budget
    for item in items:
        price = cost(item)
        if price <= left:
            kept.append(item)
            left -= price
    return kept
