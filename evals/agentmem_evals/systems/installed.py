"""Packages that this project does not depend on: imported when a system needs them, or asked for with the command."""

from __future__ import annotations

import shlex
import sys
from importlib import import_module, metadata
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from agentmem_evals.systems.failures import MissingPackage


def require(system: str, modules: tuple[str, ...], pip: tuple[str, ...]) -> None:
    """Refuse to go on without the packages of a system. Nothing is imported.

    Args:
        system: the system's name, for the message.
        modules: the modules that must be importable.
        pip: what ``pip install`` is to be given to get them.

    Raises:
        MissingPackage: one is not; the message has the command that installs all of them.
    """
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        command = shlex.join([sys.executable or "python", "-m", "pip", "install", *pip])
        raise MissingPackage(
            f"The system {system!r} needs {', '.join(missing)}, not installed in this interpreter. Install it:\n"
            f"  {command}\nor, to keep its dependencies apart, in a virtual environment of its own, and run with "
            "--python PATH-OF-ITS-PYTHON."
        )


def imported(module: str) -> Any:
    """The module, untyped: installed packages are driven through their public names, and seldom typed."""
    found: ModuleType = import_module(module)
    return found


def version_of(distribution: str) -> str | None:
    """The version that is installed, ``None`` for none."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None
