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


@pytest.mark.parametrize("package", ["pytest", "hypothesis"])
def test_the_suite_of_tests_says_what_it_lacks(package):
    code = f"""
import importlib.util as util
find = util.find_spec
util.find_spec = lambda name, *more: None if name == {package!r} else find(name, *more)
import langchain_agentmem.testing
"""
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert f"needs the package {package!r}" in done.stderr
    assert done.stderr.strip().endswith("pip install 'langchain-agentmem[test]'")


HIDE = """
import sys
class Without:
    def __init__(self, finder):
        self.finder = finder
    def find_spec(self, name, path=None, target=None):
        return None if name.startswith({module!r}) else self.finder.find_spec(name, path, target)
sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
"""


@pytest.mark.parametrize(
    ("name", "module", "package"),
    [
        ("AgentMemMiddleware", "langchain.agents", "langchain"),  # 0.3 has no middleware
        ("AgentMemStore", "langgraph", "langgraph"),
        ("AgentMemRetriever", "langchain_core", "langchain-core"),
    ],
)
def test_a_part_says_what_it_lacks(name, module, package):
    code = HIDE.format(module=module) + f"from langchain_agentmem import {name}"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("langchain_agentmem.errors.MissingPackage: " + name)
    assert last.endswith(f"pip install '{package}>=1.0,<2'")
