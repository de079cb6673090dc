"""The short-term memory: topic segments wait until there are enough of them for one question to the model.

LightMem (arXiv 2510.18866, section 3.2): segments are gathered, over sessions, until the next one would go beyond
``th`` tokens; then all of them go to the model at once. So a conversation costs a call for each ``th`` tokens, however
many sessions and topics it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

THRESHOLD = 768
"""``th``, the paper's on LoCoMo; its code has 512."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Turns about one topic.

    Attributes:
        unit: the number of the session (or document) they are from.
        lines: the numbers of its chunks, ascending; at least one.
        texts: what is shown of each, compressed.
        tokens: of these texts.
    """

    unit: int
    lines: tuple[int, ...]
    texts: tuple[str, ...]
    tokens: int


def gathered(segments: Iterable[Segment], threshold: int = THRESHOLD) -> Iterator[tuple[Segment, ...]]:
    """Segments in order, as many together as have at most ``threshold`` tokens; a larger one alone."""
    held: list[Segment] = []
    tokens = 0
    for segment in segments:
        if held and tokens + segment.tokens > threshold:
            yield tuple(held)
            held, tokens = [], 0
        held.append(segment)
        tokens += segment.tokens
    if held:
        yield tuple(held)
