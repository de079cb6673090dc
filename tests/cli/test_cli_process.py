"""The command as a process of its own: what it imports, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agentmem.cli import output
from agentmem.types import Progress


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "agentmem", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def imported(*commands: list[str]) -> set[str]:
    """Which packages are imported after these commands, run one after the other."""
    code = (
        "import sys\n"
        "from agentmem.cli import app\n"
        f"for arguments in {commands!r}:\n"
        "    try:\n"
        "        app(arguments)\n"
        "    except SystemExit as end:\n"
        "        assert end.code == 0, (arguments, end.code)\n"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


def test_a_session_of_processes(cli) -> None:
    del cli
    process = start("--db", "m.db", "--scope", "me", "add", "-", "--json")
    out, err = process.communicate("I moved to Lisbon.")
    assert (process.returncode, err) == (0, "")
    id = json.loads(out)["ids"][0]
    process = start("get", id, "--db", "m.db", "--scope", "me", "--json")
    assert json.loads(process.communicate()[0])["text"] == "I moved to Lisbon."
    process = start("get", "mem_x", "--db", "m.db", "--scope", "me")
    out, err = process.communicate()
    assert (process.returncode, out) == (3, "") and err.startswith("Error: ") and "Traceback" not in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("more", [[], ["--json"]])
def test_a_full_disk_is_one_line(cli, more) -> None:
    cli.add("I moved to Lisbon.")
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        arguments = [sys.executable, "-m", "agentmem", "retrieve", "Lisbon", *more]
        done = subprocess.run(arguments, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "No space left" in done.stderr


def test_help_imports_neither_the_library_nor_rich() -> None:
    heavy = {"sqlalchemy", "numpy", "rich", "torch", "networkx", "scipy"}
    commands = ([], ["add"], ["graph"], ["consolidate"], ["worker"])
    assert not imported(*([*command, "--help"] for command in commands)) & heavy


def test_looking_does_not_load_the_model(cli, monkeypatch) -> None:
    id = cli.add("x")
    monkeypatch.setenv("AGENTMEM_EMBEDDER", "default")
    commands = [
        ["list"], ["get", id], ["history", id], ["stats"], ["scopes"], ["export", "out.jsonl"], ["pin", id],
        ["forget", "--everything", "--dry-run"], ["forget", "--everything", "--yes"],
    ]  # fmt: skip
    assert not imported(*commands) & {"torch", "sentence_transformers", "transformers"}


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_ctrl_c_ends_a_process_quietly(cli) -> None:
    process = start("add", "--file", "-", "--format", "jsonl")
    try:
        while not Path("agentmem.db").exists():  # from here on it waits for its input
            assert process.poll() is None
            time.sleep(0.02)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert (process.returncode, out, err) == (130, "", "")
    assert cli.folder == Path.cwd()


def test_progress_is_shown_on_a_terminal_only(capsys, monkeypatch) -> None:
    with output.progress_bar("Remembering", 3) as show:
        show(Progress(1, None, "add"))
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    for total, shown in ((3, "1 of 3"), (None, "1")):
        with output.progress_bar("Remembering", total) as show:
            show(Progress(1, None, "add"))
        captured = capsys.readouterr()
        assert captured.out == "" and "Remembering" in captured.err and shown in captured.err
