"""MuSiQue, HotpotQA and 2Wiki in HippoRAG's format: what resolves, what does not, and the real files."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from agentmem_evals.datasets.catalog import find_data, load_dataset
from agentmem_evals.datasets.passages import load_passages, passage_key
from agentmem_evals.datasets.selection import select
from agentmem_evals.errors import DataFormatError, DataNotFound
from agentmem_evals.types import Corpus, Dataset, Level

DATA = Path(__file__).parent / "data"


def load(name: str) -> Dataset:
    return load_dataset(name, find_data(name, None, DATA), captions=True)


def passages(dataset: Dataset) -> Corpus:
    (corpus,) = dataset.bodies
    assert isinstance(corpus, Corpus)
    return corpus


def test_a_passages_id_is_its_place_in_the_corpus() -> None:
    corpus = passages(load("musique"))
    assert [passage.id for passage in corpus.items] == ["0", "1", "2", "3", "4"]
    assert [passage.title for passage in corpus.passages][1:4] == ["Mara Velden", "Oostmeer", "Oostmeer"]
    assert (corpus.level, list(corpus.sessions), corpus.session_of()) == (Level.PASSAGE, [], {})


def test_gold_passages_are_found_by_title_and_text_white_space_aside() -> None:
    evidence = {question.id: question.evidence for question in load("musique").questions}
    assert evidence == {
        "musique_2hop__1_2": ("0", "1"),
        "musique_3hop1__1_2_3": ("0", "1", "2"),
        "musique_2hop__4_5": ("3",),  # two passages are called Oostmeer
    }


def test_gold_passages_that_the_corpus_lacks_are_counted() -> None:
    dataset = load("musique")
    assert [question.unresolved for question in dataset.questions] == [(), (), ("Roos Line",)]
    assert (select(dataset).unresolved, select(dataset).skipped) == (1, 0)


def test_categories_are_hops_or_the_data_sets_types() -> None:
    assert [question.category for question in load("musique").questions] == ["2-hop", "3-hop", "2-hop"]
    assert [question.category for question in load("hotpotqa").questions] == ["bridge", "comparison"]
    assert [question.category for question in load("2wiki").questions] == ["compositional"]


def test_a_corpus_may_map_titles_to_sentences() -> None:
    dataset = load("hotpotqa")
    assert passages(dataset).passages[0].text == "Tern Island Light is a lighthouse. It was designed by Mara Velden."
    first, second = dataset.questions
    assert (first.id, first.evidence, first.unresolved) == ("hotpotqa_h1", ("0", "1"), ())
    assert (second.evidence, second.unresolved) == (("2",), ("Harbour of Oostmeer",))


def test_sentences_without_white_space_of_their_own_are_joined_by_spaces() -> None:
    (question,) = load("2wiki").questions
    assert (question.evidence, question.unresolved, question.answer) == (("0", "1"), (), "Oostmeer")


def test_the_data_is_named_by_both_files_and_changes_with_either(tmp_path: Path) -> None:
    folder = shutil.copytree(DATA / "musique", tmp_path / "musique")
    before = load_passages("musique", folder / "questions_small.json")
    assert before.file_name == "corpus.json, questions_small.json" and before.sha256 == load("musique").sha256
    (folder / "corpus.json").write_text((folder / "corpus.json").read_text() + "\n")
    assert load_passages("musique", folder / "questions_small.json").sha256 != before.sha256


def test_several_files_of_questions_are_a_choice_to_make(tmp_path: Path) -> None:
    folder = shutil.copytree(DATA / "musique", tmp_path / "musique")
    other = shutil.copy(folder / "questions_small.json", folder / "questions_other.json")
    with pytest.raises(DataNotFound, match="several of questions"):
        find_data("musique", folder, None)
    assert find_data("musique", Path(other), None) == Path(other)


def test_questions_without_a_corpus_are_refused(tmp_path: Path) -> None:
    path = Path(shutil.copy(DATA / "musique" / "questions_small.json", tmp_path))
    with pytest.raises(DataNotFound, match=r"put corpus\.json"):
        load_passages("musique", path)
    for name in ("a_corpus.json", "b_corpus.json"):
        (tmp_path / name).write_text("[]")
    with pytest.raises(DataNotFound, match="several corpora"):
        load_passages("musique", path)


@pytest.mark.parametrize("content", ["no json", "1", '[{"title": "t"}]', "[3]", '{"t": 3}'])
def test_another_corpus_format_is_a_typed_refusal(tmp_path: Path, content: str) -> None:
    (tmp_path / "corpus.json").write_text(content)
    (tmp_path / "questions.json").write_text("[]")
    with pytest.raises(DataFormatError, match=r"corpus\.json is not a corpus"):
        load_passages("musique", tmp_path / "questions.json")


@pytest.mark.parametrize(
    "content", ["no json", "{}", '[{"id": "q"}]', '[{"id": "q", "question": "?", "context": [1]}]']
)
def test_another_question_format_is_a_typed_refusal(tmp_path: Path, content: str) -> None:
    (tmp_path / "corpus.json").write_text("[]")
    (tmp_path / "questions.json").write_text(content)
    with pytest.raises(DataFormatError, match=r"questions\.json does not hold questions"):
        load_passages("musique", tmp_path / "questions.json")


def test_paragraphs_without_a_mark_are_all_gold(tmp_path: Path) -> None:
    entry: dict[str, Any] = {"id": "x", "question": "?", "paragraphs": [{"title": "t", "text": "a b"}]}
    (tmp_path / "corpus.json").write_text(json.dumps([{"title": "t", "text": "a  b"}] * 2))
    (tmp_path / "questions.json").write_text(json.dumps([entry]))
    (question,) = load_passages("musique", tmp_path / "questions.json").questions
    assert (question.evidence, question.category, question.answer) == (("0",), "all", None)


def test_white_space_does_not_tell_passages_apart() -> None:
    assert passage_key("A  b", "c\nd ") == passage_key("A b", "c d") != passage_key("A c", "b d")


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "texts", "gold", "first", "last"),
    [
        ("musique", 1890, 143, "Journal of Mathematical Physics", "Lewistown, Illinois"),
        ("hotpotqa", 994, 120, "Demon Dice", "Ann B. Davis"),
    ],
)
def test_the_development_files_resolve_whole(
    data_dir: Path, name: str, texts: int, gold: int, first: str, last: str
) -> None:
    dataset = load_dataset(name, find_data(name, None, data_dir), captions=True)
    corpus = passages(dataset)
    assert (len(corpus.passages), len(dataset.questions)) == (texts, 60)
    assert (corpus.passages[0].title, corpus.passages[-1].title) == (first, last)
    assert sum(len(question.evidence) for question in dataset.questions) == gold
    selection = select(dataset)
    assert (len(selection.questions), selection.unresolved, selection.skipped) == (60, 0, 0)


@pytest.mark.data
def test_the_development_questions_have_the_known_categories(data_dir: Path) -> None:
    musique = load_dataset("musique", find_data("musique", data_dir / "musique", None), captions=True)
    assert Counter(question.category for question in musique.questions) == {"2-hop": 41, "3-hop": 15, "4-hop": 4}
    assert musique.questions[0].text.startswith("Who was the first president of the association which published")
    hotpotqa = load_dataset("hotpotqa", find_data("hotpotqa", data_dir, None), captions=True)
    assert Counter(question.category for question in hotpotqa.questions) == {"bridge": 47, "comparison": 13}
