"""README.md is held against the command line: what it shows exists, and its list of commands is the real one."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from agentmem.cli import app
from agentmem.cli.reference import render

_COMMAND = get_command(app)
README = Path(__file__).parents[2] / "README.md"
_BLOCK = re.compile(r"^```(?:sh|bash|console|shell)\s*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_REFERENCE = re.compile(r"<!-- agentmem-help -->\n(.*?)\n<!-- /agentmem-help -->", re.DOTALL)


def shown(markdown: str) -> Iterator[list[str]]:
    """The arguments of every ``agentmem`` in the shell blocks of a text."""
    for block in _BLOCK.findall(markdown):
        for line in block.replace("\\\n", " ").splitlines():
            lexer = shlex.shlex(line.removeprefix("$ "), posix=True, punctuation_chars="|&;<>")
            lexer.whitespace_split = True
            words: list[str] = []
            for word in [*lexer, ";"]:
                if not set(word) <= set("|&;<>"):
                    words.append(word)
                    continue
                while words and "=" in words[0]:  # settings of the environment
                    words = words[1:]
                if words and Path(words[0]).name == "agentmem":
                    yield words[1:]
                words = []


def wrong(arguments: list[str]) -> str | None:
    """What in a command's arguments does not exist."""
    command: Any = _COMMAND
    for word in arguments:
        if word.startswith("-") and word != "-":
            known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
            if word.partition("=")[0] not in known | {"--help", "-h"}:
                return f"{command.name} has no option {word}"
        elif hasattr(command, "commands") and word in command.commands:
            command = command.commands[word]
    return (
        f"{' '.join(arguments)}: no such command" if hasattr(command, "commands") and not _is_root(arguments) else None
    )


def _is_root(arguments: list[str]) -> bool:
    """Whether these are options of the command itself, such as ``--version``."""
    return not arguments or arguments[-1] in ("--version", "--help", "-h")


def test_what_the_readme_shows_exists() -> None:
    commands = list(shown(README.read_text(encoding="utf-8")))
    assert commands, "README.md shows no command"
    assert [fault for command in commands if (fault := wrong(command))] == []


def test_the_readmes_list_of_commands_is_the_real_one() -> None:
    found = _REFERENCE.search(README.read_text(encoding="utf-8"))
    assert found, "README.md needs the lines <!-- agentmem-help --> and <!-- /agentmem-help -->"
    assert found[1].strip() == render(), "Renew it with: python -m agentmem.cli.reference"


@pytest.mark.parametrize(
    ("block", "faults"),
    [
        ("agentmem add 'x' --speaker Ana | agentmem list --json", 0),
        ("$ AGENTMEM_DB=a.db agentmem --db x.db \\\n  db upgrade  # a comment", 0),
        ("agentmem --version && agentmem-evals run --dataset x", 0),
        ("cat x | agentmem add - --format jsonl > out.json", 0),
        ("agentmem remember x", 1),
        ("agentmem add x --colour red; agentmem list --odd=1", 2),
        ("agentmem db downgrade", 1),
    ],
)
def test_faults_are_found(block: str, faults: int) -> None:
    commands = list(shown(f"```sh\n{block}\n```\n"))
    assert commands and len([command for command in commands if wrong(command)]) == faults


def test_the_list_names_every_command_once() -> None:
    rows = render().splitlines()[2:]
    assert len(rows) == len({row.split("|")[1] for row in rows}) == 29
    assert "| `agentmem db upgrade` | Bring the database to the newest schema. Make a copy of the file first. |" in rows
