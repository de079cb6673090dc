"""What file commands refuse."""

from __future__ import annotations

from agentmem.errors import InvalidInput


class FileRefused(InvalidInput):
    """A file command that cannot be done as it was asked; the message says what to do instead."""
