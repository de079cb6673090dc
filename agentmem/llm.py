"""What a language model is to the library: prompts in, schema-typed replies out.

Two protocols. A :class:`ChatModel` exchanges text for text and is what a backend implements (an OpenAI-compatible
server, a recording, a script); wrappers that retry, meter, cache or bound it are chat models themselves. An
:class:`LLM` is what structures and retrievers are given: it asks a chat model for JSON of a schema, parses what comes
back, and asks once more when it cannot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel

from agentmem.errors import LLMError
from agentmem.types import Usage

Reply = TypeVar("Reply", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A rendered prompt.

    Attributes:
        id: the name of its file in :mod:`agentmem.prompts`.
        version: the version the file states.
        digest: the first 16 hex digits of the SHA-256 of the file; goes into the journal with id and version.
        system: what the model is told to do.
        user: the data, quoted.
        variables: what was filled in; recordings find their reply by it.
    """

    id: str
    version: int
    digest: str
    system: str
    user: str
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One exchange.

    Attributes:
        prompt: the rendered prompt, of which the first two messages are made.
        schema_name: the wanted reply's name.
        schema: the wanted reply's JSON schema.
        repairs: for each earlier reply that could not be parsed: that reply, and what was wrong with it.
        temperature: 0 is as reproducible as the server can be.
        max_tokens: the longest reply wanted; ``None`` leaves it to the server.
    """

    prompt: Prompt
    schema_name: str
    schema: Mapping[str, Any]
    repairs: tuple[tuple[str, str], ...] = ()
    temperature: float = 0.0
    max_tokens: int | None = None

    def messages(self) -> list[dict[str, str]]:
        """The conversation as role and content."""
        found = [
            {"role": "system", "content": self.prompt.system},
            {"role": "user", "content": self.prompt.user},
        ]
        for reply, complaint in self.repairs:
            found += [{"role": "assistant", "content": reply}, {"role": "user", "content": complaint}]
        return found


@dataclass(frozen=True, slots=True)
class ChatReply:
    """What came back: the text, and what it cost. ``truncated``: it was cut at the longest length allowed.

    Wrappers tell how often the model had to be asked again (``retries``), and whether this was answered before
    (``cached``).
    """

    text: str
    usage: Usage = field(default_factory=Usage)
    truncated: bool = False
    retries: int = 0
    cached: bool = False


@runtime_checkable
class ChatModel(Protocol):
    """Answers one request. Safe to call from several threads at once.

    ``name`` identifies the model and everything that changes its answers; it goes into the journal and cache keys.
    """

    @property
    def name(self) -> str: ...

    def reply(self, request: ChatRequest) -> ChatReply:
        """The model's answer.

        Raises:
            LLMError: its subclasses say why, and whether trying again may help.
        """
        ...


@dataclass(frozen=True, slots=True)
class Completion(Generic[Reply]):
    """A parsed reply, and what all exchanges that led to it cost."""

    value: Reply
    usage: Usage = field(default_factory=Usage)


@runtime_checkable
class LLM(Protocol):
    """Gives schema-typed replies."""

    @property
    def name(self) -> str: ...

    def complete(self, prompt: Prompt, schema: type[Reply]) -> Completion[Reply]:
        """The reply to one prompt.

        Raises:
            MalformedReply: it did not fit the schema, even after one repair.
            LLMError: the model could not be asked.
        """
        ...

    def complete_many(self, prompts: Sequence[Prompt], schema: type[Reply]) -> list[Completion[Reply] | LLMError]:
        """The replies in the order of the prompts, asked with bounded concurrency; failures stand in their places."""
        ...
