"""``where``, operator by operator."""

from __future__ import annotations

import pytest

from agentmem.engine.filters import matches
from agentmem.errors import InvalidInput

METADATA = {"topic": "travel", "stars": 4, "tags": ["sea", "sun"], "draft": False, "note": None}


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ({}, True),
        ({"topic": "travel"}, True),
        ({"topic": "pets"}, False),
        ({"absent": "travel"}, False),
        ({"absent": None}, False),
        ({"note": None}, True),
        ({"draft": False}, True),
        ({"tags": ["sea", "sun"]}, True),
        ({"stars": {"eq": 4}}, True),
        ({"stars": {"eq": 5}}, False),
        ({"absent": {"eq": 4}}, False),
        ({"stars": {"ne": 5}}, True),
        ({"stars": {"ne": 4}}, False),
        ({"absent": {"ne": 4}}, True),
        ({"topic": {"in": ["travel", "pets"]}}, True),
        ({"topic": {"in": ("pets",)}}, False),
        ({"topic": {"in": []}}, False),
        ({"tags": {"in": [["sea", "sun"]]}}, True),
        ({"absent": {"in": ["travel"]}}, False),
        ({"topic": {"nin": ["pets"]}}, True),
        ({"topic": {"nin": ["travel"]}}, False),
        ({"absent": {"nin": ["travel"]}}, True),
        ({"stars": {"gt": 3}}, True),
        ({"stars": {"gt": 4}}, False),
        ({"stars": {"gte": 4}}, True),
        ({"stars": {"gte": 5}}, False),
        ({"stars": {"lt": 5}}, True),
        ({"stars": {"lt": 4}}, False),
        ({"stars": {"lte": 4}}, True),
        ({"stars": {"lte": 3}}, False),
        ({"stars": {"gt": 3, "lt": 4}}, False),
        ({"stars": {"gte": 4, "lte": 4}}, True),
        ({"tags": {"contains": "sea"}}, True),
        ({"tags": {"contains": "se"}}, False),
        ({"topic": {"contains": "rave"}}, True),
        ({"topic": {"contains": 4}}, False),
        ({"stars": {"contains": 4}}, False),
        ({"absent": {"contains": "sea"}}, False),
        ({"topic": {"exists": True}}, True),
        ({"note": {"exists": True}}, True),
        ({"absent": {"exists": True}}, False),
        ({"absent": {"exists": False}}, True),
        ({"topic": "travel", "stars": 5}, False),
        ({"or": [{"topic": "pets"}, {"stars": 4}]}, True),
        ({"or": []}, False),
        ({"and": [{"topic": "travel"}, {"stars": 4}]}, True),
        ({"and": [{"topic": "travel"}, {"stars": 5}]}, False),
        ({"and": []}, True),
        ({"not": {"topic": "pets"}}, True),
        ({"not": {"topic": "travel", "stars": 4}}, False),
        ({"not": {"or": [{"topic": "pets"}, {"not": {"stars": 4}}]}}, True),
    ],
)
def test_a_condition_holds_or_not(where, holds: bool) -> None:
    assert matches(METADATA, where) is holds


@pytest.mark.parametrize("operator", ["gt", "gte", "lt", "lte"])
@pytest.mark.parametrize("key", ["absent", "topic", "tags", "note"])
def test_what_cannot_be_compared_satisfies_no_ordering(operator: str, key: str) -> None:
    assert not matches(METADATA, {key: {operator: 1}})


@pytest.mark.parametrize(
    "where",
    [{"a": {"like": 1}}, {"a": {"in": "abc"}}, {"a": {"nin": 3}}, {"or": {"a": 1}}, {"and": "a"}, {"not": [1]}, "a"],
)
def test_a_condition_without_meaning_is_refused(where) -> None:
    with pytest.raises(InvalidInput):
        matches(METADATA, where)


def test_a_refusal_names_the_operators_there_are() -> None:
    with pytest.raises(InvalidInput, match="eq, ne, in, nin, gt, gte, lt, lte, contains, exists"):
        matches({}, {"a": {"like": 1}})
