"""From ranked turns to ranked sessions: several good turns make a session more likely than one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Protocol

POWER = 1.4
"""How much more a very good hit counts than a good one. The library's log-odds are about 0.7 of its weighted sums, so
this power makes the total the log-sum-exp of the sums: between a session's best hit and the number of its hits."""
_ALMOST_ONE = 1.0 - 1e-6


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


def rank_sessions(hits: Iterable[SessionHit]) -> tuple[str, ...]:
    """Sessions by the sum of powers of the odds of their hits, best first; ties in order of first appearance.

    Hits without a session are passed over.
    """
    totals: dict[str, float] = defaultdict(float)
    for hit in hits:
        if hit.session is not None:
            score = min(hit.score, _ALMOST_ONE)
            totals[hit.session] += (score / (1.0 - score)) ** POWER
    return tuple(sorted(totals, key=lambda session: -totals[session]))
