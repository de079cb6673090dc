"""A system in another process: the same answers, and nothing that it does harms the run: dying, raising, printing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from agentmem_evals.datasets.selection import select
from agentmem_evals.errors import EvalError, UnknownName
from agentmem_evals.runner.configuration import RunConfiguration
from agentmem_evals.runner.execute import run_retrieval
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.loop import Run
from agentmem_evals.runner.manifest import new_manifest
from agentmem_evals.runner.records import Failure
from agentmem_evals.scoring import score_folder
from agentmem_evals.systems.bm25 import Bm25System
from agentmem_evals.systems.catalog import make_system
from agentmem_evals.systems.failures import RemoteFailure, RemoteGone
from agentmem_evals.systems.protocol import AnsweringSystem
from agentmem_evals.systems.remote.system import connect
from agentmem_evals.types import Dataset, Retrieved

from agentmem.types import Usage

AT = datetime(2024, 5, 1, tzinfo=UTC)
ECHO = '''
import os, sys
from agentmem.types import Usage
from agentmem_evals.errors import DataFormatError
from agentmem_evals.types import Retrieved

class Echo:
    """Does what the question says."""
    name = "echo"

    def __init__(self):
        self.calls = 0
        self.body = None

    def describe(self):
        return {"stdin": sys.stdin.read()}

    def ingest(self, body):
        self.body = body
        self.calls += 1
        if body.id == "conv-2":
            raise OSError("the disk is gone")

    def retrieve(self, question, k, *, asked_at=None):
        self.calls += 1
        if question == "print":
            print('{"id": 1, "result": "stray"}')
            sys.stdout.flush()
            os.write(1, b"from C\\n")
            os.system("echo from a child")
        elif question == "raise":
            raise ValueError("no such luck")
        elif question == "refuse":
            raise DataFormatError("Give it better data.")
        elif question == "exit":
            sys.exit("enough")
        elif question == "die":
            print("my last words", file=sys.stderr)
            os._exit(3)
        elif question == "unwritable":
            return Retrieved((object(),))
        elif question == "sleep":
            import threading
            threading.Event().wait()
        elif question == "usage":
            self.usage = None
        elif question == "miscount":
            self.usage = lambda: 1 / 0
        return Retrieved((question, str(k), str(asked_at), self.body.id if self.body else ""), ("session_1",))

    def usage(self):
        return Usage(llm_calls=self.calls)

    def stored_bytes(self):
        return 17

    def close(self):
        path = os.environ.get("ECHO_CLOSED")
        if path:
            open(path, "w").close()


class Answering(Echo):
    def answer(self, question, *, asked_at=None):
        return f"{question} é\\n{asked_at}"


class Refusing:
    def __init__(self):
        raise RuntimeError("not today")


class Unclear(Echo):
    def describe(self):
        return {"set": {1, 2}}
'''


@pytest.fixture
def echo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Makes a system of the module above in a process of this interpreter."""
    (tmp_path / "echoing.py").write_text(ECHO, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    made: list[Any] = []

    def make(name: str = "Echo") -> Any:
        made.append(make_system(f"echoing:{name}", lambda: None, 10, python=sys.executable, embedder_name="none"))
        return made[-1]

    yield make
    for system in made:
        system.close()


def script(tmp_path: Path, text: str) -> str:
    """A program that is no interpreter."""
    path = tmp_path / "program"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_a_remote_system_does_what_it_does_here(small: Dataset) -> None:
    here, there = Bm25System(), make_system("bm25", lambda: None, 10, python=sys.executable)
    try:
        assert there.name == "bm25" and not isinstance(there, AnsweringSystem)
        assert {**here.describe(), "own_process": True}.items() <= there.describe().items()
        for body in small.bodies:
            here.ingest(body)
            there.ingest(body)
            assert here.stored_bytes() == there.stored_bytes()
            for question in small.questions:
                assert here.retrieve(question.text, 5) == there.retrieve(question.text, 5, asked_at=AT)
        assert there.usage() == Usage()
    finally:
        there.close()


def test_everything_crosses(echo: Callable[..., Any], small: Dataset) -> None:
    system = echo("Answering")
    assert system.describe()["stdin"] == "" and system.describe()["python"]
    system.ingest(small.bodies[0])
    assert system.retrieve("Wie spät?", 4, asked_at=AT) == Retrieved(
        ("Wie spät?", "4", str(AT), "conv-1"), ("session_1",)
    )
    assert isinstance(system, AnsweringSystem) and system.answer("q", asked_at=AT) == f"q é\n{AT}"
    assert (system.usage().llm_calls, system.stored_bytes()) == (2, 17)


def test_stray_prints_do_not_reach_the_protocol(echo: Callable[..., Any]) -> None:
    system = echo()
    assert system.retrieve("print", 1).items[0] == "print"
    assert system.retrieve("still here", 1).items[0] == "still here"


@pytest.mark.parametrize(
    ("question", "error", "words"),
    [
        ("raise", RemoteFailure, "^ValueError: no such luck$"),
        ("exit", RemoteFailure, "^SystemExit: enough$"),
        ("unwritable", RemoteFailure, "^TypeError: .*not JSON serializable$"),
        ("refuse", EvalError, "^Give it better data.$"),
    ],
)
def test_what_it_raises_comes_back_and_it_goes_on(
    echo: Callable[..., Any], question: str, error: type[Exception], words: str
) -> None:
    system = echo()
    with pytest.raises(error, match=words) as raised:
        system.retrieve(question, 1)
    assert type(raised.value).__name__ == ("DataFormatError" if question == "refuse" else "RemoteFailure")
    assert system.retrieve("on", 1).items[0] == "on" and system.usage().llm_calls == 2


def test_a_system_without_usage_has_none(echo: Callable[..., Any]) -> None:
    system = echo()
    assert system.retrieve("usage", 1).items[0] == "usage" and system.usage() == Usage()


def test_usage_that_cannot_be_counted_is_a_failure_and_not_nothing(echo: Callable[..., Any]) -> None:
    system = echo()
    system.retrieve("on", 1)
    with pytest.raises(RemoteFailure, match="ZeroDivisionError"):
        system.retrieve("miscount", 1)
    assert system.usage() == Usage(llm_calls=1)  # what was counted last


def test_a_process_that_dies_says_how_and_is_replaced_with_the_next_body(
    echo: Callable[..., Any], small: Dataset
) -> None:
    system = echo()
    system.ingest(small.bodies[0])
    system.retrieve("q", 1)
    with pytest.raises(RemoteGone, match=r"during 'retrieve' \(exit status 3\).*\n.*my last words"):
        system.retrieve("die", 1)
    with pytest.raises(RemoteGone, match=r"is gone \(exit status 3\)"):
        system.retrieve("q", 1)
    first = system.pid
    system.ingest(small.bodies[0])
    assert system.pid != first and system.retrieve("q", 1).items[3] == "conv-1"
    # Two calls of the first process were told of, its third never was; two of the second.
    assert system.usage().llm_calls == 4


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_killed_process_is_a_typed_failure(echo: Callable[..., Any]) -> None:
    system = echo()
    os.kill(system.pid, signal.SIGKILL)
    with pytest.raises(RemoteGone):
        system.retrieve("q", 1)
    system.close()
    system.close()


def test_failures_are_stored_and_the_run_goes_on(echo: Callable[..., Any], small: Dataset, tmp_path: Path) -> None:
    system = echo()
    configuration = RunConfiguration("retrieval", "locomo", "echoing:Echo", ks=(1, 2))
    selection = select(small, None, None, None)
    folder = RunFolder(tmp_path / "run")
    manifest = new_manifest(configuration, small, selection, system.describe())
    run_retrieval(Run(system, selection, folder, manifest), 2)
    scores = score_folder(folder)
    about_second = sum(question.body == "conv-2" for question in selection.questions)
    failures = [record for record in folder.read_records() if isinstance(record, Failure)]
    # What it finds in the first body are no ids of anything there; the second one it cannot take in.
    errors = {"UnknownName": len(selection.questions) - about_second, "RemoteFailure": about_second}
    assert Counter(one.error for one in failures) == errors and scores["failed"] == len(failures)
    assert '"error": "RemoteFailure", "message": "OSError: the disk is gone"' in folder.predictions_path.read_text()


def test_closing_lets_the_system_close_and_ends_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, echo: Callable[..., Any]
) -> None:
    monkeypatch.setenv("ECHO_CLOSED", str(tmp_path / "closed"))
    system = echo()
    system.close()
    assert (tmp_path / "closed").exists()
    with pytest.raises(RemoteGone):
        system.retrieve("q", 1)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_interrupted_call_does_not_keep_the_process(
    echo: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    system = echo()
    process = system._process

    class Interrupted:
        def readline(self, _limit: int) -> bytes:
            raise KeyboardInterrupt

        def close(self) -> None:
            real.close()

    real = process._child.stdout
    monkeypatch.setattr(process._child, "stdout", Interrupted())
    with pytest.raises(KeyboardInterrupt):
        system.retrieve("sleep", 1)
    system.close()  # would wait for the grace period if it asked a process that is busy
    assert process._child.returncode == -signal.SIGKILL


def test_a_system_that_cannot_be_made_is_refused(echo: Callable[..., Any]) -> None:
    with pytest.raises(RemoteFailure, match="RuntimeError: not today"):
        echo("Refusing")
    with pytest.raises(RemoteFailure, match=r"TypeError: .*set is not JSON serializable"):
        echo("Unclear")
    with pytest.raises(UnknownName, match="has no class 'Absent'"):
        echo("Absent")


def test_a_program_that_is_no_interpreter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvalError, match="cannot be started"):
        make_system("bm25", lambda: None, 1, python=str(tmp_path / "absent"))
    for text, words in (
        ("echo hello; cat >/dev/null", "something else than the protocol: 'hello'"),
        ("cat", "something else than the protocol"),
        ("exit 4", r"ended during 'describe' \(exit status 4\)"),
        ("echo oops >&2", r"(?s)ended during 'describe'.*oops"),
        ("""read line; echo '{"id": 1, "result": {}, "usage": {}}'""", "does not say what it is"),
        ("""read line; echo '{"id": 7, "result": {}, "usage": {}}'""", "something else than the protocol"),
        ("""echo '{"id": null, "error": {"type": "EvalError", "message": "too old"}}'; cat""", "^too old$"),
    ):
        with pytest.raises(EvalError, match=words):
            make_system("bm25", lambda: None, 1, python=script(tmp_path, text))


