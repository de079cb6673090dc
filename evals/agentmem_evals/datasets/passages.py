"""MuSiQue, HotpotQA and 2WikiMultiHopQA in HippoRAG's format: a corpus of passages, and questions that need several.

A folder holds ``corpus.json``, a list of ``{"title", "text"}`` or a mapping from titles to lists of sentences, and
beside it the questions in the data sets' own formats: MuSiQue's name their ``paragraphs`` with ``is_supporting``, the
others their ``context`` and the titles in ``supporting_facts``. Gold passages are found in the corpus by title and
text, white space aside: releases differ in what they put between the sentences. Source: HippoRAG (arXiv 2405.14831)
and its repository, OSU-NLP-Group/HippoRAG (MIT).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from agentmem_evals.errors import DataFormatError, DataNotFound
from agentmem_evals.types import Corpus, Dataset, Level, Passage, Question

MUSIQUE, HOTPOTQA, TWO_WIKI = "musique", "hotpotqa", "2wiki"
CORPUS_FILES = ("corpus.json", "*_corpus.json")
_HOPS = re.compile(r"(\d)hop")

PassageKey = tuple[str, str]
"""Title and text without white space: what makes two passages the same."""


def passage_key(title: str, text: str) -> PassageKey:
    """The key of a passage."""
    return "".join(title.split()), "".join(text.split())


def load_passages(name: str, path: Path) -> Dataset:
    """Read a file of questions, and the corpus in its folder.

    Raises:
        DataNotFound: there is no corpus beside the questions, or more than one.
        DataFormatError: a file is not JSON, or not in the format.
    """
    corpus_path = _corpus_beside(path)
    contents = [corpus_path.read_bytes(), path.read_bytes()]
    try:
        corpus = Corpus(name, tuple(_passages(json.loads(contents[0]))))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataFormatError(
            f"{corpus_path.name} is not a corpus in HippoRAG's format ({type(error).__name__}: {error}). Expected is a "
            'JSON list of {"title": ..., "text": ...}, or a mapping from titles to lists of sentences.'
        ) from error
    try:
        questions = tuple(_questions(name, json.loads(contents[1]), corpus))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataFormatError(
            f"{path.name} does not hold questions in HippoRAG's format ({type(error).__name__}: {error}). Expected is "
            "a JSON list of questions with 'paragraphs' (MuSiQue), or with 'supporting_facts' and 'context' (HotpotQA, "
            "2WikiMultiHopQA)."
        ) from error
    return Dataset(
        name=name,
        file_name=f"{corpus_path.name}, {path.name}",
        sha256=hashlib.sha256(b"".join(hashlib.sha256(content).digest() for content in contents)).hexdigest(),
        level=Level.PASSAGE,
        category_names={},
        bodies=(corpus,),
        questions=questions,
    )


def _corpus_beside(path: Path) -> Path:
    for pattern in CORPUS_FILES:
        match sorted(path.parent.glob(pattern)):
            case [one]:
                return one
            case [_, *_] as several:
                names = ", ".join(one.name for one in several)
                raise DataNotFound(f"Beside {path.name} are several corpora: {names}. Name the right one corpus.json.")
    raise DataNotFound(f"Beside {path.name} there is no corpus: put corpus.json into the same folder.")


def _passages(raw: Any) -> Iterator[Passage]:
    if isinstance(raw, Mapping):
        raw = [{"title": title, "text": text} for title, text in raw.items()]
    if not isinstance(raw, list):
        raise TypeError("neither a list nor a mapping")
    for number, entry in enumerate(raw):
        yield Passage(str(number), str(entry["title"]), _joined(entry["text"]))


def _joined(text: Any) -> str:
    """Sentences that bring their own white space are put together as they are, others with a space between."""
    if isinstance(text, str):
        return text
    joined = ""
    for sentence in text:
        joined += f" {sentence}" if joined and not (joined[-1:].isspace() or sentence[:1].isspace()) else sentence
    return joined


def _questions(name: str, raw: Any, corpus: Corpus) -> Iterator[Question]:
    if not isinstance(raw, list):
        raise TypeError("not a list")
    places = {passage_key(passage.title, passage.text): passage.id for passage in reversed(corpus.passages)}
    for entry in raw:
        gold = list(_supporting(entry))
        found = {(title, text): places.get(passage_key(title, text)) for title, text in gold}
        yield Question(
            id=f"{name}_{entry['id'] if 'id' in entry else entry['_id']}",
            body=corpus.id,
            text=str(entry["question"]),
            answer=None if entry.get("answer") is None else str(entry["answer"]),
            category=_category(entry),
            evidence=tuple(dict.fromkeys(place for place in found.values() if place is not None)),
            unresolved=tuple(title for (title, _), place in found.items() if place is None),
        )


def _supporting(entry: Mapping[str, Any]) -> Iterator[PassageKey]:
    """Title and text of each gold passage; of one that the question names without its text, the title alone."""
    if "paragraphs" in entry:
        for paragraph in entry["paragraphs"]:
            if paragraph.get("is_supporting", True):
                text = paragraph["text"] if "text" in paragraph else paragraph["paragraph_text"]
                yield str(paragraph["title"]), str(text)
        return
    context: dict[str, Sequence[str] | str] = {str(title): sentences for title, sentences in entry["context"]}
    for title in dict.fromkeys(str(title) for title, _ in entry["supporting_facts"]):
        yield title, _joined(context.get(title, ""))


def _category(entry: Mapping[str, Any]) -> str:
    """The kind of question as the data set tells it: ``bridge``, ``comparison``, ...; for MuSiQue ``2-hop``, ..."""
    if kind := entry.get("type"):
        return str(kind)
    hops = _HOPS.match(str(entry.get("id", "")))
    return f"{hops[1]}-hop" if hops else "all"
