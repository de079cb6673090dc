"""Which files decide what a run predicts: with others a run goes on, with changed ones it is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from agentmem_evals import prompts
from agentmem_evals.judging.rubrics import JUDGES
from agentmem_evals.reading.styles import Style
from agentmem_evals.runner import provenance
from agentmem_evals.runner.provenance import code_provenance, decisive_files

REAL = Path(prompts.__file__).parent


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the prompts in the place of the real ones; the library and the other folders are left out."""
    shutil.copytree(REAL, tmp_path / "prompts")
    monkeypatch.setattr(provenance, "_HERE", tmp_path)
    monkeypatch.setattr(provenance.importlib.util, "find_spec", lambda _name: None)
    return tmp_path / "prompts"


def hashed() -> str:
    return str(code_provenance()["sha256"])


def test_a_judges_prompt_changes_no_prediction(copy: Path) -> None:
    before = hashed()
    for judge in JUDGES.values():
        for id in judge.prompt_ids:
            (copy / f"{id}.md").write_text("other words")
    (copy / "judge_mine.md").write_text("new words")
    assert hashed() == before


@pytest.mark.parametrize("name", [*(f"{style.value}.md" for style in Style), "library.py", "read_new.md"])
def test_a_readers_prompt_and_what_renders_it_do(copy: Path, name: str) -> None:
    before = hashed()
    (copy / name).write_text("other words")
    assert hashed() != before


def test_caches_do_not_count_and_names_of_judges_count_elsewhere(tmp_path: Path) -> None:
    for name in ("__pycache__/a.pyc", "judge_strict.md", "a.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [path.name for path in decisive_files(tmp_path)] == ["a.py", "judge_strict.md"]
    assert not [path for path in decisive_files(REAL) if path.name.startswith("judge_")]
