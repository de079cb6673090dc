"""Records as lines: what is written comes back, whatever it holds, and what is damaged is refused."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from agentmem_evals.errors import NotARun
from agentmem_evals.runner.answer_records import ANSWERED, Answer
from agentmem_evals.runner.codec import Codec
from agentmem_evals.runner.decision_records import DECIDED, Verdict
from agentmem_evals.runner.folder import RunFolder, append_text, replace_text, whole_lines
from agentmem_evals.runner.records import RETRIEVED, Failure, Prediction, UserSide
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentmem.updating.decision import Relation

WORDS = st.text(st.characters(codec="utf-8"), max_size=12)
IDS = st.lists(WORDS, max_size=3).map(tuple)
NUMBERS = st.floats(0, 1e6)
USAGE = st.dictionaries(WORDS, NUMBERS, max_size=2)
WHY = st.lists(USAGE, max_size=2).map(tuple)
FAILURES = st.builds(Failure, WORDS, WORDS, WORDS, WORDS, WORDS, WORDS)
USERS = st.none() | st.builds(UserSide, IDS, IDS, st.integers(0, 9))
PREDICTIONS = st.builds(Prediction, WORDS, WORDS, WORDS, WORDS, IDS, IDS, IDS, IDS, WORDS, NUMBERS, USAGE, WHY, USERS)
ANSWERS = st.builds(
    Answer,
    *(WORDS,) * 4,
    st.none() | WORDS,
    *(IDS,) * 3,
    st.booleans(),
    IDS,
    WORDS,
    IDS,
    IDS,
    st.integers(0, 9999),
    NUMBERS,
    NUMBERS,
    USAGE,
    USAGE,
    WHY,
)
RELATIONS = st.sampled_from(Relation)
VERDICTS = st.builds(
    Verdict, WORDS, WORDS, WORDS, WORDS, RELATIONS, RELATIONS, WORDS, st.none() | WORDS, st.none() | NUMBERS
)
CASES = [(RETRIEVED, PREDICTIONS), (ANSWERED, ANSWERS), (DECIDED, VERDICTS)]


@pytest.mark.parametrize(("codec", "records"), CASES)
@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_records_come_back_as_they_were(
    codec: Codec[Any], records: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    written = data.draw(st.lists(records | FAILURES, max_size=4))
    text = codec.to_text(written)
    assert codec.from_text(text) == written and text.count("\n") == len(written)
    assert codec.from_text(text + '{"kind": "cut o') == written


def test_halves_of_characters_survive_the_file(tmp_path: Path) -> None:
    failure = Failure("q", "b", "c", "read", "ValueError", "half of \ud83d, and \u2028")
    folder = RunFolder(tmp_path)
    folder.append(RETRIEVED, [failure])
    assert folder.read(RETRIEVED) == [failure]
    replace_text(folder.predictions_path, RETRIEVED.to_text([failure]))
    assert folder.read_records() == [failure]


def test_a_file_that_ends_within_a_character_is_read_up_to_its_last_line(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    append_text(path, "é\n")
    path.write_bytes(path.read_bytes() + "é".encode()[:1])
    assert whole_lines(path) == "é\n"
    path.write_bytes(b"\xff\n")
    with pytest.raises(NotARun, match="damaged"):
        whole_lines(path)


@pytest.mark.parametrize("codec", [RETRIEVED, ANSWERED, DECIDED])
@pytest.mark.parametrize(
    "line", ["", "{", "[]", "3", '{"kind": "guess"}', '{"kind": "failure"}', '{"question_id": "q"}', '{"kind": []}']
)
def test_other_lines_are_refused_with_their_number(codec: Codec[Any], line: str) -> None:
    good = codec.to_line(Failure("q", "b", "c", "read", "E", "m"))
    with pytest.raises(NotARun, match="Line 2 of the predictions is not"):
        codec.from_text(f"{good}\n{line}\n")


def test_records_of_before_are_read() -> None:
    record = Prediction("q", "b", "1", "?", ("t",), ("s",), (), (), "turns", 1.0)
    raw = RETRIEVED.to_line(record)
    for new in ("why", "user"):
        assert f'"{new}"' in raw
    old = raw.replace(', "why": [], "user": null', "")
    assert old != raw and RETRIEVED.from_text(old + "\n") == [record]
    assert [field.name for field in dataclasses.fields(record)][-2:] == ["why", "user"]
