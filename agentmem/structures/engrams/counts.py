"""How often memories fired together: Memoria's matrix of counts (arXiv 2310.03052, section 3.2), kept sparse.

``count_ij`` is in how many steps ``i`` and ``j`` fired, ``count_ii`` in how many ``i`` did at all, so that ``P(j | i) =
count_ij / count_ii``. The paper keeps the whole matrix. Here an engram keeps its strongest companions only, so that the
matrix grows with the number of engrams, not with its square: a pair stays while it is among the strongest of either.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from agentmem.ids import EDGE, new_id
from agentmem.kinds import CO_FIRED
from agentmem.operations import Link, Operation, Unlink
from agentmem.types import Edge

Pair = tuple[str, str]


@dataclass(slots=True)
class Counts:
    """The matrix, of memories by id. It is symmetric: a pair stands in it once, the lesser id first."""

    _fires: dict[str, int] = field(default_factory=dict)
    _together: dict[str, dict[str, int]] = field(default_factory=dict)
    _stored: dict[Pair, int] = field(default_factory=dict)
    _changed: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, edges: Iterable[Edge]) -> Counts:
        """From the edges that there are."""
        counts = cls()
        for edge in edges:
            counts._set(edge.source, edge.target, round(edge.weight))
            counts._stored[_pair(edge.source, edge.target)] = round(edge.weight)
        return counts

    def fires(self, engram: str) -> int:
        """``count_ii``."""
        return self._fires.get(engram, 0)

    def together(self, one: str, other: str) -> int:
        """``count_ij``."""
        return self.fires(one) if one == other else self._together.get(one, {}).get(other, 0)

    def chance(self, other: str, given: str) -> float:
        """``P(other | given)``; 0 for one that never fired."""
        fires = self.fires(given)
        return self.together(given, other) / fires if fires else 0.0

    def companions(self, engram: str) -> list[str]:
        """Those that fired with it, the strongest first, among equals the one with the greater id."""
        return [other for other, _count in self._ranked(engram)]

    def fire(self, engrams: Sequence[str]) -> None:
        """One step in which all of these fired: one more for each, and for each pair of them."""
        once = sorted(set(engrams))
        for one in once:
            self._set(one, one, self.fires(one) + 1)
        for one, other in combinations(once, 2):
            self._set(one, other, self.together(one, other) + 1)
        self._changed.update(once)

    def prune(self, most: int) -> None:
        """Of engrams that fired since last time, drop the pairs that are among the ``most`` strongest of neither."""
        strongest: dict[str, set[str]] = {}

        def among(one: str, other: str) -> bool:
            if one not in strongest:
                strongest[one] = {name for name, _count in self._ranked(one)[:most]}
            return other in strongest[one]

        dropped = [
            (one, other)
            for one in sorted(self._changed)
            for other in self._together.get(one, {})
            if not among(one, other) and not among(other, one)
        ]
        for one, other in dropped:
            self._together[one].pop(other, None)
            self._together[other].pop(one, None)
        self._changed.clear()

    def operations(self) -> tuple[Operation, ...]:
        """What makes the stored edges say the same; from then on they do."""
        now = {(one, one): count for one, count in self._fires.items()}
        for one, others in self._together.items():
            now.update({_pair(one, other): count for other, count in others.items()})
        gone = [Unlink(_edge(pair, count)) for pair, count in self._stored.items() if pair not in now]
        new = [Link(_edge(pair, count)) for pair, count in now.items() if self._stored.get(pair) != count]
        self._stored = now
        return (*gone, *new)

    def _ranked(self, engram: str) -> list[tuple[str, int]]:
        others = self._together.get(engram, {})
        return sorted(others.items(), key=lambda one: (one[1], one[0]), reverse=True)

    def _set(self, one: str, other: str, count: int) -> None:
        if one == other:
            self._fires[one] = count
        else:
            self._together.setdefault(one, {})[other] = count
            self._together.setdefault(other, {})[one] = count


def _pair(one: str, other: str) -> Pair:
    return (one, other) if one <= other else (other, one)


def _edge(pair: Pair, count: int) -> Edge:
    return Edge(new_id(EDGE), CO_FIRED, *pair, float(count))
