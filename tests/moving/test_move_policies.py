"""Scopes, times and JSON streams: the pure parts of moving in."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem import Scope
from agentmem.errors import InvalidInput
from agentmem.moving import ORIGINS, read
from agentmem.moving.json_stream import elements
from agentmem.moving.placing import NOTHING, placing
from agentmem.moving.stamps import moment_of, zone_named

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=500), min_size=1, max_size=5).filter(NOTHING.__ne__)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-01-01T00:00:00Z", NEW_YEAR),
        ("2026-01-01 01:30:00+01:30", NEW_YEAR),
        (1767225600, NEW_YEAR),  # 56 years of 365 days and 14 leap days: (56 * 365 + 14) * 86,400 seconds
        (1767225600.25, NEW_YEAR + timedelta(milliseconds=250)),
        (1767225600000, NEW_YEAR),  # milliseconds
        ("1767225600", NEW_YEAR),
        (datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))), NEW_YEAR),
        (None, None),
        ("", None),
    ],
)
def test_times_are_read(value, moment) -> None:
    assert moment_of(value) == moment


def test_a_time_without_a_zone_needs_one() -> None:
    assert moment_of("2026-01-01T01:00:00", zone_named("Europe/Brussels")) == NEW_YEAR
    assert moment_of("2026-01-01 00:00:00", UTC) == NEW_YEAR
    with pytest.raises(InvalidInput, match="names no time zone"):
        moment_of("2026-01-01T01:00:00")


@pytest.mark.parametrize(
    "value", ["yesterday", True, [], {}, float("nan"), float("inf"), 1e300, "9999-12-31T23:00-14:00"]
)
def test_what_is_no_time_is_refused(value) -> None:
    with pytest.raises(InvalidInput):
        moment_of(value)


def test_an_unknown_zone_is_refused() -> None:
    assert zone_named(None) is None
    for name in ("Nowhere/Land", "../etc/passwd", ""):
        with pytest.raises(InvalidInput, match="time zone"):
            zone_named(name)


def test_fields_name_the_scope() -> None:
    where = placing(None, (), default=("user_id", "agent_id"))
    assert where.scope({"user_id": "ana", "agent_id": "travel"}) == Scope("ana", "travel")
    assert where.scope({"user_id": "ana"}) == Scope("ana")
    assert where.scope({"agent_id": "travel"}) == Scope("-", "travel")
    assert placing(Scope("acme"), ["user_id"]).scope({"user_id": 7}) == Scope("acme", "7")
    assert placing(Scope("acme"), (), default=("user_id",)).scope({"user_id": "ana"}) == Scope("acme")
    assert placing(None, ["namespace"]).scope({"namespace": ["a", "b"]}) == Scope("a", "b")


def test_what_names_no_scope_is_refused() -> None:
    with pytest.raises(InvalidInput, match="Whose memory"):
        placing(None, ())
    with pytest.raises(InvalidInput, match="list of fields"):
        placing(None, "user_id")
    where = placing(None, ["user_id"])
    for value in ("-", True, 1.5, {"a": 1}, None, "", "a\nb", "x" * 201, [None]):
        with pytest.raises(InvalidInput):
            where.scope({"user_id": value})


@given(st.lists(st.tuples(st.none() | NAMES, st.none() | NAMES), min_size=2, max_size=2, unique=True))
def test_two_owners_never_share_a_scope(owners) -> None:
    where = placing(Scope("all"), ["user_id", "agent_id"])
    one, other = (where.scope({"user_id": user, "agent_id": agent}) for user, agent in owners)
    assert one != other


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(VALUES, max_size=5), st.integers(1, 40), st.sampled_from([None, 1]), st.booleans())
def test_a_stream_gives_what_the_whole_gives(values, read_at_once, indent, ascii_only) -> None:
    text = json.dumps(values, indent=indent, ensure_ascii=ascii_only)
    assert list(elements(io.StringIO(f" {text}\n"), read=read_at_once)) == values


@given(st.lists(VALUES, min_size=1, max_size=3), st.integers(1, 40), st.data())
def test_a_stream_that_breaks_off_is_refused_after_what_came_before(values, read_at_once, data) -> None:
    text = json.dumps(values)
    cut = data.draw(st.integers(1, len(text) - 1))
    found = []
    with pytest.raises(InvalidInput, match="at character"):
        found.extend(elements(io.StringIO(text[:cut]), read=read_at_once))
    assert found[:-1] == values[: len(found)][:-1]  # the last one may be a number that was cut


@pytest.mark.parametrize(
    "text", ["", "[1 2]", "[1,]", "[1] 2", "{} {}", "[{'a': 1}]", '["\n"]', "nonsense", "[" * 100_000]
)
def test_what_is_no_json_is_refused(text) -> None:
    with pytest.raises(InvalidInput, match="not JSON"):
        list(elements(io.StringIO(text), read=4))


def test_one_object_is_one_element() -> None:
    assert list(elements(io.StringIO('{"a": [1, 2]}'), read=2)) == [{"a": [1, 2]}]


def test_a_stream_reads_only_as_far_as_it_must_and_holds_one_element() -> None:
    text = json.dumps([{"n": number, "text": "x" * 1_000} for number in range(1_000)])
    file = io.StringIO(text)
    stream = elements(file, read=4_096)
    assert next(stream)["n"] == 0
    assert file.tell() <= 8_192
    with pytest.raises(InvalidInput, match="more than 100 characters"):
        list(elements(io.StringIO(text), read=50, longest=100))


def test_an_origin_takes_its_own_options_only(tmp_path) -> None:
    assert set(ORIGINS) == {"mem0", "langgraph-store", "chroma", "jsonl", "chat-export"}
    with pytest.raises(InvalidInput, match="'history' says nothing about jsonl; it is for mem0"):
        read("jsonl", tmp_path / "x", scope=Scope("a"), history="h.db")
    with pytest.raises(InvalidInput, match="no origin 'letta'"):
        read("letta", tmp_path)
