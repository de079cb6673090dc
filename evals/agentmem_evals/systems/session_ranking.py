"""From ranked turns to ranked sessions: several good turns make a session more likely than one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

SESSION_WEIGHTS = (1.0, 0.5, 0.25)
"""What a session's best, second-best and third-best hit count for."""


class SessionHit(Protocol):
    """What the ranking reads of a hit; :class:`agentmem.types.Hit` has it."""

    @property
    def session(self) -> str | None:
        """The session that the hit comes from."""
        ...

    @property
    def score(self) -> float:
        """How good the hit is, in [0, 1]."""
        ...


def rank_sessions(hits: Iterable[SessionHit], weights: Sequence[float] = SESSION_WEIGHTS) -> tuple[str, ...]:
    """Sessions by the weighted sum of their best hits' scores, best first; ties in the order of first appearance.

    Hits without a session are passed over.
    """
    scores: dict[str, list[float]] = {}
    for hit in hits:
        if hit.session is not None:
            scores.setdefault(hit.session, []).append(hit.score)
    totals = {
        session: sum(weight * score for weight, score in zip(weights, sorted(found, reverse=True), strict=False))
        for session, found in scores.items()
    }
    return tuple(sorted(totals, key=lambda session: -totals[session]))
