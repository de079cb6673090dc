"""The address of a model's server, as the package ``openai`` takes it."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec


def address_errors() -> tuple[type[Exception], ...]:
    """What is raised for an address that is none: the package goes by ``httpx``, its later versions by ``httpx2``."""
    return tuple(import_module(name).InvalidURL for name in ("httpx", "httpx2") if find_spec(name))
