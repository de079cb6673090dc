"""What is said, and how the command ends, when something is wrong."""

from __future__ import annotations

import pytest

from agentmem import errors
from agentmem.cli.app import SECTIONS
from agentmem.cli.errors import ExitCode, NoDatabase, NotConfirmed, UsageError, exit_code

COMMANDS = [command for section in SECTIONS.values() for command in section]
NAMES = (
    "add retrieve context list get history update retire restore pin expire forget undo export import stats scopes "
    "reindex compact demo recipes consolidate graph tree worker status retry"
).split()
GROUPED = ("db check", "db upgrade")
READING = [
    ["list"], ["get", "mem_x"], ["history", "mem_x"], ["stats"], ["scopes"], ["export", "out.jsonl"], ["compact"],
    ["forget", "--everything", "--dry-run"], ["retrieve", "x"], ["context", "x"], ["retire", "mem_x"],
    ["restore", "mem_x"], ["pin", "mem_x"], ["expire", "mem_x", "--never"], ["update", "mem_x", "--text", "y"],
    ["undo", "run_x"], ["reindex"], ["db", "check"], ["db", "upgrade"], ["consolidate"], ["graph"], ["tree"],
    ["worker"], ["worker", "--once"], ["status"], ["retry"],
]  # fmt: skip


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_only_adding_creates_a_database(cli, arguments) -> None:
    error = cli.error("--db", "typo.db", *arguments, code=5)
    assert error["type"] == "NoDatabase" and "typo.db" in error["message"] and "--db" in error["message"]
    assert not list(cli.folder.iterdir())


def test_errors_are_one_line_on_standard_error(cli) -> None:
    result = cli("list", code=5)
    assert result.stdout == "" and result.stderr.startswith("Error: ") and result.stderr.count("\n") == 1


def test_a_wrong_command_line_ends_with_2_and_a_hint(cli) -> None:
    for arguments in (["odd"], ["list", "--odd"], ["get"], ["list", "--limit", "many"], ["--db", "x.db"], ["db"]):
        result = cli(*arguments, code=2)
        assert result.stdout == "" and result.stderr.startswith("Error: ") and "--help'." in result.stderr
    assert cli.error("list", "--odd", code=2)["type"] == "UsageError"


def test_what_a_command_needs_is_said_by_its_options(cli) -> None:
    id = cli.add("x")
    for arguments, option in (
        (["forget"], "--everything"),
        (["forget", "--dry-run"], "--id"),
        (["update", id], "--text"),
    ):
        error = cli.error(*arguments, code=2)
        assert error["type"] == "UsageError" and option in error["message"] and "()" not in error["message"]


def test_unusable_files_end_with_5(cli) -> None:
    (cli.folder / "text.db").write_text("not a database, but long enough to look at\n" * 10, encoding="utf-8")
    assert cli.error("list", "--db", "text.db", code=5)["type"] == "NotAnAgentMemDatabase"
    assert cli.error("add", "x", "--db", "no/such/folder.db", code=5)["type"] == "StoreError"
    assert cli.error("add", "x", "--db", ".", code=5)["type"] == "StoreError"


def test_other_refusals_end_with_1(cli) -> None:
    cli("add", "x")
    for arguments in (["retrieve", " "], ["retrieve", "x", "--k", 0], ["list", "--scope", "a//b"], ["add", ""]):
        assert cli.error(*arguments, code=1)["type"] == "InvalidInput"
    assert cli.error("--index", "odd", "list", code=1)["type"] == "InvalidInput"


def test_ctrl_c_ends_quietly_with_130(cli, monkeypatch) -> None:
    def interrupt(*_arguments, **_options):
        raise KeyboardInterrupt

    cli("add", "x")
    monkeypatch.setattr("agentmem.handle.ScopeHandle.stats", interrupt)
    assert cli("stats", code=130).output == ""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.InvalidInput(""), ExitCode.REFUSED),
        (errors.EmbedderError(""), ExitCode.REFUSED),
        (errors.MissingExtra("p", "e", "w"), ExitCode.REFUSED),
        (NotConfirmed(""), ExitCode.REFUSED),
        (UsageError(""), ExitCode.USAGE),
        (errors.NotFound(""), ExitCode.NOT_FOUND),
        (errors.VersionConflict(""), ExitCode.CONFLICT),
        (errors.RefConflict(""), ExitCode.CONFLICT),
        (errors.ForgottenRef(""), ExitCode.CONFLICT),
        (errors.CannotUndo(""), ExitCode.CONFLICT),
        (NoDatabase(""), ExitCode.DATABASE),
        (errors.StoreBusy(""), ExitCode.DATABASE),
        (errors.StoreFull(""), ExitCode.DATABASE),
        (errors.StoreReadOnly(""), ExitCode.DATABASE),
        (errors.StoreCorrupt(""), ExitCode.DATABASE),
        (errors.SchemaMismatch(""), ExitCode.DATABASE),
        (errors.EmbedderMismatch(""), ExitCode.DATABASE),
        (errors.IndexFailure(""), ExitCode.DATABASE),
    ],
    ids=lambda value: type(value).__name__,
)
def test_exit_codes(error, code) -> None:
    assert exit_code(error) is code


def test_every_command_is_there() -> None:
    assert sorted(command.name for command in COMMANDS) == sorted([*NAMES, *GROUPED])


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_has_help(cli, command) -> None:
    output = cli(*command.name.split(), "--help").stdout
    assert command.summary.split(";")[0].split(":")[0][:40] in output and "--json" in output
    assert command.summary.endswith(".")


def test_the_root_has_help_and_a_version(cli) -> None:
    output = cli("--help").stdout
    assert output == cli().stdout == cli("-h").stdout
    for word in (*NAMES, *GROUPED, "--db", "--scope", "--embedder", "--index", "--json", "--version", "Exit codes"):
        assert word in output
    assert cli("--version").stdout.startswith("agentmem ")
