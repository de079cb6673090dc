"""Flags, environment and the file of tokens; and that what would be unsafe is not served."""

from __future__ import annotations

import subprocess
import sys

import pytest
from agentmem_mcp.main import main
from agentmem_mcp.settings import read
from agentmem_mcp.tokens import digest_of, read_tokens

from agentmem import Scope
from agentmem.errors import InvalidInput

VARIABLES = [
    *(f"AGENTMEM_{name}" for name in ("DB", "SCOPE", "EMBEDDER", "RECIPE", "LLM", "REDACT")),
    *(f"AGENTMEM_MCP_{name}" for name in ("TRANSPORT", "HOST", "PORT", "TOKENS")),
]


@pytest.fixture(autouse=True)
def _bare(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def test_defaults_are_the_safe_ones(monkeypatch):
    settings = read(["--scope", "a"])
    assert (settings.transport, settings.host, settings.port, settings.tokens) == ("stdio", "127.0.0.1", 8765, None)
    assert settings.is_local and settings.without == () and settings.llm == "none"


def test_flags_go_before_the_environment(monkeypatch):
    values = ["x.db", "acme/bo", "none", "facts", "none", "1", "http", "::1", "99"]
    for name, value in zip(VARIABLES, values, strict=False):
        monkeypatch.setenv(name, value)
    settings = read([])
    assert str(settings.database) == "x.db" and settings.scope == "acme/bo" and settings.recipe == "facts"
    assert settings.redact and settings.transport == "http" and settings.host == "::1" and settings.port == 99
    assert settings.is_local
    settings = read(["--db", "y.db", "--scope", "acme/ana", "--port", "0", "--host", "localhost"])
    assert str(settings.database) == "y.db" and settings.scope == "acme/ana" and settings.port == 0
    assert settings.is_local


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        ([], "whose memory"),
        (["--transport", "http"], "whose memory"),
        (["--scope", "a", "--transport", "http", "--host", "0.0.0.0"], "without --tokens"),
        (["--scope", "a", "--transport", "http", "--host", "192.168.1.7"], "without --tokens"),
        (["--scope", "a", "--transport", "http", "--host", "memory.example"], "without --tokens"),
        (["--tokens", "t", "--transport", "http", "--host", "0.0.0.0"], "--allow-host"),
        (["--tokens", "t", "--transport", "http", "--host", "::"], "--allow-host"),
        (["--tokens", "t"], "Over stdio"),
        (["--tokens", "t", "--transport", "http", "--scope", "a"], "exclude each other"),
        (["--scope", "a", "--port", "70000"], "65535"),
        (["--scope", "a", "--max-calls", "-1"], "0 or more"),
        (["--scope", "a", "--without", "everything"], "invalid choice"),
        (["--scop", "a"], "unrecognized"),
    ],
)
def test_what_cannot_be_served_safely_is_refused(flags, says, capsys):
    with pytest.raises(SystemExit) as ended:
        read(flags)
    assert ended.value.code == 2 and says in capsys.readouterr().err


@pytest.mark.parametrize(("name", "value", "says"), [("TRANSPORT", "sse", "stdio or http"), ("PORT", "x", "number")])
def test_a_wrong_variable_is_named(monkeypatch, capsys, name, value, says):
    monkeypatch.setenv(f"AGENTMEM_MCP_{name}", value)
    with pytest.raises(SystemExit):
        read(["--scope", "a"])
    assert says in capsys.readouterr().err


def test_with_tokens_the_scope_of_the_environment_is_left_alone(monkeypatch):
    monkeypatch.setenv("AGENTMEM_SCOPE", "acme/ana")
    assert read(["--transport", "http", "--tokens", "t"]).scope is None
    assert read(["--transport", "http", "--tokens", "t", "--host", "10.0.0.1"]).host == "10.0.0.1"


def test_a_new_token_is_what_its_lines_say(capsys, tmp_path):
    main(["--new-token", "acme/ana"])
    told = capsys.readouterr().out
    token = next(line.strip() for line in told.splitlines() if line.startswith("    "))
    path = tmp_path / "tokens.toml"
    path.write_text(told[told.index("[[token]]") :])
    tokens = read_tokens(path)
    assert tokens.scopes == {digest_of(token): Scope("acme", "ana")} and len(token) >= 40
    with pytest.raises(InvalidInput, match="Authorization: Bearer"):
        tokens.scope_of(None)


ONE = f'[[token]]\nscope = "a"\nsha256 = "{"0" * 64}"\n'


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "one or more"),
        ("x = 1", "one or more"),
        ("[[token", "not TOML"),
        (ONE + ONE, "there twice"),
        ('[[token]]\nscope = "a"\ntoken = "secret"', "sha256"),
        ('[[token]]\nscope = "a"\nsha256 = "abc"', "64 hex digits"),
        (f'[[token]]\nscope = 1\nsha256 = "{"0" * 64}"', "scope is text"),
        (f'[[token]]\nscope = ""\nsha256 = "{"0" * 64}"', "non-empty"),
    ],
)
def test_a_file_of_tokens_that_is_none_is_refused(tmp_path, content, says):
    path = tmp_path / "tokens.toml"
    path.write_text(content)
    with pytest.raises(InvalidInput, match=says):
        read_tokens(path)
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_tokens(tmp_path / "none.toml")


def test_help_imports_nothing_heavy():
    code = (
        "import sys\nfrom agentmem_mcp.settings import read\n"
        "try: read(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'mcp', 'pydantic', 'numpy', 'sqlalchemy', 'starlette', 'uvicorn'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "--scope NAMES" in done.stdout and "AGENTMEM_MCP_TOKENS" in done.stdout


WITHOUT_MCP = """
import sys
class Without:
    def __init__(self, finder):
        self.finder = finder
    def find_spec(self, name, path=None, target=None):
        return None if name.partition(".")[0] == "mcp" else self.finder.find_spec(name, path, target)
sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
from agentmem_mcp.main import main
main(["--db", "x.db", "--scope", "a", "--embedder", "none"])
"""


def test_a_package_that_is_not_there_is_named(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_MCP], check=False, capture_output=True, text=True, cwd=tmp_path, timeout=60
    )
    assert done.returncode == 1 and not list(tmp_path.iterdir())
    assert done.stderr.startswith("agentmem-mcp: the package 'mcp'")
    assert done.stderr.strip().endswith("pip install 'mcp>=2.0,<3'")