def test_recordings_and_another_interpreter_exclude_each_other() -> None:
    with pytest.raises(EvalError, match="leave --python"):
        make_system("agentmem", lambda: None, 1, chat=object(), python=sys.executable)  # type: ignore[arg-type]


def test_the_module_serves_by_its_name(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), str(root / "evals")])}
    asked = '{"id": 1, "call": "describe"}\n{"id": 2, "call": "close"}\n'
    line = [sys.executable, "-m", "agentmem_evals.systems.remote", "full-context"]
    done = subprocess.run(line, input=asked, capture_output=True, text=True, env=environment, check=True)
    assert [reply[:8] for reply in done.stdout.splitlines()] == ['{"id": 1', '{"id": 2']


def test_only_light_modules_are_needed_on_the_other_side(tmp_path: Path, small: Dataset) -> None:
    """A system with no dependency runs where neither numpy nor pydantic is: ``-S -E`` hides all that is installed."""
    interpreter = script(tmp_path, f'exec "{sys.executable}" -S -E "$@"')
    system = make_system("full-context", lambda: None, 1, python=interpreter)
    try:
        system.ingest(small.bodies[0])
        assert system.retrieve("q", 1).items[0] == "D1:1"
    finally:
        system.close()


def test_a_process_that_will_not_end_is_ended(tmp_path: Path) -> None:
    reply = '{"id": 1, "result": {"described": {"name": "x"}, "answers": false}, "usage": {}}'
    system = connect([script(tmp_path, f"read line; echo '{reply}'; exec sleep 600")], grace=0.05)
    process = system._process
    system.close()
    assert process._child.returncode == -signal.SIGKILL
