"""How a data set is to be read, where there is more than one way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ERRATA, USER_SIDE_ONLY = "errata", "user_side_only"


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """What a loader is asked for; a data set uses what it knows.

    ``captions``: what shared pictures show is part of the turns. ``errata``: a file of corrected answers and evidence.
    ``user_side_only``: only what the user says is told, and only that can be evidence.
    """

    captions: bool = True
    errata: Path | None = None
    user_side_only: bool = False

    def asked(self) -> tuple[str, ...]:
        """The options that change which questions are asked or what is told, and that few data sets know."""
        return tuple(
            name
            for name, is_asked in ((ERRATA, self.errata is not None), (USER_SIDE_ONLY, self.user_side_only))
            if is_asked
        )
