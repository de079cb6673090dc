"""mem0's filters: against an evaluator of our own, by hand, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.compat.mem0 import Memory
from agentmem.compat.mem0.conditions import conditions
from agentmem.engine.filters import matches

_values = st.sampled_from([1, 2, 3, "Lisbon", "Porto"])
_operations = st.one_of(
    st.tuples(st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"]), _values),
    st.tuples(st.sampled_from(["in", "nin"]), st.lists(_values, max_size=3)),
    st.tuples(st.sampled_from(["contains", "icontains"]), st.sampled_from(["o", "P", "lisb", "LIS"])),
)
_leaves = st.dictionaries(
    st.sampled_from(["x", "y"]),
    st.one_of(_values, st.just("*"), st.lists(_values, max_size=2), _operations.map(lambda pair: dict([pair]))),
    min_size=1,
    max_size=2,
)
_filters = st.recursive(
    _leaves,
    lambda inner: st.tuples(st.sampled_from(["AND", "OR", "NOT"]), st.lists(inner, min_size=1, max_size=3)).map(
        lambda pair: dict([pair])
    ),
    max_leaves=6,
)
_metadata = st.dictionaries(st.sampled_from(["x", "y"]), _values)


def _holds(filters: dict[str, Any], metadata: dict[str, Any]) -> bool:
    """The documented meaning, written down once more."""
    return all(_one(key, value, metadata) for key, value in filters.items())


def _one(key: str, value: Any, metadata: dict[str, Any]) -> bool:
    if key in ("AND", "OR", "NOT"):
        each = [_holds(part, metadata) for part in value]
        return {"AND": all(each), "OR": any(each), "NOT": not any(each)}[key]
    there, found = key in metadata, metadata.get(key)
    if value == "*":
        return there
    if isinstance(value, list):
        return found in value if there else False
    if not isinstance(value, dict):
        return there and found == value
    ((operator, operand),) = value.items()
    if operator in ("ne", "nin"):
        return not there or (found != operand if operator == "ne" else found not in operand)
    if not there:
        return False
    if operator in ("eq", "in"):
        return found == operand if operator == "eq" else found in operand
    if operator in ("contains", "icontains"):
        fold = (lambda text: text.lower()) if operator == "icontains" else (lambda text: text)
        return isinstance(found, str) and fold(operand) in fold(found)
    if isinstance(found, str) != isinstance(operand, str):
        return False
    return {"gt": found > operand, "gte": found >= operand, "lt": found < operand, "lte": found <= operand}[operator]


@given(filters=_filters, metadata=_metadata)
def test_filters_mean_what_they_are_documented_to_mean(filters: dict[str, Any], metadata: dict[str, Any]) -> None:
    assert matches(metadata, conditions(filters, {}).where) == _holds(filters, metadata)


def test_labels_and_filters_must_both_hold() -> None:
    where = conditions({"x": 1}, {"agent_id": "guide"}).where
    assert matches({"x": 1, "agent_id": "guide"}, where)
    assert not matches({"x": 1}, where) and not matches({"agent_id": "guide"}, where)


def test_created_at_is_a_span_of_time(mem0: Memory) -> None:
    for month in (5, 6, 7):
        mem0.add(f"Month {month}.", user_id="ana", timestamp=datetime(2024, month, 1, tzinfo=UTC))

    def months(**bounds: str) -> list[str]:
        filters = {"AND": [{"user_id": "ana"}, {"created_at": bounds}]}
        listed = [one["memory"] for one in mem0.get_all(filters=filters)["results"]]
        searched = mem0.search("month", filters=filters, threshold=0.0)["results"]
        assert sorted(one["memory"] for one in searched) == listed
        return listed

    assert months(gte="2024-06-01", lte="2024-07-01") == ["Month 6.", "Month 7."]
    assert months(gt="2024-06-01") == ["Month 7."]
    assert months(lt="2024-06-01T00:00:00+00:00") == ["Month 5."]


def test_who_said_it_can_be_a_condition(mem0: Memory) -> None:
    talk = [{"role": "user", "name": "Ana", "content": "Hello there."}, {"role": "assistant", "content": "Hello Ana."}]
    mem0.add(talk, user_id="ana")
    for filters in ({"role": "user"}, {"actor_id": "Ana"}, {"actor_id": "*"}, {"NOT": [{"role": "assistant"}]}):
        (found,) = mem0.search("hello", filters={"user_id": "ana", **filters})["results"]
        assert found["memory"] == "Hello there." and found["actor_id"] == "Ana"


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"x": {"like": "a"}}, "Unsupported filter operator 'like'"),
        ({"x": {}}, "Unsupported filter operator"),
        ({"OR": []}, "OR takes a list"),
        ({"NOT": {"x": 1}}, "NOT takes a list"),
        ({"AND": "x"}, "AND takes a list"),
        ({"OR": ["x"]}, "must be a mapping"),
        ({"AND": ["x"]}, "must be a mapping"),
        ({"x": {"in": "abc"}}, "takes a list"),
        ({"hash": "abc"}, "cannot look at 'hash'"),
        ({"OR": [{"created_at": {"gt": "2024-01-01"}}]}, "created_at cannot be compared in OR"),
        ({"created_at": "2024-01-01"}, "created_at is compared with"),
    ],
)
def test_a_condition_that_cannot_be_read_is_refused(mem0: Memory, filters: dict[str, Any], said: str) -> None:
    mem0.add("hello", user_id="ana", metadata={"x": "a"})
    for call in (lambda chosen: mem0.search("hello", filters=chosen), lambda chosen: mem0.get_all(filters=chosen)):
        with pytest.raises(ValueError, match=said):
            call({"user_id": "ana", **filters})


def test_filters_are_a_mapping(mem0: Memory) -> None:
    with pytest.raises(ValueError, match="filters must be a mapping"):
        mem0.search("hello", user_id="ana", filters=["x"])  # type: ignore[arg-type]
