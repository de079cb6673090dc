"""What :mod:`agentmem.retrieval.context` renders, taken out of a text again.

A block of memories that was put into a prompt comes back when the conversation is captured. It is no new evidence: it
says what was known. Only what has exactly the form of the block is taken out, so that a text about such blocks, or one
that pretends to be one, loses nothing else.
"""

from __future__ import annotations

import re

from agentmem.ids import MEMORY
from agentmem.retrieval.context import CLOSING, OPENING

RECALLED = "recalled"
"""Metadata of an episode: the ids of the memories that whoever said it was shown."""

_STRING = r'"(?:[^"\\\n]|\\.)*"'
_LINE = rf"\[\d{{4}}-\d\d-\d\d \d\d:\d\d(?: \| [^|\]\n]*)? \| ({MEMORY}[0-9a-z]+)\] {_STRING}"
_LINES = re.compile(rf"^[ \t]*{_LINE}[ \t]*(?:\n|\Z)", re.MULTILINE)
_FRAMES = re.compile(rf"[ \t]*(?:{re.escape(OPENING)}|{re.escape(CLOSING)})[ \t]*\n?")


def without_recalled(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without memories that were rendered into it, and their ids, each once, in order.

    A text without any comes back as it is. What stands around them is kept, with white space at its ends removed.
    """
    if MEMORY not in text:
        return text, ()
    ids = tuple(dict.fromkeys(match[1] for match in _LINES.finditer(text)))
    if not ids:
        return text, ()
    return _FRAMES.sub("", _LINES.sub("", text)).strip(), ids
