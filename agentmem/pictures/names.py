"""Where the names of points are written, so that no name covers a point or another name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_LETTER = 0.56
"""How wide a letter is, in font sizes, at most fonts."""
_ALWAYS = 8
"""So many names are written even where they cover something."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point at ``x``, ``y``, and its name; an empty name is not written."""

    x: float
    y: float
    radius: float
    name: str
    size: float


@dataclass(frozen=True, slots=True)
class Written:
    """A name's anchor relative to its point, how it is aligned there, what it covers, and whether there is room."""

    x: float
    y: float
    align: str
    box: Box
    fits: bool


def write_names(points: Sequence[Point]) -> list[Written]:
    """A place for the name of each point, the most important point first: below, above, right or left of it."""
    discs = [_disc(point) for point in points]
    kept: list[Box] = []
    found: list[Written] = []
    for number, point in enumerate(points):
        if not point.name:
            found.append(Written(0.0, 0.0, "middle", discs[number], fits=False))
            continue
        others = [disc for place, disc in enumerate(discs) if place != number]
        options = _options(point)
        free = next((one for one in options if not _covers(one.box, others) and not _covers(one.box, kept)), None)
        if free is None and number < _ALWAYS:  # then at least nothing more important, which is drawn on top
            above = [*discs[:number], *kept]
            free = next((one for one in options if not _covers(one.box, above)), None)
        if free is None:
            found.append(Written(options[0].x, options[0].y, "middle", discs[number], fits=False))
            continue
        kept.append(free.box)
        found.append(free)
    return found


def _options(point: Point) -> list[Written]:
    wide, high, away = _LETTER * point.size * len(point.name), 1.2 * point.size, point.radius + 2.0
    beside = [
        (0.0, away + 0.9 * point.size, "middle", -wide / 2, away),
        (0.0, -away - 0.3 * point.size, "middle", -wide / 2, -away - high),
        (away + 2.0, 0.35 * point.size, "start", away + 2.0, -high / 2),
        (-away - 2.0, 0.35 * point.size, "end", -away - 2.0 - wide, -high / 2),
    ]
    return [
        Written(x, y, align, (point.x + left, point.y + top, point.x + left + wide, point.y + top + high), fits=True)
        for x, y, align, left, top in beside
    ]


def _disc(point: Point) -> Box:
    return point.x - point.radius, point.y - point.radius, point.x + point.radius, point.y + point.radius


def _covers(box: Box, others: Sequence[Box]) -> bool:
    left, top, right, bottom = box
    return any(left < one[2] and one[0] < right and top < one[3] and one[1] < bottom for one in others)
