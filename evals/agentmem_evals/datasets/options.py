"""How a data set is to be read, where there is more than one way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ERRATA, USER_SIDE_ONLY = "errata", "user_side_only"
HAYSTACK, HAYSTACK_TEXT, TASKS = "haystack", "haystack_text", "tasks"


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """What a loader is asked for; a data set uses what it knows.

    ``captions``: what shared pictures show is part of the turns. ``errata``: a file of corrected answers and evidence.
    ``user_side_only``: only what the user says is told, and only that can be evidence. ``haystack``: stories are hidden
    in book text, to so many tokens (``"128k"``); ``haystack_text``: a file or folder of that text. ``tasks``: only
    these tasks, of a data set that has several.
    """

    captions: bool = True
    errata: Path | None = None
    user_side_only: bool = False
    haystack: str | None = None
    haystack_text: Path | None = None
    tasks: tuple[str, ...] = ()

    def asked(self) -> tuple[str, ...]:
        """The options that change which questions are asked or what is told, and that few data sets know."""
        return tuple(
            name
            for name, is_asked in (
                (ERRATA, self.errata is not None),
                (USER_SIDE_ONLY, self.user_side_only),
                (HAYSTACK, self.haystack is not None),
                (HAYSTACK_TEXT, self.haystack_text is not None),
                (TASKS, bool(self.tasks)),
            )
            if is_asked
        )
