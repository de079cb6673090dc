"""``update``: a new version of a memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from pydantic import AwareDatetime, Field, model_validator

from agentmem import ScopeHandle
from agentmem_mcp.files.entries import entry_of
from agentmem_mcp.files.errors import FileRefused
from agentmem_mcp.quoting import quoted_line
from agentmem_mcp.tool import Allowed, Answer, Arguments, Result, Tool


class UpdateArguments(Arguments):
    """What ``update`` takes."""

    id: str = Field(min_length=1, description="The memory's id (mem_...), as retrieve shows it.")
    text: str | None = Field(default=None, min_length=1, description="Its new wording, whole.")
    metadata: Mapping[str, Any] | None = Field(default=None, description="Its new metadata, in place of the old.")
    valid_from: AwareDatetime | None = Field(
        default=None, description="Since when the new wording is true; default: now. Not in the future."
    )
    expected_version: int | None = Field(
        default=None, ge=1, description="Refuse if the memory is at another version: somebody else changed it."
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.text is None and self.metadata is None:
            raise ValueError("give a new text, new metadata, or both")
        return self


class Updated(Result):
    """What a memory is now."""

    id: str
    version: int = Field(description="The version it is at now; the former ones stay in history.")
    valid_from: AwareDatetime
    run: str | None = Field(description="What can be taken back.")


def update(handle: ScopeHandle, arguments: UpdateArguments, allowed: Allowed) -> Answer:
    """Open a version, unless the memory is a file, which has commands of its own."""
    if entry := entry_of(handle.get(arguments.id)):
        path = entry.path.shown(allowed.hooks.shown)
        raise FileRefused(f"This memory is the file {path}. Change it with the tool 'memory', e.g. str_replace.")
    memory = handle.update(
        arguments.id,
        text=arguments.text,
        metadata=arguments.metadata,
        valid_from=arguments.valid_from,
        expected_version=arguments.expected_version,
    )
    changes = handle.history(memory.id)[-1].changes
    run = changes[0].run if changes else None
    text = f"Updated to version {memory.version}; the former ones stay in history. It says now:\n"
    text += quoted_line(memory, allowed.hooks)
    return Answer(text, Updated(id=memory.id, version=memory.version, valid_from=memory.valid_from, run=run))


UPDATE = Tool(
    name="update",
    title="Correct a memory",
    description=(
        "Give a memory a new wording, because it has changed or was wrong. The old wording stays in history, and is "
        "still what a question about the time before finds. Give the whole new text, not only the difference. Find "
        "the id with retrieve first."
    ),
    arguments=UpdateArguments,
    result=Updated,
    run=update,
)
