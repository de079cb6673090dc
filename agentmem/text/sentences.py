"""Cutting a text into sentences, and sentences into pieces of bounded length, keeping character spans."""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]
"""``[start, end)`` in code points."""

_BORDER = re.compile(
    r"""
    (?<=[.!?…。！？])["'”’)\]]*\s+      # after closing punctuation and what closes with it
    (?<!\b[A-Z]\.\s)(?<!\bMr\.\s)(?<!\bMs\.\s)(?<!\bDr\.\s)(?<!\bSt\.\s)(?<!\bMrs\.\s)(?<!\be\.g\.\s)(?<!\bi\.e\.\s)
    | (?<=[。！？])                     # scripts that put no space there
    | (?<!\s)\s*\n\s*\n\s*             # a blank line (looked for once in each run of white space)
    """,
    re.VERBOSE,
)


def sentences(text: str) -> list[Span]:
    """Spans of the sentences: in order, without the white space around them, none empty."""
    spans: list[Span] = []
    start = 0
    for border in _BORDER.finditer(text):
        spans.append((start, border.end()))
        start = border.end()
    spans.append((start, len(text)))
    return [trimmed for span in spans if (trimmed := _trim(text, span))]


def _trim(text: str, span: Span) -> Span | None:
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None


def pieces(text: str, limit: int) -> list[Span]:
    """Spans of at most ``limit`` characters, made of whole sentences where sentences are short enough.

    A sentence longer than the limit is cut at white space, or through a word longer than the limit. Together the
    spans cover every character of the text that is not white space.
    """
    packed: list[Span] = []
    for start, end in (part for span in sentences(text) for part in _cut(text, span, limit)):
        if packed and end - packed[-1][0] <= limit:
            packed[-1] = (packed[-1][0], end)
        else:
            packed.append((start, end))
    return packed


def _cut(text: str, span: Span, limit: int) -> Iterator[Span]:
    start, end = span
    while end - start > limit:
        space = max(text.rfind(" ", start + 1, start + limit + 1), text.rfind("\n", start + 1, start + limit + 1))
        stop = space if space > start else start + limit
        if trimmed := _trim(text, (start, stop)):
            yield trimmed
        start = stop
    if trimmed := _trim(text, (start, end)):
        yield trimmed
