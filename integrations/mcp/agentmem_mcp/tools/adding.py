"""``add``: remember."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from agentmem import Message, ScopeHandle
from agentmem_mcp.files.entries import SESSION
from agentmem_mcp.tool import Allowed, Answer, Arguments, Result, Tool


class Said(Arguments):
    """One message of a conversation."""

    role: Literal["user", "assistant", "system", "tool"] = Field(
        description="Who speaks. 'system' and 'tool' messages are stored, but not found by retrieve."
    )
    content: str = Field(min_length=1, description="What was said, word for word.")
    name: str | None = Field(default=None, description="The speaker's name, where it is known.")
    at: AwareDatetime | None = Field(default=None, description="When it was said, with a time zone; default: now.")


class AddArguments(Arguments):
    """What ``add`` takes."""

    text: str | None = Field(default=None, min_length=1, description="What to remember, in full sentences.")
    messages: list[Said] | None = Field(
        default=None, min_length=1, max_length=1_000, description="Instead of text: turns of a conversation, in order."
    )
    speaker: str | None = Field(default=None, description="Who said the text, e.g. 'Ana'.")
    session: str | None = Field(default=None, description="The conversation that it belongs to.")
    at: AwareDatetime | None = Field(default=None, description="When it happened, with a time zone; default: now.")
    ref: str | None = Field(
        default=None, description="An idempotency key: the same content under it again is stored once."
    )
    metadata: Mapping[str, Any] | None = Field(default=None, description="Anything else; retrieve can filter by it.")
    ttl_days: float | None = Field(
        default=None, gt=0, le=36_500, description="How long it shall be found; default: ever."
    )

    @model_validator(mode="after")
    def _one_content(self) -> Self:
        if (self.text is None) == (self.messages is None):
            raise ValueError("give either text or messages")
        if self.session == SESSION:
            raise ValueError(f"the session {SESSION} holds files; to write one, use the tool 'memory'")
        return self


class Added(Result):
    """What ``add`` did."""

    ids: list[str] = Field(description="The memories that can be found now.")
    run: str = Field(description="What can be taken back as a whole.")
    stored: int = Field(description="How many texts were stored by this call.")
    duplicates: int = Field(description="How many were there already, under the same ref.")
    pending: list[str] = Field(description="What is left to do, by itself, later.")


def add(handle: ScopeHandle, arguments: AddArguments, _allowed: Allowed) -> Answer:
    """Store; when this returns, it is on disk."""
    receipt = handle.add(
        arguments.text or [_message(said) for said in arguments.messages or ()],
        session=arguments.session,
        at=arguments.at,
        speaker=arguments.speaker,
        ref=arguments.ref,
        metadata=arguments.metadata,
        ttl=None if arguments.ttl_days is None else timedelta(days=arguments.ttl_days),
    )
    stored = len(receipt.episodes) - receipt.duplicates
    said = f"Remembered {stored} text{'' if stored == 1 else 's'}"
    if receipt.duplicates:
        said += f"; {receipt.duplicates} were there already, under this ref"
    said += f". Found by: {', '.join(receipt.ids)}." if receipt.ids else ". Nothing of it can be found by retrieve."
    data = Added(
        ids=list(receipt.ids),
        run=receipt.run,
        stored=stored,
        duplicates=receipt.duplicates,
        pending=list(receipt.pending),
    )
    return Answer(said, data)


def _message(said: Said) -> Message:
    return Message(said.content, role=said.role, speaker=said.name, at=said.at)


ADD = Tool(
    name="add",
    title="Remember",
    description=(
        "Remember something for later conversations: a text, or messages word for word. It is on disk and can be found "
        "when the call returns. Say things in full sentences that are understood alone ('Ana is allergic to peanuts', "
        "not 'she is allergic'). Do not add what came from retrieve or context: it is known already. To correct what "
        "is stored, use update."
    ),
    arguments=AddArguments,
    result=Added,
    run=add,
)
