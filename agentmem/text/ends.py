"""The ends of a text, where what is asked mostly stands."""

from __future__ import annotations

QUESTION = 2_000
"""Characters of a question; a message may be a pasted document, and most of its words then are no question."""


def both_ends(text: str, limit: int = QUESTION) -> str:
    """The text, or its beginning and its end where it has more than ``limit`` characters, which is at least 8."""
    if len(text) <= limit:
        return text
    kept = limit - len(_BETWEEN)
    return f"{text[: kept - kept // 2]}{_BETWEEN}{text[len(text) - kept // 2 :]}"


_BETWEEN = "\n...\n"
