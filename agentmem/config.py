"""Configuration from the environment, read here and nowhere else. Everything can be set by argument as well."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from agentmem.errors import InvalidInput

_ON = frozenset({"1", "true", "t", "yes", "y", "on"})
_OFF = frozenset({"", "0", "false", "f", "no", "n", "off"})


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says.

    Attributes:
        database: ``AGENTMEM_DB``, the command line's default database.
        scope: ``AGENTMEM_SCOPE``, the command line's default scope, names separated by ``/``.
        embedder: ``AGENTMEM_EMBEDDER``, the command line's default embedder.
        recipe: ``AGENTMEM_RECIPE``, the command line's default recipe.
        llm: ``AGENTMEM_LLM``, the command line's default language model.
        redact: ``AGENTMEM_REDACT``, whether the command line takes personal data out of what it stores: 1 or 0
            (on or off, yes or no, true or false).
        openai_base_url: ``OPENAI_BASE_URL``.
        openai_api_key: ``OPENAI_API_KEY``.
    """

    database: Path
    scope: str | None
    embedder: str
    recipe: str
    llm: str
    redact: bool
    openai_base_url: str | None
    openai_api_key: str | None


def settings() -> Settings:
    """The settings of this moment.

    Raises:
        InvalidInput: a switch is neither on nor off.
    """
    env = os.environ
    return Settings(
        database=Path(env.get("AGENTMEM_DB", "agentmem.db")),
        scope=env.get("AGENTMEM_SCOPE"),
        embedder=env.get("AGENTMEM_EMBEDDER", "default"),
        recipe=env.get("AGENTMEM_RECIPE", "default"),
        llm=env.get("AGENTMEM_LLM", "none"),
        redact=_switch("AGENTMEM_REDACT", env.get("AGENTMEM_REDACT", "")),
        openai_base_url=env.get("OPENAI_BASE_URL"),
        openai_api_key=env.get("OPENAI_API_KEY"),
    )


def _switch(name: str, value: str) -> bool:
    word = value.strip().lower()
    if word in _ON or word in _OFF:
        return word in _ON
    raise InvalidInput(f"{name} is {value!r}, which is neither on nor off. Set it to 1 or 0.")
