"""The only place of the evaluations that reads the process environment."""

from __future__ import annotations

import os
from pathlib import Path

DATA_VARIABLE = "AGENTMEM_DATA"


def data_root() -> Path | None:
    """The folder that ``$AGENTMEM_DATA`` names (it holds ``locomo/`` and its siblings), or ``None`` when unset."""
    value = os.environ.get(DATA_VARIABLE, "").strip()
    return Path(value) if value else None
