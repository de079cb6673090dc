"""The list of commands as Markdown, for the README: ``python -m agentmem.cli.reference``."""

from __future__ import annotations

import typer

from agentmem.cli.app import SECTIONS


def render() -> str:
    """A table of the commands and what each does, in the order of the help."""
    commands = [command for section in SECTIONS.values() for command in section]
    rows = [f"| `agentmem {command.name}` | {command.summary} |" for command in commands]
    return "\n".join(["| Command | What it does |", "|---|---|", *rows])


if __name__ == "__main__":
    typer.echo(render())
