"""The splitter of JSON arrays gives what ``json`` gives, whatever the records are and wherever the steps fall."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from agentmem_evals.datasets.json_records import split_records
from hypothesis import given
from hypothesis import strategies as st

texts = st.text(alphabet='"\\{}[],: aé\n', max_size=12)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
records = st.lists(st.dictionaries(texts, values, max_size=4), max_size=5)


@given(records, st.integers(1, 60), st.sampled_from([None, 0, 4]), st.booleans())
def test_records_are_what_json_reads_and_stand_where_it_says(
    expected: list[dict[str, Any]], step: int, indent: int | None, ascii_only: bool
) -> None:
    content = json.dumps(expected, indent=indent, ensure_ascii=ascii_only).encode()
    found = list(split_records(io.BytesIO(content), step))
    assert [json.loads(record) for _, record in found] == expected
    assert all(content[place.offset : place.offset + place.length] == record for place, record in found)


@given(records, st.integers(1, 60), st.data())
def test_a_file_that_is_cut_off_is_refused(expected: list[dict[str, Any]], step: int, data: st.DataObject) -> None:
    content = json.dumps(expected).encode()
    end = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(ValueError, match=r"the file ends in the middle|not an array"):
        list(split_records(io.BytesIO(content[:end]), step))


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        '"a"',
        "7",
        "[1]",
        '["a"]',
        "[[]]",
        "[{} {}]",
        "[{},]",
        "[,{}]",
        "[{}] 7",
        "[{}]]",
        "x[{}]",
        "[{}}",
        "]",
    ],
)
@pytest.mark.parametrize("step", [1, 3, 100])
def test_what_is_no_array_of_objects_is_refused(content: str, step: int) -> None:
    with pytest.raises(ValueError, match=r"the array|an array|the middle"):
        list(split_records(io.BytesIO(content.encode()), step))


def test_only_one_record_is_held_at_a_time() -> None:
    record = b'{"text": "' + b"x" * 1000 + b'"}'
    file = io.BytesIO(b"[" + b", ".join([record] * 50) + b"]")
    for number, (place, found) in enumerate(split_records(file, 100)):
        assert found == record and place.offset == 1 + number * (len(record) + 2)
        assert file.tell() <= place.offset + place.length + 100  # nothing is read ahead of the step
