"""QuALITY, questions with four options about long texts (Pang et al. 2022, arXiv 2112.08608; nyu-mll/quality).

The official files are ``QuALITY.v1.0.1[.htmlstripped].<half>``, a JSON object a line: an article with one writer's
questions; an article comes on two lines. Each article has a licence of its own. The article is a corpus, its paragraphs
are the passages, in order. No evidence is published: questions measure answers and no retrieval. The test half has no
labels: its questions have no answer. Official protocol: accuracy over all questions, and over the hard ones
(``difficult`` is 1: most readers in a hurry were wrong); chance is 25%.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from agentmem_evals.datasets.formats.json_lines import read_lines
from agentmem_evals.errors import DataFormatError
from agentmem_evals.types import Corpus, Dataset, Level, Passage, Question

NAME = "quality"
FILE_NAMES = (
    "QuALITY.v1.0.1.htmlstripped.dev",
    "QuALITY.v1.0.1.dev",
    "QuALITY.*.dev",
    "QuALITY.*.train",
    "QuALITY.*.test",
)
HARD, EASY, UNLABELLED = "hard", "easy", "unlabelled"
CATEGORY_NAMES: Mapping[str, str] = {
    HARD: "hard (difficult = 1)",
    EASY: "not hard",
    UNLABELLED: "difficulty not published",
}

_BORDER = re.compile(r"</?(?:p|div|h\d|blockquote|li|ul|ol|table|tr|hr)\b[^>]*>|(?:<br\s*/?>\s*){2,}", re.IGNORECASE)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"<(?:/?[a-zA-Z][^>]*|!--.*?--)>", re.DOTALL)
_BLANK = re.compile(r"\n\s*\n")
_HTML = re.compile(r"</(?:p|div|html|body|h\d)>|<br\s*/?>", re.IGNORECASE)
_EXPECTED = (
    "Expected is an object with 'article_id', 'set_unique_id', 'article', and 'questions', each with 'question', "
    "'options' and, but in the test half, 'gold_label' from 1 on and 'difficult' 0 or 1."
)


@dataclass(frozen=True, slots=True)
class _Set:
    article: str
    text: str
    questions: tuple[Question, ...]


def load_quality(path: Path) -> Dataset:
    """Read one half of QuALITY, with HTML or stripped of it.

    Raises:
        DataFormatError: a line is not in the format, or two lines give one article another text.
    """
    content = path.read_bytes()
    texts: dict[str, str] = {}
    questions: dict[str, Question] = {}
    for number, one in read_lines(content, path.name, _set, _EXPECTED):
        if texts.setdefault(one.article, one.text) != one.text:
            raise DataFormatError(f"Line {number} of {path.name} gives article {one.article} another text than before.")
        for question in one.questions:
            if question.id in questions:
                raise DataFormatError(f"Line {number} of {path.name} has the question {question.id} again.")
            questions[question.id] = question
    if not texts:
        raise DataFormatError(f"{path.name} holds no article. {_EXPECTED}")
    return Dataset(
        name=NAME,
        file_name=path.name,
        sha256=hashlib.sha256(content).hexdigest(),
        level=Level.PASSAGE,
        category_names=CATEGORY_NAMES,
        bodies=tuple(_corpus(article, text) for article, text in texts.items()),
        questions=tuple(questions.values()),
    )


def paragraphs(article: str) -> tuple[str, ...]:
    """The paragraphs of an article in HTML or plain text, white space joined, none empty.

    Plain text is cut at blank lines or, if it has none, at the ends of its lines.
    """
    text = article
    if _HTML.search(article):
        flowing = _BREAK.sub(" ", _BORDER.sub("\n\n", article.replace("\n", " ")))
        text = unescape(_TAG.sub("", flowing))
    parts = _BLANK.split(text.strip())
    if len(parts) == 1:
        parts = text.split("\n")
    return tuple(joined for part in parts if (joined := " ".join(part.split())))


def _corpus(article: str, text: str) -> Corpus:
    return Corpus(article, tuple(Passage(str(place), "", one) for place, one in enumerate(paragraphs(text))))


def _set(raw: Mapping[str, Any]) -> _Set:
    article, set_id = str(raw["article_id"]), str(raw["set_unique_id"])
    return _Set(
        article,
        str(raw["article"]),
        tuple(_question(one, article, f"{set_id}_{number}") for number, one in enumerate(raw["questions"], start=1)),
    )


def _question(raw: Mapping[str, Any], article: str, id: str) -> Question:
    options = tuple(str(one) for one in raw["options"])
    label = raw.get("gold_label")
    if label is not None and not 1 <= int(label) <= len(options):
        raise ValueError(f"the question {id} has {len(options)} options and the label {label}")
    difficult = raw.get("difficult")
    return Question(
        id=f"{NAME}_{raw.get('question_unique_id', id)}",
        body=article,
        text=str(raw["question"]),
        answer=None if label is None else options[int(label) - 1],
        category=UNLABELLED if difficult is None else HARD if int(difficult) else EASY,
        evidence=(),
        options=options,
    )
