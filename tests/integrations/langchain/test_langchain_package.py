"""The package as a whole: its names, and what importing it costs."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

import pytest

langchain_agentmem = pytest.importorskip(
    "langchain_agentmem", reason="needs langchain-agentmem: pip install -e integrations/langchain"
)


def test_every_public_name_can_be_imported():
    for name in langchain_agentmem.__all__:
        assert getattr(langchain_agentmem, name) is not None
    with pytest.raises(AttributeError):
        langchain_agentmem.nothing_of_the_kind  # noqa: B018


def test_importing_it_imports_nothing_else():
    code = "import sys, langchain_agentmem; print([n for n in ('langchain', 'langgraph', 'numpy') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_it_is_installed_as_a_package_of_its_own():
    assert metadata.version("langchain-agentmem") == langchain_agentmem.__version__
    needed = " ".join(metadata.requires("langchain-agentmem") or [])
    assert all(name in needed for name in ("agentmem-framework", "langchain-core", "langchain<2", "langgraph<2"))
