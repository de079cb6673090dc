"""Systems that others wrote: found by name, made, completed, or refused; and the documented example."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from agentmem_evals.embedding.meter import MeteredEmbedder
from agentmem_evals.errors import UnknownName
from agentmem_evals.systems.catalog import make_system
from agentmem_evals.systems.failures import InvalidSystem
from agentmem_evals.systems.protocol import AnsweringSystem
from agentmem_evals.types import Body, Dataset, Retrieved

from agentmem.protocols import Embedder
from agentmem.types import Usage

DOCUMENT = Path(__file__).parents[2] / "evals" / "SYSTEMS.md"
AT = datetime(2024, 5, 1, tzinfo=UTC)


class Least:
    """The least that is a system."""

    def ingest(self, body: Body) -> None:
        self.ids = [item.id for item in body.items]

    def retrieve(self, question: str, k: int) -> list[str]:
        return self.ids[:k]


class Whole(Least):
    """One that says everything."""

    name = "whole"
    concurrent = True
    closed = 0

    def __init__(self, context: Any) -> None:
        self.embedder = context.embedder()

    def describe(self) -> dict[str, Any]:
        return {"colour": "blue"}

    def retrieve(self, question: str, k: int, *, asked_at: datetime | None = None) -> Any:
        return Retrieved((str(asked_at),), ("session_1",))

    def answer(self, question: str, *, asked_at: datetime | None = None) -> str:
        return f"{question} {asked_at}"

    def usage(self) -> Usage:
        return Usage(llm_calls=3)

    def stored_bytes(self) -> int:
        return 12

    def close(self) -> None:
        Whole.closed += 1


class OnlyAnswers:
    """One that answers, and says nothing about what it found."""

    def ingest(self, body: Body) -> None:
        self.body = body.id

    def answer(self, question: str) -> str:
        return "" if question else 5  # type: ignore[return-value]


class NoSystem:
    """A class that is none."""


class Odd(Least):
    """One that retrieves what are no ids."""

    def retrieve(self, question: str, k: int) -> Any:
        return {"text": "D1:1", "numbers": [1, 2], "mapping": {"D1:1": 0.5}, "nothing": None}[question]


def made(spec: str, embedder: Callable[[], MeteredEmbedder | None] = lambda: None) -> Any:
    return make_system(spec, embedder, 10)


@pytest.mark.parametrize("prefix", ["", "python:"])
def test_the_least_that_is_a_system(prefix: str, small: Dataset) -> None:
    system = made(f"{prefix}{__name__}:Least")
    system.ingest(small.bodies[0])
    assert system.retrieve("anything", 2, asked_at=AT) == Retrieved(("D1:1", "D1:2"))
    assert system.name == f"{__name__}:Least" and system.describe()["defined_in"] == f"{__name__}:Least"
    assert (system.usage(), system.stored_bytes(), system.concurrent) == (Usage(), 0, False)
    assert not isinstance(system, AnsweringSystem)
    system.close()


def test_what_a_system_says_is_kept(word_embedder: Embedder) -> None:
    embedder = MeteredEmbedder(word_embedder)
    system = made(f"{__name__}:Whole", lambda: embedder)
    assert system.retrieve("q", 1, asked_at=AT) == Retrieved((str(AT),), ("session_1",))
    assert isinstance(system, AnsweringSystem) and system.answer("q", asked_at=AT) == f"q {AT}"
    assert (system.name, system.describe()["colour"], system.concurrent) == ("whole", "blue", True)
    assert (system.usage().llm_calls, system.stored_bytes()) == (3, 12)
    before = Whole.closed
    system.close()
    assert Whole.closed == before + 1


def test_a_system_may_only_answer() -> None:
    system = made(f"{__name__}:OnlyAnswers")
    assert system.answer("q", asked_at=AT) == ""
    with pytest.raises(InvalidSystem, match="answered with int"):
        system.answer("")
    with pytest.raises(InvalidSystem, match="retrieves nothing"):
        system.retrieve("q", 1)


@pytest.mark.parametrize("question", ["text", "numbers", "mapping", "nothing"])
def test_what_are_no_ids_is_refused(question: str) -> None:
    with pytest.raises(InvalidSystem, match="retrieved no ids"):
        made(f"{__name__}:Odd").retrieve(question, 1)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("no_such_module_here:Class", "cannot be imported"),
        (f"{__name__}:Absent", "has no class 'Absent'"),
        (f"{__name__}:DOCUMENT", "has no class 'DOCUMENT'"),
        ("python:nothing", "names no system"),
        ("python:", "Known are"),
        ("bm52", "Your own is named module:Class"),
    ],
)
def test_what_is_not_there_is_refused(spec: str, words: str) -> None:
    with pytest.raises(UnknownName, match=words):
        made(spec)


def test_what_is_no_system_is_refused() -> None:
    with pytest.raises(InvalidSystem, match=r"needs the methods ingest\(body\)"):
        made(f"{__name__}:NoSystem")


def test_the_documented_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: Dataset) -> None:
    example = re.search(r"```python\n# (\w+)\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.S)
    assert example is not None
    module, code = example.groups()
    (tmp_path / f"{module}.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    system = made(f"{module}:LongestTurns")
    system.ingest(small.bodies[0])
    longest = max(small.bodies[0].items, key=lambda item: len(item.text))
    assert system.retrieve("anything", 1).items == (longest.id,)
