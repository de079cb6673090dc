"""How much one consolidation may take out of retrieval."""

from __future__ import annotations

from dataclasses import dataclass

ALWAYS = 20
"""So many memories a run may retire in any case: a share of a small scope is next to nothing."""


@dataclass(slots=True)
class Allowance:
    """A run may retire or close so many memories that others made; one that would do more stops and reports."""

    most: int
    share: float
    taken: int = 0

    @classmethod
    def of(cls, share: float, active: int) -> Allowance:
        """A share of the ``active`` memories of a scope; 0 allows nothing."""
        return cls(max(int(share * active), ALWAYS) if share else 0, share)

    def refuses(self, lost: int) -> str | None:
        """Why taking out ``lost`` more goes too far; ``None`` if it does not, and they are counted then."""
        if not lost or self.taken + lost <= self.most:
            self.taken += lost
            return None
        return (
            f"it would take {self.taken + lost} memories out of retrieval, and a run may take {self.most} "
            f"({self.share:.0%} of the scope). Look at what it would do with dry_run=True; "
            "allow it with a larger max_retired="
        )
