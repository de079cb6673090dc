"""The catalog: every data set can be found, loaded and measured, and says where to get it."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from agentmem_evals.datasets.catalog import CATALOG, dataset_entry, find_data, load_dataset
from agentmem_evals.datasets.declarations import DECLARATIONS
from agentmem_evals.environment import DATA_VARIABLE, data_root
from agentmem_evals.errors import DataNotFound, EvalError
from agentmem_evals.metrics.answers import ANSWER_METRICS

REPOSITORY = Path(__file__).resolve().parents[2]
ROOT = data_root() or REPOSITORY.parent / "shared" / "data"
HERE = Path(__file__).parent / "data"


@pytest.mark.parametrize("name", CATALOG)
def test_an_entry_names_what_exists(name: str) -> None:
    entry = dataset_entry(name)
    assert set(entry.downloads) <= set(DECLARATIONS) and set(entry.answer_metrics) <= set(ANSWER_METRICS)
    assert entry.judge in {None, "longmemeval", "mem0", "strict"}
    assert list(entry.ks) == sorted(set(entry.ks)) and entry.ks[0] >= 1
    assert entry.origin and entry.licence.name
    assert not entry.downloads or {DECLARATIONS[one].folder for one in entry.downloads} & set(entry.folders)


@pytest.mark.parametrize("name", [name for name, entry in CATALOG.items() if entry.file_names])
def test_missing_data_are_refused_with_where_to_get_them(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataNotFound) as refusal:
        find_data(name, None, tmp_path)
    entry = dataset_entry(name)
    assert entry.origin in str(refusal.value) and entry.licence.name in str(refusal.value)
    assert not entry.downloads or f"agentmem-evals data fetch {' '.join(entry.downloads)}, or" in str(refusal.value)


def test_what_is_downloaded_is_found(tmp_path: Path) -> None:
    for name, entry in CATALOG.items():
        for declaration in (DECLARATIONS[one] for one in entry.downloads):
            if not declaration.members:
                path = tmp_path / name / declaration.folder / declaration.file_name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
        if entry.downloads and not any(DECLARATIONS[one].members for one in entry.downloads):
            assert find_data(name, None, tmp_path / name).is_file(), name


def test_what_archives_hold_is_found(tmp_path: Path) -> None:
    for name, member in (("msc", "msc/msc_dialogue/session_5/test.txt"), ("babi", "tasks/en/qa1_x_test.txt")):
        declaration = DECLARATIONS[name]
        assert any(fnmatchcase(member, pattern) for pattern in declaration.members)
        path = tmp_path / declaration.folder / Path(*Path(member).parts[-declaration.keep :])
        path.parent.mkdir(parents=True)
        path.touch()
        assert find_data(name, None, tmp_path) == path


def test_several_files_are_a_folder_where_they_are_read_together(tmp_path: Path) -> None:
    folder = tmp_path / "babi"
    folder.mkdir()
    (folder / "qa1_single-supporting-fact_train.txt").touch()
    assert find_data("babi", None, tmp_path) == folder / "qa1_single-supporting-fact_train.txt"
    (folder / "qa2_two-supporting-facts_train.txt").touch()
    assert find_data("babi", None, tmp_path) == find_data("babi", folder, None) == folder
    other = tmp_path / "longmemeval"
    other.mkdir()
    (other / "longmemeval_s_cleaned.json").touch()
    (other / "longmemeval_s.json").touch()
    assert find_data("longmemeval-s", None, tmp_path).name == "longmemeval_s_cleaned.json"
    assert find_data("longmemeval-s-original", None, tmp_path).name == "longmemeval_s.json"


def test_an_option_that_a_data_set_has_no_use_for_is_refused(small_path: Path, tmp_path: Path) -> None:
    with pytest.raises(EvalError, match="no use for --user-side-only; it is for longmemeval-oracle, "):
        load_dataset("locomo", small_path, user_side_only=True)
    with pytest.raises(EvalError, match="no use for --errata; it is for locomo, locomo-observations"):
        load_dataset("musique", HERE / "musique" / "questions_small.json", errata=tmp_path / "errata.json")


def test_options_reach_the_loader(small_path: Path, tmp_path: Path) -> None:
    errata = tmp_path / "errata.json"
    errata.write_text(
        json.dumps(
            [
                {
                    "question_id": "locomo_0_qa0",
                    "question": "When did Ada join a pottery class?",
                    "correct_answer": "never",
                }
            ]
        )
    )
    assert load_dataset("locomo", small_path, errata=errata).questions[0].answer == "never"
    with_captions, without = (load_dataset("locomo", small_path, captions=one) for one in (True, False))
    assert with_captions.bodies != without.bodies


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "bodies", "questions"),
    [
        ("locomo", 5, 999),
        ("locomo-observations", 5, 999),
        ("longmemeval-pool", 1, 240),
        ("musique", 1, 60),
        ("hotpotqa", 1, 60),
    ],
)
def test_the_data_that_are_here_are_found_and_loaded(name: str, bodies: int, questions: int) -> None:
    if not (ROOT / CATALOG[name].folders[0]).is_dir():
        pytest.skip(f"the data are neither in ${DATA_VARIABLE} nor in ../shared/data")
    dataset = load_dataset(name, find_data(name, None, ROOT))
    assert (dataset.name, len(dataset.bodies), len(dataset.questions)) == (name, bodies, questions)
    assert dataset.level is CATALOG[name].level


@pytest.mark.data
@pytest.mark.parametrize("name", ["babi", "babilong-0k", "sort"])
def test_data_of_other_loaders_are_found_and_loaded(name: str) -> None:
    if not (ROOT / CATALOG[name].folders[0]).is_dir():
        pytest.skip(f"the data are neither in ${DATA_VARIABLE} nor in ../shared/data")
    dataset = load_dataset(name, find_data(name, None, ROOT))
    assert dataset.bodies and dataset.questions and dataset.name == name and dataset.level is CATALOG[name].level


def test_a_generated_data_set_needs_no_file() -> None:
    dataset = load_dataset("epbench-book", find_data("epbench-book", None, None))
    assert dataset.name == "epbench-book" and dataset.questions
