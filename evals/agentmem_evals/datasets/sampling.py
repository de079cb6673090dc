"""A part of what there is to ask."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def chosen(all_: Sequence[T], limit: int | None, seed: int | str | None) -> tuple[T, ...]:
    """At most ``limit`` in their order: the first ones or, with a ``seed``, as many drawn at random."""
    if limit is None or limit >= len(all_):
        return tuple(all_)
    if seed is None:
        return tuple(all_[:limit])
    drawn = random.Random(seed).sample(range(len(all_)), limit)  # noqa: S311 - a sample, no secret
    return tuple(all_[position] for position in sorted(drawn))
