"""Killed and resumed gives the same predictions as an undisturbed run, wherever it was killed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from agentmem_evals.datasets.selection import select
from agentmem_evals.runner.configuration import RunConfiguration
from agentmem_evals.runner.execute import run_retrieval
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.loop import Run
from agentmem_evals.runner.manifest import new_manifest
from agentmem_evals.types import Dataset, Retrieved
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentmem.testing.chat_server import chat_server

if TYPE_CHECKING:
    from conftest import ScriptedSystem

SYSTEM = '''
"""Finds turns by shared words, and kills its own process at a question, once."""
import os, signal
from pathlib import Path

class Mortal:
    def ingest(self, body):
        self.items = [(item.id, set(item.text.lower().split())) for item in body.items]

    def retrieve(self, question, k):
        left = Path(os.environ["LEFT_TO_LIVE"])
        asked = int(left.read_text())
        left.write_text(str(asked - 1))
        if asked == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        words = set(question.lower().split())
        return [id for id, own in sorted(self.items, key=lambda item: -len(item[1] & words)) if own & words][:k]
'''
NEVER = "1000"


def command(out: Path, data: Path, *more: str) -> list[str]:
    common = ["run", "--dataset", "locomo", "--data", str(data), "--out", str(out), *more]
    return [sys.executable, "-m", "agentmem_evals", *common]


def start(line: Sequence[str], left: Path, folder: Path) -> int:
    """The exit code of the command in a process of its own."""
    path = os.pathsep.join(one for one in (str(folder), os.environ.get("PYTHONPATH", "")) if one)
    env = {**os.environ, "LEFT_TO_LIVE": str(left), "PYTHONPATH": path}
    env.pop("OPENAI_BASE_URL", None)
    return subprocess.run(line, env=env, capture_output=True, timeout=120, check=False).returncode


def predictions(out: Path, *names: str) -> dict[str, list[object]]:
    """What was said of each question, without times."""
    records = [json.loads(line) for line in (out / "predictions.jsonl").read_text().splitlines()]
    assert all(record["kind"] != "failure" for record in records)
    assert len({record["question_id"] for record in records}) == len(records)
    return {record["question_id"]: [record[name] for name in names] for record in records}


@pytest.mark.parametrize("points", [(0, 2), (4, 1, 1)])
def test_a_retrieval_run_that_is_killed_again_and_again(
    points: Sequence[int], small_path: Path, tmp_path: Path
) -> None:
    (tmp_path / "mortal.py").write_text(SYSTEM)
    left, killed, whole = tmp_path / "left", tmp_path / "killed", tmp_path / "whole"
    line = command(killed, small_path, "--system", "mortal:Mortal")
    for point in points:
        left.write_text(str(point))
        assert start(line, left, tmp_path) == -signal.SIGKILL
    left.write_text(NEVER)
    assert start(line, left, tmp_path) == 0
    assert start(command(whole, small_path, "--system", "mortal:Mortal"), left, tmp_path) == 0
    names = ("gold", "found", "sessions")
    assert predictions(killed, *names) == predictions(whole, *names)
    assert json.loads((killed / "manifest.json").read_text())["finished_at"]


@pytest.mark.parametrize("concurrency", ["1", "3"])
def test_an_answering_run_that_is_killed_while_the_model_speaks(
    concurrency: str, small_path: Path, tmp_path: Path
) -> None:
    pytest.importorskip("openai")
    left = tmp_path / "left"
    left.write_text(NEVER)
    running: list[subprocess.Popen[bytes]] = []
    deadly = random.Random(5).randrange(1, 8)
    asked = 0
    counting = threading.Lock()

    def reply(messages: Sequence[Mapping[str, str]]) -> str:
        nonlocal asked
        with counting:
            asked += 1
            if asked == deadly:
                running[0].kill()
        question = messages[-1]["content"].rpartition("question:")[2]
        said = "a" if "(a)" in question else f"{len(question)} letters"
        return json.dumps({"answer": said, "cited": [1]})

    with chat_server(answer=reply) as server:
        reading = ("--task", "qa", "--reader-llm", "openai:x", "--base-url", server.url, "--system", "bm25")
        more = (*reading, "--concurrency", concurrency)
        killed, whole = tmp_path / "killed", tmp_path / "whole"
        env = {name: value for name, value in os.environ.items() if name != "OPENAI_BASE_URL"}
        running.append(subprocess.Popen(command(killed, small_path, *more), env=env, stderr=subprocess.DEVNULL))
        assert running[0].wait(120) == -signal.SIGKILL
        before, written = asked, killed / "predictions.jsonl"
        kept = written.read_bytes().count(b"\n") if written.exists() else 0
        assert start(command(killed, small_path, *more), left, tmp_path) == 0
        resumed = asked - before
        assert start(command(whole, small_path, *more), left, tmp_path) == 0
    names = ("found", "said", "cited", "context_tokens")
    assert len(predictions(whole)) == 10
    assert predictions(killed, *names) == predictions(whole, *names)
    assert resumed == 10 - kept  # what was written is not asked again


@given(cut=st.floats(0, 1), data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_cut_off_anywhere_is_taken_up(
    small: Dataset,
    scripted: Callable[..., ScriptedSystem],
    tmp_path_factory: pytest.TempPathFactory,
    cut: float,
    data: st.DataObject,
) -> None:
    told = {"é\u2028": 1.0}  # cut in the middle of a character, too
    answers = {one.text: Retrieved(one.evidence, None, (told,) * len(one.evidence)) for one in small.questions}
    configuration = RunConfiguration("retrieval", "locomo", "scripted", ks=(1, 3))

    def execute(folder: RunFolder) -> list[str]:
        system = scripted(answers)
        manifest = new_manifest(configuration, small, select(small), system.describe())
        run_retrieval(Run(system, select(small), folder, manifest), 3)
        return system.asked

    folder = RunFolder(tmp_path_factory.mktemp("cut"))
    execute(folder)
    whole = {record.question_id: record.found for record in folder.read_records() if hasattr(record, "found")}
    content = folder.predictions_path.read_bytes()
    kept = content[: round(cut * len(content))]
    folder.predictions_path.write_bytes(kept)
    asked = execute(folder)
    again = {record.question_id: record.found for record in folder.read_records() if hasattr(record, "found")}
    assert again == whole and len(asked) == len(whole) - kept.count(b"\n")
