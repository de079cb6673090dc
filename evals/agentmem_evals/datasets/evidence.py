"""LoCoMo's evidence strings, read leniently: ``'D8:6; D9:17'``, ``'D9:1 D4:4'``, ``'D:11:26'``, ``'D30:05'``.

What names no turn of the conversation is kept apart, so that it can be counted.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

_SEPARATORS = re.compile(r"[;,\s]+")
_TURN_ID = re.compile(r"D:?0*(\d+):0*(\d+)", re.IGNORECASE)


def normalise_turn_id(piece: str) -> str | None:
    """``D<session>:<turn>`` without padding or a stray colon, or ``None`` if the piece is no turn id at all."""
    match = _TURN_ID.fullmatch(piece)
    return f"D{match[1]}:{match[2]}" if match else None


def resolve_evidence(raw: Iterable[str], known: Container[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split and normalise evidence strings.

    Returns the ids that are ``known``, each once and in order, and the pieces that name no known turn.
    """
    resolved: dict[str, None] = {}
    unresolved: list[str] = []
    for entry in raw:
        for piece in _SEPARATORS.split(entry):
            if not piece:
                continue
            turn_id = normalise_turn_id(piece)
            if turn_id is not None and turn_id in known:
                resolved[turn_id] = None
            else:
                unresolved.append(piece)
    return tuple(resolved), tuple(unresolved)
