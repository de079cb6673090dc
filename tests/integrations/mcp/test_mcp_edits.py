"""Edits of a file's text, as functions."""

from __future__ import annotations

import pytest
from agentmem_mcp.files import FileRefused
from agentmem_mcp.files.edits import inserted, lines_of, replaced, span_of
from hypothesis import given
from hypothesis import strategies as st

texts = st.text(st.sampled_from("ab\n\r \u2028"), max_size=20)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("a", ["a"]),
        ("a\n", ["a"]),
        ("a\nb", ["a", "b"]),
        ("\n", [""]),
        ("a\n\n", ["a", ""]),
        ("a\rb", ["a\rb"]),
    ],
)
def test_lines_stand_between_line_feeds(text, lines):
    assert lines_of(text) == lines


@pytest.mark.parametrize(
    ("text", "after", "new", "result"),
    [
        ("a\nb\n", 0, "x", "x\na\nb\n"),
        ("a\nb\n", 1, "x\n", "a\nx\nb\n"),
        ("a\nb\n", 2, "x\n", "a\nb\nx\n"),
        ("a\nb", 2, "x", "a\nb\nx"),
        ("a\nb", 1, "x\ny", "a\nx\ny\nb"),
        ("", 0, "x", "x"),
    ],
)
def test_insert_puts_whole_lines_in(text, after, new, result):
    assert inserted(text, after, new) == result


@given(texts, texts.filter(bool), st.integers(0, 25))
def test_inserted_lines_stand_where_they_were_put_and_the_others_are_as_they_were(text, new, after):
    lines = lines_of(text)
    after %= len(lines) + 1
    assert lines_of(inserted(text, after, new)) == [*lines[:after], *lines_of(new), *lines[after:]]


@given(texts, texts, texts)
def test_what_is_there_once_is_replaced_and_nothing_else(before, after, new):
    assert replaced(f"{before}<old>{after}", "<old>", new) == before + new + after


@pytest.mark.parametrize(
    ("old", "says"),
    [("", "empty"), ("z", "not in the file"), ("a", "lines 1, 3"), ("aa", "line"), ("a\n", "more than once")],
)
def test_what_is_not_there_exactly_once_is_not_replaced(old, says):
    with pytest.raises(FileRefused, match=says):
        replaced("aaa\nb\na\n", old, "x")


@pytest.mark.parametrize(
    ("view_range", "span"), [(None, (1, 3)), ((1, -1), (1, 3)), ((2, 3), (2, 3)), ((3, 3), (3, 3))]
)
def test_the_lines_to_show(view_range, span):
    assert span_of("a\nb\nc\n", view_range) == span


@pytest.mark.parametrize("view_range", [(0, 1), (2, 1), (1, 4), (4, -1), (1, -2), (-1, -1)])
def test_lines_that_are_not_there_are_not_shown(view_range):
    with pytest.raises(FileRefused, match="from 1 to 3"):
        span_of("a\nb\nc\n", view_range)


def test_an_insert_after_a_line_that_is_not_there_says_how_many_there_are():
    with pytest.raises(FileRefused, match="has 2 lines"):
        inserted("a\nb\n", 3, "x")
    with pytest.raises(FileRefused, match="empty"):
        inserted("a\nb\n", 0, "")


def test_all_of_an_empty_text_is_nothing():
    assert span_of("", (1, -1)) == span_of("", None) == (1, 0)
    with pytest.raises(FileRefused):
        span_of("", (1, 1))
