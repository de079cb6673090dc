"""The Episodic Memories Benchmark's schema, and the project's own book: every gold answer worked out again."""

from __future__ import annotations

import builtins
import importlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from agentmem_evals.datasets.epbench import load_epbench
from agentmem_evals.datasets.epbench_book import generate_book, load_generated_book, write_book
from agentmem_evals.datasets.epbench_questions import kinds
from agentmem_evals.datasets.formats.chapters import CATEGORY_NAMES, bin_of, fewest_events
from agentmem_evals.errors import DataFormatError, DataNotFound
from agentmem_evals.types import Corpus, Dataset, Level
from hypothesis import given, settings
from hypothesis import strategies as st

BOOK = "Chapter 1\n\nOn May 02, 2031 Ann swam.\n\nIt was cold.\n\nChapter 2\n\nOn May 01, 2031 Ann sang with Bo."
ROW: Mapping[str, Any] = {
    "question": "When was Ann seen, in order?",
    "cue": "(*, *, ent, *)",
    "retrieval_type": "Times",
    "get": "chronological",
    "correct_answer": ["May 01, 2031", "May 02, 2031"],
    "correct_answer_chapters": [2, 1],
    "n_items_correct_answer": 2,
    "n_chapters_correct_answer": 2,
}


def load(folder: Path, *rows: Mapping[str, Any], book: Any = BOOK) -> Dataset:
    (folder / "book.json").write_text(json.dumps(book))
    (folder / "df_qa.json").write_text(json.dumps(rows))
    return load_epbench(folder)


def test_a_chapter_is_a_passage_and_evidence_are_chapters(tmp_path: Path) -> None:
    dataset = load(tmp_path, ROW)
    (corpus,) = dataset.bodies
    assert isinstance(corpus, Corpus) and dataset.level is Level.PASSAGE
    assert [(one.id, one.title) for one in corpus.passages] == [("1", "Chapter 1"), ("2", "Chapter 2")]
    assert corpus.passages[0].text == "On May 02, 2031 Ann swam.\n\nIt was cold."
    (question,) = dataset.questions
    assert (question.evidence, question.category) == (("2", "1"), "chronological:2")
    assert question.parts == ("May 01, 2031", "May 02, 2031")
    assert (question.answer, question.unanswerable) == ("May 01, 2031; May 02, 2031", False)


def test_questions_about_nothing_are_unanswerable(tmp_path: Path) -> None:
    nothing = {**ROW, "get": "all", "correct_answer": [], "correct_answer_chapters": [], "n_chapters_correct_answer": 0}
    nobody = {**nothing, "correct_answer_chapters": [1], "n_chapters_correct_answer": 1}  # nobody else was there
    first, second = load(tmp_path, nothing, nobody).questions
    assert (first.category, first.answer, first.parts, first.unanswerable) == ("all:0", None, (), True)
    assert (second.category, second.evidence, second.unanswerable) == ("all:1", ("1",), True)


def test_a_whole_event_is_its_chapters_text(tmp_path: Path) -> None:
    whole = {**ROW, "get": "all", "correct_answer": ["Full chapter 2"], "correct_answer_chapters": [2, 9]}
    (question,) = load(tmp_path, whole).questions
    assert question.answer == "On May 01, 2031 Ann sang with Bo."
    assert (question.evidence, question.unresolved) == (("2",), ("9",))


@pytest.mark.parametrize(
    ("events", "bin"), [(0, "0"), (1, "1"), (2, "2"), (3, "3-5"), (5, "3-5"), (6, "6+"), (40, "6+")]
)
def test_the_bins_are_the_benchmarks(events: int, bin: str) -> None:
    assert bin_of(events) == bin
    assert fewest_events(f"latest:{bin}") == min(events, {"3-5": 3, "6+": 6}.get(bin, events))
    assert f"all:{bin}" in CATEGORY_NAMES


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"get": "some"}, "Row 1 .*'get'"),
        ({"correct_answer": "May"}, "Row 1 .*not a list"),
        ({"correct_answer_chapters": ["x"]}, "Row 1 "),
    ],
)
def test_rows_in_another_format_are_named(tmp_path: Path, changes: Mapping[str, Any], says: str) -> None:
    with pytest.raises(DataFormatError, match=says):
        load(tmp_path, ROW, {**ROW, **changes})


