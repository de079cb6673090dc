"""QuALITY's schema, in words of our own: paragraphs, options, labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from agentmem_evals.datasets.quality import load_quality, paragraphs
from agentmem_evals.datasets.selection import select
from agentmem_evals.errors import DataFormatError
from agentmem_evals.types import Level

LINE: dict[str, Any] = {
    "article_id": "51",
    "set_unique_id": "51_A",
    "article": "The ship\nwas late.\n\nNobody minded.\n",
    "questions": [
        {"question": "Who minded?", "options": ["all", "nobody", "Ann", "Bo"], "gold_label": 2, "difficult": 1},
        {"question": "What was late?", "options": ["a ship", "a train", "Ann", "Bo"], "gold_label": 1, "difficult": 0},
    ],
}


def write(folder: Path, *lines: Any) -> Path:
    path = folder / "QuALITY.v1.0.1.htmlstripped.dev"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


def test_an_article_is_a_corpus_of_paragraphs_and_comes_once(tmp_path: Path) -> None:
    other = {**LINE, "set_unique_id": "51_B"}
    dataset = load_quality(write(tmp_path, LINE, other))
    (corpus,) = dataset.bodies
    assert [(item.id, item.text) for item in corpus.items] == [("0", "The ship was late."), ("1", "Nobody minded.")]
    assert (dataset.level, len(dataset.questions)) == (Level.PASSAGE, 4)
    assert [question.id for question in dataset.questions] == [
        "quality_51_A_1",
        "quality_51_A_2",
        "quality_51_B_1",
        "quality_51_B_2",
    ]


def test_labels_count_from_one_and_hard_questions_are_a_category(tmp_path: Path) -> None:
    first, second = load_quality(write(tmp_path, LINE)).questions
    assert (first.answer, first.category, first.options[2]) == ("nobody", "hard", "Ann")
    assert (second.answer, second.category) == ("a ship", "easy")


def test_there_is_no_evidence_and_retrieval_is_not_measured(tmp_path: Path) -> None:
    dataset = load_quality(write(tmp_path, LINE))
    assert (len(select(dataset).questions), select(dataset).skipped) == (0, 2)


def test_the_test_half_has_no_answers(tmp_path: Path) -> None:
    asked = {"question": "Who?", "options": ["a", "b", "c", "d"], "question_unique_id": "51_A_9"}
    (question,) = load_quality(write(tmp_path, {**LINE, "questions": [asked]})).questions
    assert (question.id, question.answer, question.category) == ("quality_51_A_9", None, "unlabelled")


@pytest.mark.parametrize(
    ("article", "expected"),
    [
        ("<p>One <i>two</i>\nthree.</p><p>Four &amp; 5 < 6.</p>", ("One two three.", "Four & 5 < 6.")),
        ("<html><body>One<br/>two.<br/><br/>Three.</body></html>", ("One two.", "Three.")),
        ("First line.\nSecond line.", ("First line.", "Second line.")),
        ("One\ntwo.\n \nThree < 4.", ("One two.", "Three < 4.")),
        ("", ()),
    ],
)
def test_paragraphs_of_html_and_of_plain_text(article: str, expected: tuple[str, ...]) -> None:
    assert paragraphs(article) == expected


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ({**LINE, "article_id": "52", "questions": [{"question": "?"}]}, "Line 2 .* lacks 'options'"),
        ({"article_id": "52"}, "Line 2 .* lacks 'set_unique_id'"),
        ([1], "Line 2 .* object"),
        ({**LINE, "article": "another"}, "Line 2 .* another text"),
        (LINE, "Line 2 .* again"),
        ({**LINE, "questions": [{**LINE["questions"][0], "gold_label": 5}]}, "Line 2 .* label 5"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, line: Any, says: str) -> None:
    with pytest.raises(DataFormatError, match=says):
        load_quality(write(tmp_path, LINE, line))


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataFormatError, match="no article"):
        load_quality(write(tmp_path))
