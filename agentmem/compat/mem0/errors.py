"""What the drop-in raises beside agentmem's own errors. Both are caught by ``except ValueError`` too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentmem.errors import InvalidInput, NotFound


class ValidationError(InvalidInput):
    """An argument of ``add`` cannot be accepted; with the attributes of ``mem0.exceptions.ValidationError``."""

    def __init__(self, message: str, error_code: str, details: Mapping[str, Any], suggestion: str) -> None:
        super().__init__(f"{message} {suggestion}")
        self.message = message
        self.error_code = error_code
        self.details = dict(details)
        self.suggestion = suggestion
        self.debug_info: dict[str, Any] = {}


class MemoryNotFound(NotFound, ValueError):
    """There is no memory of this id. mem0 raises a ``ValueError`` here."""

    def __init__(self, memory_id: object) -> None:
        super().__init__(f"There is no memory {memory_id!r}. get_all() lists those there are.")
