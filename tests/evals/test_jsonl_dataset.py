"""One's own data: the documented examples are loaded and put to a system, and what is wrong is named with its line."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from agentmem_evals.datasets.jsonl import load_jsonl
from agentmem_evals.datasets.selection import select
from agentmem_evals.errors import DataFormatError
from agentmem_evals.systems.bm25 import Bm25System
from agentmem_evals.types import Level
from hypothesis import given
from hypothesis import strategies as st

DOCUMENT = Path(__file__).parents[2] / "evals" / "DATASETS.md"
TURN: dict[str, Any] = {"conversation": "c", "id": "1", "speaker": "Ann", "text": "Hello.", "at": "2024-05-08T10:00:00"}
PASSAGE: dict[str, Any] = {"corpus": "c", "id": "1", "text": "Hello."}
QUESTION: dict[str, Any] = {"about": "c", "id": "q", "text": "What does Ann say?", "evidence": ["1"]}


def documented() -> list[str]:
    return re.findall(r"```jsonl\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)


def write(folder: Path, *lines: Any) -> Path:
    path = folder / "my.jsonl"
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
    return path


def test_the_documented_conversation_loads_and_a_system_answers(tmp_path: Path) -> None:
    path = write(tmp_path, documented()[0])
    dataset = load_jsonl(path)
    assert (dataset.name, dataset.file_name, dataset.level) == ("my", "my.jsonl", Level.TURN)
    (body,) = dataset.bodies
    assert [(session.id, session.date_text, len(session.turns)) for session in body.sessions] == [
        ("1", "8 May 2024", 2),
        ("2", "", 1),
    ]
    first, second, third = dataset.questions
    assert (first.answer, first.aliases, first.category) == ("at the library", ("library",), "changed")
    assert second.parts == ("the bakery", "the library") and third.unanswerable
    assert (len(select(dataset).questions), select(dataset).skipped) == (2, 1)
    system = Bm25System()
    system.ingest(body)
    assert "2:1" in system.retrieve("Is Ann at the library?", 2).items


def test_the_documented_passages_load(tmp_path: Path) -> None:
    dataset = load_jsonl(write(tmp_path, documented()[1]), name="handbook")
    assert (dataset.name, dataset.level, dataset.questions[0].evidence) == ("handbook", Level.PASSAGE, ("p2",))
    assert next(item.text for item in dataset.bodies[0].items) == "The workshop is open from nine to five."


def test_the_documented_error_is_the_real_one(tmp_path: Path) -> None:
    (said,) = re.findall(r"```text\n(.*?)\n```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    with pytest.raises(DataFormatError) as raised:
        load_jsonl(write(tmp_path, documented()[0].replace('"evidence": ["2:1"]', '"evidence": ["3:1"]')))
    assert str(raised.value) == said


def test_times_without_a_zone_are_utc(tmp_path: Path) -> None:
    asked = {**QUESTION, "asked_at": "2024-05-09T12:00:00+02:00"}
    dataset = load_jsonl(write(tmp_path, TURN, "", asked))
    assert dataset.bodies[0].sessions[0].at == datetime(2024, 5, 8, 10, tzinfo=UTC)
    assert dataset.questions[0].asked_at == datetime(2024, 5, 9, 10, tzinfo=UTC)
    assert dataset.questions[0].category == "all"


WRONG: list[tuple[list[Any], str]] = [
    (["{"], "Line 1 of my.jsonl"),
    (["[1]"], "Line 1 .* not a JSON object"),
    ([{"text": "x"}], "Line 1 .* none of 'conversation', 'corpus', 'about'"),
    ([{**TURN, "about": "c"}], "Line 1 .* 'conversation' and 'about'"),
    ([{**TURN, "speeker": "x"}], "Line 1 .* 'speeker' is no field"),
    ([{key: value for key, value in TURN.items() if key != "at"}], "Line 1 .* lacks 'at'"),
    ([{**TURN, "at": "May"}], "Line 1 .* 'at' is no time"),
    ([{**TURN, "text": " "}], "Line 1 .* 'text' is no text"),
    ([TURN, "", TURN], "Line 3 .* the id '1' comes twice"),
    ([TURN, {**TURN, "id": "2", "at": "2024-05-07"}], "Line 2 .* before the turn above"),
    ([TURN, {**TURN, "id": "2", "session": "2"}, {**TURN, "id": "3"}], "Line 3 .* left already"),
    ([PASSAGE, PASSAGE], "Line 2 .* comes twice"),
    ([TURN, {**PASSAGE, "corpus": "d"}], "both conversations and passages"),
    ([QUESTION], "no turn and no passage"),
    ([], "no turn and no passage"),
    ([TURN, {**QUESTION, "about": "d"}], "Line 2 .* about 'd'"),
    ([TURN, QUESTION, QUESTION], "Line 3 .* the id 'q' comes twice"),
    ([TURN, {**QUESTION, "evidence": ["2"]}], "Line 2 .* evidence '2' is no id in 'c'"),
    ([TURN, {**QUESTION, "evidence": "1"}], "Line 2 .* 'evidence' is no list"),
    ([TURN, {**QUESTION, "answer": "a", "options": ["b"]}], "Line 2 .* none of the 'options'"),
    ([TURN, {**QUESTION, "answer": 3}], "Line 2 .* 'answer' is no text"),
    ([TURN, {**QUESTION, "unanswerable": "yes"}], "Line 2 .* neither true nor false"),
    ([TURN, {**QUESTION, "asked_at": "soon"}], "Line 2 .* 'asked_at' is no time"),
]


@pytest.mark.parametrize(("lines", "says"), WRONG)
def test_what_is_wrong_is_named_with_file_and_line(tmp_path: Path, lines: list[Any], says: str) -> None:
    with pytest.raises(DataFormatError, match=says):
        load_jsonl(write(tmp_path, *lines))


@given(texts=st.lists(st.text(min_size=1).filter(str.strip), min_size=1, max_size=8))
def test_any_words_come_back_as_they_were(texts: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    lines = [
        json.dumps({**PASSAGE, "id": str(number), "text": text}, ensure_ascii=False)
        for number, text in enumerate(texts)
    ]
    path = tmp_path_factory.mktemp("any") / "my.jsonl"
    path.write_bytes("\n".join(lines).encode())
    assert [item.text for item in load_jsonl(path).bodies[0].items] == texts
