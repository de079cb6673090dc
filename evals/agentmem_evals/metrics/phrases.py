"""Where phrases stand in a text, word by word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Words ``start`` to ``end`` (exclusive) of a text are the phrase at index ``phrase``."""

    start: int
    end: int
    phrase: int


def places(words: Sequence[str], phrases: Sequence[Sequence[str]]) -> list[Place]:
    """Every place at which one of the phrases stands as a run of whole words, in order.

    A place inside that of a longer phrase does not count: "theatre" is not named where "theatre performance" is.
    Phrases without words stand nowhere.
    """
    found = [
        Place(start, start + len(phrase), index)
        for index, phrase in enumerate(phrases)
        if phrase
        for start in range(len(words) - len(phrase) + 1)
        if list(words[start : start + len(phrase)]) == list(phrase)
    ]
    kept = [place for place in found if not any(_inside(place, other) for other in found)]
    return sorted(kept, key=lambda place: (place.start, place.phrase))


def _inside(place: Place, other: Place) -> bool:
    longer = other.end - other.start > place.end - place.start
    return longer and other.start <= place.start and place.end <= other.end
