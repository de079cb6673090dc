"""A command line to type on: in a folder of its own, without an embedding model; and a language model to name there."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from agentmem.cli import app
from agentmem.models.chat.structured import StructuredLLM
from agentmem.testing.chat import ScriptedChat

_COMMAND = get_command(app)


@dataclass(frozen=True)
class CommandLine:
    folder: Path

    def __call__(self, *arguments: object, code: int = 0, input: str | None = None) -> Result:
        """Type a command; it must end with this exit code."""
        result = CliRunner().invoke(app, [str(argument) for argument in arguments], input=input)
        assert result.exit_code == code, result.output
        return result

    def json(self, *arguments: object, input: str | None = None) -> Any:
        """The one document a command prints with ``--json``."""
        return json.loads(self(*arguments, "--json", input=input).stdout)

    def error(self, *arguments: object, code: int) -> dict[str, str]:
        """The error a command reports with ``--json``."""
        result = self(*arguments, "--json", code=code)
        assert result.stdout == ""
        document = json.loads(result.stderr)
        assert set(document) == {"error"} and set(document["error"]) == {"type", "message"}
        error: dict[str, str] = document["error"]
        return error

    def add(self, text: str, *options: object) -> str:
        """Add one text; returns its memory's id."""
        id: str = self.json("add", text, *options)["ids"][0]
        return id


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.setattr("typer.testing._get_command", lambda _app: _COMMAND, raising=False)  # built once: it takes long
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AGENTMEM_DB", raising=False)
    monkeypatch.setenv("AGENTMEM_SCOPE", "acme/user-7")
    monkeypatch.setenv("AGENTMEM_EMBEDDER", "none")
    return CommandLine(tmp_path)


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Callable[..., ScriptedChat]:
    """Lets ``--llm openai:scripted`` be a model that says what is given here; returns it."""

    def named(*said: str | Exception) -> ScriptedChat:
        chat = ScriptedChat({"extract": list(said)})
        monkeypatch.setattr("agentmem.models.chat.loading.load_llm", lambda _name: StructuredLLM(chat))
        return chat

    return named


@pytest.fixture
def reply() -> str:
    """What such a model says of one session: a fact, a triple, two entities and a summary."""
    return json.dumps(
        {
            "entities": ["Ana", "Lisbon"],
            "triples": [{"subject": "Ana", "predicate": "moved to", "object": "Lisbon", "source": [0]}],
            "facts": [{"text": "Ana moved to Lisbon.", "speaker": "Ana", "subject": "Ana", "keys": [], "source": [0]}],
            "summary": "Ana moved.",
        }
    )
