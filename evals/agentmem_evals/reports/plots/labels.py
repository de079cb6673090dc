"""Where the names of lines and points go, so that none lies on another. Lengths are units of the figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 26
"""Letters of a name that are shown."""
_LETTER = 0.6
"""Width of a letter of the sans-serif fonts in sizes of the font, rather too much."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its left lower corner."""

    x: float
    y: float
    width: float
    height: float

    def overlap(self, other: Box) -> float:
        """The area that both cover."""
        across = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        up = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        return max(across, 0.0) * max(up, 0.0)

    def distance(self, x: float, y: float) -> float:
        """From a point to the nearest edge; 0 inside."""
        across = max(self.x - x, 0.0, x - self.x - self.width)
        up = max(self.y - y, 0.0, y - self.y - self.height)
        return float((across**2 + up**2) ** 0.5)


def shown(name: str) -> str:
    """A name, cut where it is too long for a plot."""
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"


def width_of(name: str, size: float) -> float:
    """About how wide a name is at this size of the font."""
    return len(name) * size * _LETTER


def spread(wanted: Sequence[float], gap: float) -> list[float]:
    """Places at least ``gap`` apart, in the order of those wanted and as near to them as a least-squares fit gets.

    Neighbours that are too close move together around their mean (pooling of adjacent violators).
    """
    order = sorted(range(len(wanted)), key=lambda position: wanted[position])
    groups: list[list[int]] = []
    for position in order:
        groups.append([position])
        while len(groups) > 1 and _top(groups[-2], wanted, gap) + gap > _bottom(groups[-1], wanted, gap):
            last = groups.pop()
            groups[-1] += last
    placed = [0.0] * len(wanted)
    for group in groups:
        start = _bottom(group, wanted, gap)
        for step, position in enumerate(group):
            placed[position] = start + step * gap
    return placed


def _bottom(group: Sequence[int], wanted: Sequence[float], gap: float) -> float:
    return sum(wanted[position] for position in group) / len(group) - gap * (len(group) - 1) / 2


def _top(group: Sequence[int], wanted: Sequence[float], gap: float) -> float:
    return _bottom(group, wanted, gap) + gap * (len(group) - 1)


def place(
    points: Sequence[tuple[float, float]], sizes: Sequence[tuple[float, float]], taken: Sequence[Box], inside: Box
) -> list[Box]:
    """A box for the name of each point: near it, on no other name, and on as little as possible of ``taken``.

    Points are served from the top down, each with the nearest of the places around it that covers least.

    Args:
        points: what is named.
        sizes: width and height of each name.
        taken: what should stay uncovered, such as markers and error bars.
        inside: where names may be.
    """
    placed: dict[int, Box] = {}
    for position in sorted(range(len(points)), key=lambda one: -points[one][1]):
        (x, y), (width, height) = points[position], sizes[position]
        best = min(
            _around(x, y, width, height),
            key=lambda box: (
                100 * sum(box.overlap(other) for other in placed.values())
                + 10 * (box.width * box.height - box.overlap(inside))
                + sum(box.overlap(other) for other in taken)
                + 0.6 * box.distance(x, y)
            ),
        )
        placed[position] = best
    return [placed[position] for position in range(len(points))]


def _around(x: float, y: float, width: float, height: float) -> list[Box]:
    return [
        Box(left, bottom, width, height)
        for reach in (8.0, 14.0, 22.0, 32.0, 44.0)
        for left, bottom in (
            (x + reach, y - height / 2),
            (x - reach - width, y - height / 2),
            (x - width / 2, y + reach),
            (x - width / 2, y - reach - height),
            (x + reach * 0.7, y + reach * 0.7),
            (x + reach * 0.7, y - reach * 0.7 - height),
            (x - reach * 0.7 - width, y + reach * 0.7),
            (x - reach * 0.7 - width, y - reach * 0.7 - height),
        )
    ]
