"""The documents tell the truth: their Python runs, prints what they say, and their links lead somewhere."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from agentmem import AgentMemory
from agentmem.kinds import DERIVED
from agentmem.recipes import RECIPES
from agentmem.retrieval.signals import ALL_SIGNALS
from agentmem.store.schema import metadata
from agentmem.testing import FakeEmbedder

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *(
        ROOT / folder / "README.md"
        for folder in ("examples", "evals", "integrations", "integrations/langchain", "integrations/mcp")
    ),
]
_PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_PRINTED = re.compile(r"# -> (.*)$", re.MULTILINE)
_LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def blocks(path: Path) -> Iterator[tuple[int, str]]:
    """The Python blocks of a document, each with the line it starts in."""
    text = read(path)
    for match in _PYTHON.finditer(text):
        yield text.count("\n", 0, match.start()) + 2, match[1]


def anchors(text: str) -> set[str]:
    """The fragments of a document's headings, as GitHub makes them."""
    found = set()
    for heading in _HEADING.findall(_FENCE.sub("", text)):
        kept = "".join(c for c in heading.lower() if c in " -_" or unicodedata.category(c)[0] in "LN")
        found.add(kept.replace(" ", "-"))
    return found


@pytest.fixture
def fake_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a document takes the default model, a fake stands in."""
    opening = AgentMemory.open.__func__  # type: ignore[attr-defined]

    def open_with_fake(cls: type[AgentMemory], path: Any, **arguments: Any) -> AgentMemory:
        return opening(cls, path, **{"embedder": FakeEmbedder(), **arguments})

    monkeypatch.setattr(AgentMemory, "open", classmethod(open_with_fake))


@pytest.mark.usefixtures("fake_model")
@pytest.mark.parametrize("path", [path for path in DOCUMENTS if any(blocks(path))], ids=named)
def test_the_python_of_a_document_does_what_it_says(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All blocks of a document share their names. A line that prints tells after ``# ->`` what."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "__main__"}
    for line, block in blocks(path):
        exec(compile("\n" * (line - 1) + block, named(path), "exec"), names)
        printed = capsys.readouterr().out.splitlines()
        promised = _PRINTED.findall(block)
        assert [text for text in printed if text in promised] == promised, f"{named(path)}:{line} printed {printed}"


def test_the_readme_has_python() -> None:
    assert sum(len(_PRINTED.findall(block)) for _, block in blocks(ROOT / "README.md")) >= 5


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_links_within_the_project_lead_somewhere(path: Path) -> None:
    for target in _LINK.findall(_FENCE.sub("", read(path))):
        if "://" in target:
            continue
        file, _, fragment = target.partition("#")
        found = (path.parent / file) if file else path
        assert found.exists(), f"{named(path)} links to {target}"
        assert not fragment or fragment in anchors(read(found)), f"{named(path)} links to {target}"


def cells(line: str) -> list[str]:
    """The cells of a table's row."""
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def test_the_table_of_weights_is_the_file() -> None:
    stored = json.loads(resources.files("agentmem.retrieval").joinpath("weights.json").read_text(encoding="utf-8"))
    text = read(ROOT / "docs" / "retrieval.md")
    heading = re.search(r"^\| \| `turn` \|.*$", text, re.MULTILINE)
    assert heading, "docs/retrieval.md has no table of weights"
    sets = [name.strip("`") for name in cells(heading[0]) if name]
    assert sorted(sets) == sorted(stored), "docs/retrieval.md does not show the sets of weights there are"
    table = text[heading.end() :].partition("\n\n")[0]
    for name in [*ALL_SIGNALS, "scale", "bias"]:
        row = re.search(rf"^\| `{name}` \|.*$", table, re.MULTILINE)
        assert row, f"docs/retrieval.md has no row of weights for {name}"
        for shown, kind in zip(cells(row[0])[1:], sets, strict=True):
            weight = {**stored[kind]["signals"], "scale": stored[kind]["scale"], "bias": stored[kind]["bias"]}.get(name)
            expected = "" if weight is None else f"{weight:.2f}"
            assert shown == expected, f"docs/retrieval.md: {kind} weight of {name} is {expected or 'none'}"


def test_every_signal_is_explained() -> None:
    text = read(ROOT / "docs" / "retrieval.md")
    explained = text[text.index("## 5. Signals") : text.index("## 6. One score")]
    assert {name for name in ALL_SIGNALS if f"| `{name}` |" not in explained} == set()


def test_the_table_of_recipes_is_what_they_say() -> None:
    text = read(ROOT / "docs" / "recipes.md")
    rows = [cells(line) for line in text.splitlines() if line.startswith("| `")]
    shown = {row[0].strip("`"): tuple(row[1:]) for row in rows}
    assert shown == {
        recipe.name: (recipe.paper or "", recipe.cost.write, recipe.cost.query) for recipe in RECIPES.values()
    }
    described = text[text.index("## Our own") :]
    families = {name.removesuffix("-rerank").removesuffix("-iterative") for name in RECIPES}
    assert {name for name in families if f"`{name}`" not in described} == set(), "docs/recipes.md does not tell what"


def test_the_architecture_names_every_table_and_kind() -> None:
    text = read(ROOT / "docs" / "architecture.md")
    assert {name for name in metadata.tables if f"| `{name}` |" not in text} == set()
    assert {kind for kind in DERIVED if f"`{kind}`" not in text} == set()


def test_the_map_names_the_files_there_are() -> None:
    text = read(ROOT / "docs" / "architecture.md")
    library = ROOT / "agentmem"
    for named_file in re.findall(r"`((?:\w+/)+\w+\.py)`", text):
        assert (library / named_file).is_file() or (ROOT / named_file).is_file(), (
            f"docs/architecture.md names {named_file}"
        )
    words = set(re.findall(r"\w+", text))
    files = [path.relative_to(library) for path in sorted(library.rglob("*.py"))]
    missing = [
        str(path)
        for path in files
        if not path.stem.startswith("__")
        and "migrations" not in path.parts
        and "conformance" not in path.parts
        and path.stem not in words
    ]
    assert missing == [], "docs/architecture.md has no word on these"