def test_other_books_are_refused(tmp_path: Path) -> None:
    for book in (["Chapter 1"], "no chapters", "Chapter 1\n\na\n\nChapter 1\n\nb"):
        with pytest.raises(DataFormatError):
            load(tmp_path, ROW, book=book)
    load(tmp_path, ROW)
    for content in ("no json", "{}"):
        (tmp_path / "df_qa.json").write_text(content)
        with pytest.raises(DataFormatError, match=r"df_qa\.json"):
            load_epbench(tmp_path)
    (tmp_path / "df_qa.json").unlink()
    with pytest.raises(DataNotFound, match="no questions"):
        load_epbench(tmp_path)
    with pytest.raises(DataNotFound, match="folder of one book"):
        load_epbench(tmp_path / "elsewhere")


def test_parquet_without_its_package_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(tmp_path, ROW)
    (tmp_path / "df_qa.json").rename(tmp_path / "df_qa.parquet")

    def missing(name: str) -> Any:
        raise builtins.ModuleNotFoundError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(DataNotFound, match=r"Install pyarrow, or .*df_qa\.json"):
        load_epbench(tmp_path / "book.json")


def test_there_are_the_benchmarks_36_kinds() -> None:
    asked = list(kinds())
    # One cue: 4 x 3 aspects; two: 6 x 2; three: 4 x 1; four: 2; about a person: 6.
    assert len(asked) == len(set(asked)) == 4 * 3 + 6 * 2 + 4 * 1 + 2 + 6 == 36


@settings(deadline=None, max_examples=10)
@given(chapters=st.integers(1, 60), seed=st.integers(0, 1000))
def test_the_own_books_answers_follow_from_its_text(chapters: int, seed: int) -> None:
    book = generate_book(chapters, seed)
    dataset = load_generated_book(chapters, seed)
    (corpus,) = dataset.bodies
    texts = {item.id: item.text for item in corpus.items}
    assert len(texts) == chapters
    for event in book.events:
        for value in (event.time, event.place, event.person, event.content, *event.companions):
            assert value in texts[str(event.chapter)]
    assert len({(event.day, event.person) for event in book.events}) == chapters
    for row, question in zip(book.rows, dataset.questions, strict=True):
        assert set(question.evidence) == {str(one) for one in row.correct_answer_chapters}
        assert question.unanswerable == (not row.correct_answer)
        if question.parts and row.retrieval_type != "Full event details":
            assert all(any(part in texts[one] for one in question.evidence) for part in question.parts)
        if row.get == "chronological" and row.retrieval_type == "Times":
            days = [datetime.strptime(part, "%B %d, %Y").date() for part in question.parts]  # noqa: DTZ007
            assert days == sorted(set(days)) and len(days) == row.n_chapters_correct_answer


def test_matching_is_counted_by_hand_in_a_small_book() -> None:
    book = generate_book(12, 3)
    for row in book.rows:
        if row.get == "all" and row.cue == "(*, *, ent, *)" and row.retrieval_type == "Spaces" and row.correct_answer:
            who = next(event.person for event in book.events if event.person in row.question)
            where = [event.place for event in book.events if event.person == who]
            assert row.correct_answer == tuple(dict.fromkeys(where))
            assert row.n_chapters_correct_answer == len(where)
            break
    else:
        pytest.fail("no such question")


def test_the_own_book_is_the_same_every_time_and_can_be_written(tmp_path: Path) -> None:
    assert generate_book(seed=5) == generate_book(seed=5) != generate_book(seed=6)
    write_book(tmp_path / "new", seed=5)
    read, made = load_epbench(tmp_path / "new"), load_generated_book(seed=5)
    assert read.sha256 == made.sha256
    assert [(one.text, one.parts, one.category) for one in read.questions] == [
        (one.text, one.parts, one.category) for one in made.questions
    ]
    with pytest.raises(ValueError, match="1 to 400"):
        generate_book(0)


def test_the_own_book_has_every_group_of_questions() -> None:
    dataset = load_generated_book()
    assert (len(list(dataset.bodies[0].items)), len(dataset.questions)) == (
        40,
        len({q.text for q in dataset.questions}),
    )
    assert {f"all:{bin}" for bin in ("0", "1", "2", "3-5", "6+")} <= {q.category for q in dataset.questions}
    assert {"latest:3-5", "chronological:3-5", "chronological:0"} <= {q.category for q in dataset.questions}
    first, last = dataset.questions[0], dataset.questions[-1]
    assert (first.id, last.category) == ("epbench-book_0", "chronological:0")
