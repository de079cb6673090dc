"""The temporary folder that a system keeps its files in."""

from __future__ import annotations

import tempfile
from pathlib import Path


class ScratchFolder:
    """A folder that is there from the start and gone after :meth:`close`."""

    def __init__(self, system: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix=f"agentmem-evals-{system}-", ignore_cleanup_errors=True)
        self.path = Path(self._folder.name)

    def stored_bytes(self, name: str) -> int:
        """The size of all files below a folder in it; 0 if there is none."""
        return sum(path.stat().st_size for path in (self.path / name).rglob("*") if path.is_file())

    def close(self) -> None:
        """Delete it."""
        self._folder.cleanup()
