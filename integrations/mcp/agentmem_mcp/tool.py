"""What a tool is: two schemas, a description for the model, hints for the client, and a function that blocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from mcp.types import Tool as ListedTool
from mcp.types import ToolAnnotations
from pydantic import BaseModel, ConfigDict

from agentmem import ScopeHandle
from agentmem.engine.hooks import Hooks
from agentmem.models.chat.budget import Budget


class Arguments(BaseModel):
    """What a tool is given. An argument that is not declared is refused: nothing is silently left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Result(BaseModel):
    """What a tool gives back, as data."""

    model_config = ConfigDict(frozen=True)


A = TypeVar("A", bound=Arguments)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the operator, who opened the store, allows.

    Attributes:
        max_calls: how often one call of a tool may ask the language model; ``None`` sets no limit.
        key: what this server's confirmation codes are made with; random, and gone when the server ends.
        hooks: the store's. Whatever a tool shows of a memory, its ``before_prompt`` lets be shown.
    """

    max_calls: int | None
    key: bytes
    hooks: Hooks

    def budget(self, calls: int | None = None) -> Budget | None:
        """The budget of one call: what was asked for, and at most what is allowed."""
        limits = [limit for limit in (calls, self.max_calls) if limit is not None]
        return Budget(calls=min(limits)) if limits else None


@dataclass(frozen=True, slots=True)
class Answer:
    """A tool's result twice: as text for a model, and as data."""

    text: str
    data: Result


@dataclass(frozen=True, slots=True)
class Tool(Generic[A]):
    """One tool.

    Attributes:
        name: what it is called by.
        title: what a person sees.
        description: what a model is told: what it does, when to use it, what comes back.
        arguments: the schema of what it takes.
        result: the schema of its data.
        run: does it. Blocks; raises what the library raises.
        reads: whether it changes nothing.
        destroys: whether it may take something away.
        repeatable: whether doing it again changes nothing more.
    """

    name: str
    title: str
    description: str
    arguments: type[A]
    result: type[Result]
    run: Callable[[ScopeHandle, A, Allowed], Answer]
    reads: bool = False
    destroys: bool = False
    repeatable: bool = False

    def listed(self) -> ListedTool:
        """As it is told to a client."""
        return ListedTool(
            name=self.name,
            title=self.title,
            description=self.description,
            input_schema=untitled(self.arguments.model_json_schema()),
            output_schema=untitled(self.result.model_json_schema(mode="serialization")),
            annotations=ToolAnnotations(
                title=self.title,
                read_only_hint=self.reads,
                destructive_hint=self.destroys,
                idempotent_hint=self.reads or self.repeatable,
                open_world_hint=False,
            ),
        )


def untitled(schema: Any) -> Any:
    """A JSON schema without titles, which only repeat the names and cost a model tokens."""
    if isinstance(schema, list):
        return [untitled(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: part for key, part in schema.items() if key != "title" or not isinstance(part, str)}
    return {
        key: {name: untitled(part) for name, part in value.items()}
        if key in ("properties", "$defs")
        else untitled(value)
        for key, value in kept.items()
    }
