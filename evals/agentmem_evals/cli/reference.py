"""The list of commands in evals/README.md, from the commands themselves: python -m agentmem_evals.cli.reference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
from typer.main import get_command

from agentmem_evals.cli.app import app

_HELP = "--help"


def render() -> str:
    """A table of every command with what it does and the options it has."""
    rows = [
        f"| `{name}` | {_summary(command)} | {_options(command)} |" for name, command in _commands(get_command(app))
    ]
    return "\n".join(["| command | what it does | options |", "|---|---|---|", *rows])


def _commands(command: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    for part, inner in command.commands.items():
        told = f"{name} {part}".strip()
        if hasattr(inner, "commands"):
            yield from _commands(inner, told)
        else:
            yield told, inner


def _summary(command: Any) -> str:
    return str(command.help or "").partition("\n\n")[0].replace("\n", " ").strip()


def _options(command: Any) -> str:
    names = [option.opts[0] for option in command.params if option.opts[0].startswith("--")]
    return " ".join(f"`{name}`" for name in names if name != _HELP)


if __name__ == "__main__":
    typer.echo(render())
