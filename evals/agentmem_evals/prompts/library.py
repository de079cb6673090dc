"""The prompts of the evaluations, by name: the library's strict template over this folder's files."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from agentmem.llm import Prompt
from agentmem.prompts.template import Template, parse
from agentmem_evals.errors import UnknownName

_FOLDER = Path(__file__).parent


def names() -> tuple[str, ...]:
    """The ids of all prompts, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.md")))


@cache
def template(id: str) -> Template:
    """A prompt with its slots open.

    Raises:
        UnknownName: there is no such prompt.
        InvalidInput: its file is broken.
    """
    if id not in names():
        raise UnknownName(f"There is no prompt {id!r}. Known are: {', '.join(names())}.")
    return parse(id, (_FOLDER / f"{id}.md").read_text(encoding="utf-8"))


def render(id: str, /, **variables: str) -> Prompt:
    """The prompt with its variables filled in, each quoted as data.

    Raises:
        UnknownName: there is no such prompt.
        InvalidInput: a variable is missing, unknown or not a text.
    """
    return template(id).render(variables)
