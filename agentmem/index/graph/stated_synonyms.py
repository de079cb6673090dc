"""Which nodes are synonyms of which, so that the result depends on what was said and not on the order of saying it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


class StatedSynonyms:
    """For each node, the cosines that were stated for it. A pair has the higher of what its two sides state."""

    def __init__(self) -> None:
        # Both directions are always there: [a][b] is what was stated for a; 0.0 if only b names a.
        self._stated: dict[int, dict[int, float]] = {}

    def cosine(self, one: int, other: int) -> float:
        """The cosine of a pair; 0 if they are no synonyms."""
        near = self._stated.get(one)
        if near is None or other not in near:
            return 0.0
        return max(near[other], self._stated[other][one])

    def state(self, node: int, cosines: Mapping[int, float]) -> tuple[int, ...]:
        """Put what is stated for a node in place of what was; return all nodes whose pair with it may have changed."""
        before = self._stated.get(node, {})
        gone = [other for other, cosine in before.items() if cosine and other not in cosines]
        for other in gone:
            self._set(node, other, 0.0)
        for other, cosine in cosines.items():
            self._set(node, other, cosine)
        return (*gone, *cosines)

    def drop(self, node: int) -> tuple[int, ...]:
        """Forget everything about a node; return the nodes that it was paired with."""
        others = tuple(self._stated.pop(node, ()))
        for other in others:
            self._remove(other, node)
        return others

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Every pair once, the smaller number first."""
        return ((one, other) for one, near in self._stated.items() for other in near if one < other)

    def _set(self, node: int, other: int, cosine: float) -> None:
        theirs = self._stated.get(other, {}).get(node, 0.0)
        if cosine or theirs:
            self._stated.setdefault(node, {})[other] = cosine
            self._stated.setdefault(other, {})[node] = theirs
        else:
            self._remove(node, other)
            self._remove(other, node)

    def _remove(self, node: int, other: int) -> None:
        near = self._stated.get(node)
        if near is not None:
            near.pop(other, None)
            if not near:
                del self._stated[node]
