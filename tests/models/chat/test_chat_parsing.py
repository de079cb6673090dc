"""What is found in what models write."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.models.chat.parsing import objects

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text(), JSON, max_size=4)
PROSE = st.text(alphabet=st.characters(exclude_characters="{}[]"))


@given(OBJECTS, PROSE, PROSE, st.sampled_from([None, 2]), st.booleans())
def test_an_object_is_found_in_any_prose(value, before, after, indent, ascii_only) -> None:
    written = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert next(objects(f"{before}{written}{after}")) == value


@given(st.lists(OBJECTS, max_size=4), PROSE)
def test_several_objects_are_found_in_order(values, between) -> None:
    assert list(objects(between.join(json.dumps(value) for value in values))) == values


@given(OBJECTS, st.data())
def test_a_cut_object_is_not_found_nor_any_part_of_it(value, data) -> None:
    written = json.dumps(value)
    cut = data.draw(st.integers(0, len(written) - 1))
    assert list(objects(written[:cut])) == []


@given(st.text(alphabet='{}[]",:\\ \na1<think>'))
def test_anything_can_be_searched(text: str) -> None:
    assert all(isinstance(found, dict) for found in objects(text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('```json\n{"a": 1}\n```', [{"a": 1}]),
        ('```\n{"a": 1}```', [{"a": 1}]),
        ('Reasoning: the user asks {something} about [0].\n{"a": 1}', [{"a": 1}]),
        ('{"a": [1, 2,], "b": {"c": "x,}",},}', [{"a": [1, 2], "b": {"c": "x,}"}}]),
        ('{"a": "two\nlines\tand a tab"}', [{"a": "two\nlines\tand a tab"}]),
        ('{"a": "\\"}{"}', [{"a": '"}{'}]),
        ('<think>{"a": 0}?</think>{"a": 1}', [{"a": 1}]),
        ("{ }", [{}]),
        ('[{"a": 1}, {"a": 2}]', []),
        ("[1, 2] [[]]", []),
        ("{'a': 1}", []),
        ("{a: 1}", []),
        ('{"a": NaN} {"a": Infinity}', []),
        ('{"a": {"b": 1}', []),
        ('{"a": "never closed}', []),
        ('[{"a": 1}', []),
        ('{"a" 1} {"b": 1}', [{"b": 1}]),
        ("", []),
        ("null", []),
    ],
)
def test_what_is_found(text: str, found: list) -> None:
    assert list(objects(text)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r'{"a": "dog \ud83d"}', {"a": "dog ?"}),  # half an emoji
        (r'{"a": "\uDE00 dog", "n": [{"\uD83D": "\ud83d\ud83d\ude00"}]}', {"a": "? dog", "n": [{"?": "?😀"}]}),
        ('{"a": "dog \ud83d"}', {"a": "dog ?"}),
        (r'{"a": "\ud83d\ude00", "n": 0.1}', {"a": "😀", "n": 0.1}),  # a whole one
        (r'{"a": "\\ud83d"}', {"a": r"\ud83d"}),  # six characters
        ('{"a": "\\ud83d\t",}', {"a": "?\t"}),
    ],
)
def test_half_a_surrogate_pair_becomes_a_question_mark(text: str, found: dict) -> None:
    assert list(objects(text)) == [found]


@pytest.mark.parametrize(
    "text",
    [
        '{"a":' * 100_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        "[[" * 200_000,
        "{ " * 200_000,
        "{" + " " * 500_000,
        '"' * 500_000,
        '{"' + "\\" * 500_000,
        '{"a": 1' + "," * 300_000 + "}",
        '{"a": 1' + ", " * 200_000 + "}",
        '{"a": ' + "9" * 100_000 + "}",
        "<think>" * 50_000,
        '{"a":1}' * 50_000,
        '{"a": "' + r"\ud83d" * 100_000 + '"}',
    ],
    ids=lambda text: f"{text[:6]!r}",
)
def test_a_hostile_text_takes_no_time(text: str) -> None:
    started = time.perf_counter()
    list(objects(text))
    assert time.perf_counter() - started < 5.0
