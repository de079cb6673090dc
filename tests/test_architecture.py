"""The shape of the code: what it pulls in, and what it may do where."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import agentmem

LIBRARY = Path(agentmem.__file__).parent
FILES = sorted(path for path in LIBRARY.rglob("*.py") if "versions" not in path.parts)


def named(path):
    return str(path.relative_to(LIBRARY))


@pytest.mark.parametrize(
    ("statement", "heavy"),
    [
        (
            "import agentmem",
            ["torch", "chromadb", "sqlalchemy", "numpy", "openai", "sentence_transformers", "alembic", "opentelemetry"],
        ),
        ("import agentmem; agentmem.AgentMemory", ["torch", "chromadb", "openai", "sentence_transformers", "alembic"]),
        ("import agentmem; agentmem.Scope('a')", ["sqlalchemy", "numpy", "torch"]),
        ("import agentmem.models", ["torch", "openai", "sentence_transformers"]),
        ("import agentmem.testing", ["pytest", "torch"]),
        (
            "from agentmem import AgentMemory; AgentMemory.open(':memory:', embedder='none').scope('a').add('otter')",
            ["torch", "chromadb", "openai", "opentelemetry", "sentence_transformers", "pytest", "hypothesis"],
        ),
    ],
)
def test_light_use_pulls_in_nothing_heavy(statement, heavy):
    code = f"import sys; {statement}; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_can_be_imported():
    for name in agentmem.__all__:
        assert getattr(agentmem, name) is not None
    with pytest.raises(AttributeError):
        agentmem.nothing_of_the_kind  # noqa: B018


@pytest.mark.parametrize("path", FILES, ids=named)
def test_the_environment_is_read_in_one_place(path):
    uses = [
        node
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv", "environb"))
        or (isinstance(node, ast.alias) and node.name in ("environ", "getenv"))
    ]
    assert not uses or path == LIBRARY / "config.py"


@pytest.mark.parametrize("path", FILES, ids=named)
def test_only_workers_and_runners_catch_everything(path):
    """Elsewhere a defect must be heard; so a handler of everything raises again. Tests that are shipped hear it too."""
    if "worker" in path.name or "runner" in path.name or "testing" in path.parts:
        return
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            names = {getattr(kind, "id", None) for kind in kinds}
            assert node.type is not None, f"{named(path)}:{node.lineno}: a bare except"
            if names & {"Exception", "BaseException"}:
                assert any(isinstance(inner, ast.Raise) for inner in ast.walk(node)), f"{named(path)}:{node.lineno}"


@pytest.mark.parametrize("path", FILES, ids=named)
def test_the_library_prints_nothing_and_asks_the_clock_in_one_place(path):
    if path.parts[len(LIBRARY.parts)] == "cli":
        return
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called != "print", f"{named(path)}:{node.lineno}"
            if called in ("datetime.now", "datetime.utcnow", "time.time"):
                assert path.name == "clock.py", f"{named(path)}:{node.lineno}"


def test_no_file_opens_a_connection_when_the_library_is_used(tmp_path):
    """No telemetry: the default store, words only, uses no socket at all."""
    code = """
import socket, sys
class Refused(socket.socket):
    def __init__(self, *arguments, **options):
        raise AssertionError("a socket was opened")
socket.socket = Refused
from agentmem import AgentMemory
with AgentMemory.open(sys.argv[1], embedder="none") as store:
    store.scope("a").add("otter")
    assert store.scope("a").retrieve("otter")
"""
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "x.db")], check=True, capture_output=True)


def test_errors_have_one_root_and_the_builtin_kin_one_expects():
    from agentmem import errors

    kinds = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)]
    assert all(issubclass(kind, errors.AgentMemError) for kind in kinds)
    assert issubclass(errors.InvalidInput, ValueError) and issubclass(errors.NotFound, LookupError)
    assert issubclass(errors.MissingExtra, ImportError)
    for kind in (errors.StoreBusy, errors.StoreFull, errors.StoreReadOnly, errors.StoreCorrupt, errors.StoreClosed):
        assert issubclass(kind, errors.StoreError)
