"""Starts an interpreter that is lent this project's two packages, and nothing else of this environment.

``PYTHONPATH`` would not do: where this project is installed, its folder holds all other packages of this environment
too, and they would come before the other's own.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

LENT = ("agentmem", "agentmem_evals")

_BOOTSTRAP = """
import json, sys
if sys.version_info < (3, 11):
    found = ".".join(map(str, sys.version_info[:3]))
    message = "The interpreter of --python is Python " + found + "; it must be 3.11 or newer."
    print(json.dumps({"id": None, "error": {"type": "EvalError", "message": message}}), flush=True)
    sys.exit(1)
from importlib.machinery import PathFinder
lent = json.loads(sys.argv.pop(1))
class Lent:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return PathFinder.find_spec(name, [lent[name]]) if path is None and name in lent else None
sys.meta_path.insert(0, Lent)
from agentmem_evals.systems.remote.start import main
main()
"""


def command(python: str, spec: str, embedder_name: str, batch: int) -> list[str]:
    """The command line that serves a system in another interpreter."""
    options = [spec, "--embedder", embedder_name, "--batch", str(batch)]
    return [python, "-c", _BOOTSTRAP, json.dumps(_folders()), *options]


def _folders() -> dict[str, str]:
    """Where each lent package lies."""
    folders: dict[str, str] = {}
    for name in LENT:
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            folders[name] = str(Path(spec.origin).parent.parent)
    return folders
