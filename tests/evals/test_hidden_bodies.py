"""Bodies hidden in one background: what a system keeps, what it must not, and the option that asks for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from agentmem_evals.cli.app import app
from agentmem_evals.datasets.catalog import load_dataset
from agentmem_evals.errors import EvalError, UnknownName
from agentmem_evals.systems.agentmem_sdk import AgentMemorySystem
from agentmem_evals.systems.variant import parse_variant
from agentmem_evals.types import Dataset, Hidden
from typer.testing import CliRunner

STORIES = (
    "1 Mary went to the office.\n2 Mary took the milk.\n3 Where is the milk?\toffice\t2 1\n"
    "1 John went to the cellar.\n2 John took the milk.\n3 Where is the milk?\tcellar\t2 1\n"
    "1 Sandra went to the attic.\n2 Sandra took the milk.\n3 Where is the milk?\tattic\t2 1\n"
)
BOOK = " ".join(f"The {n} ferries of the {n} islands left the harbour in the morning of day {n}." for n in range(400))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("hidden")
    (root / "babi").mkdir()
    (root / "haystack").mkdir()
    (root / "babi" / "qa2_x_train.txt").write_text(STORIES)
    (root / "babi" / "qa3_x_train.txt").write_text(STORIES)
    (root / "haystack" / "book.txt").write_text(BOOK)
    return root / "babi"


def hidden(folder: Path) -> Dataset:
    return load_dataset("babi", folder, haystack="16K", tasks=("qa2",))


def test_bodies_have_most_sessions_in_common_and_pages_never_repeat(folder: Path) -> None:
    dataset = hidden(folder)
    first, second, _ = dataset.bodies
    assert isinstance(first, Hidden) and isinstance(second, Hidden) and first.background == second.background
    ours, theirs = set(first.sessions), set(second.sessions)
    assert len(ours & theirs) >= len(ours) - 5  # two statements on either side, and the last page
    pages = [tuple(turn.text for turn in session.turns) for session in first.sessions]
    assert len(set(pages)) == len(pages) > 400 / 25  # the book was gone through more than once


def test_of_another_body_nothing_is_found_and_all_of_this_one(folder: Path) -> None:
    system = AgentMemorySystem(None, 1000, parse_variant("texts"))
    try:
        for body, question in zip(hidden(folder).bodies, hidden(folder).questions, strict=True):
            system.ingest(body)
            stats = system._handle.stats()
            assert stats.memories == sum(1 for _ in body.items)
            found = set(system.retrieve(question.text, 50).items)
            assert found <= {item.id for item in body.items}
            texts = {item.id: item.text for item in body.items}
            milk = [texts[one] for one in found if "milk" in texts[one]]
            assert milk == [text for text in texts.values() if "milk" in text]
    finally:
        system.close()


def test_the_default_recipe_finds_both_facts(folder: Path) -> None:
    system = AgentMemorySystem(None, 1000, parse_variant(None))
    try:
        for body, question in zip(hidden(folder).bodies, hidden(folder).questions, strict=True):
            system.ingest(body)
            found = system.retrieve(question.text, 4)
            hopped = [item for item, why in zip(found.items, found.why, strict=True) if why.get("supporting", 0) >= 0.5]
            assert set(hopped) == set(question.evidence)
    finally:
        system.close()


def test_without_a_haystack_tasks_alone_are_chosen(folder: Path) -> None:
    assert {question.category for question in load_dataset("babi", folder).questions} == {"2", "3"}
    assert {question.category for question in load_dataset("babi", folder, tasks=("qa3",)).questions} == {"3"}


def test_what_cannot_be_is_refused_with_what_can(folder: Path) -> None:
    with pytest.raises(UnknownName, match="128k"):
        load_dataset("babi", folder, haystack="17k")
    with pytest.raises(UnknownName, match="qa2, qa3"):
        load_dataset("babi", folder, tasks=("qa9",))
    with pytest.raises(EvalError, match="--haystack 128k"):
        load_dataset("babi", folder, haystack_text=folder)
    with pytest.raises(EvalError, match="--haystack"):
        load_dataset("sort", folder, haystack="16k")


def test_the_command_line_hides_and_chooses(folder: Path, tmp_path: Path) -> None:
    book = folder.parent / "haystack"
    asked = ["--dataset", "babi", "--data", str(folder), "--haystack", "16K", "--haystack-text", str(book)]
    asked += ["--tasks", "qa2", "--system", "bm25", "--out", str(tmp_path / "run")]
    done = CliRunner().invoke(app, ["run", *asked])
    assert done.exit_code == 0, done.output
    manifest = (tmp_path / "run" / "manifest.json").read_text()
    assert '"haystack": "16k"' in manifest and "book.txt" in manifest and str(folder) not in manifest
