"""Items: put, got, put again, deleted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langgraph.store.base import GetOp, InvalidNamespaceError, PutOp, SearchOp

from langchain_agentmem.testing.setting import StoreSetting

NS = ("users", "ana")

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc.$ ", max_size=5), inner, max_size=3),
    max_leaves=8,
)


class Items(StoreSetting):
    """``get``, ``put``, ``delete``, ``batch``."""

    def test_what_was_put_is_got(self, subject: Any) -> None:
        subject.put(NS, "food", {"likes": "pizza", "rating": 5})
        item = subject.get(NS, "food")
        assert item.value == {"likes": "pizza", "rating": 5}
        assert (item.namespace, item.key) == (NS, "food")
        assert item.created_at <= item.updated_at

    def test_what_was_never_put_is_none(self, subject: Any) -> None:
        subject.put(NS, "food", {"likes": "pizza"})
        assert subject.get(NS, "drink") is None
        assert subject.get(("users",), "food") is None
        assert subject.get((*NS, "food"), "food") is None
        assert subject.get(("nobody",), "food") is None

    def test_putting_again_replaces_the_whole_value(self, subject: Any) -> None:
        subject.put(NS, "food", {"likes": "pizza", "rating": 5})
        first = subject.get(NS, "food")
        subject.put(NS, "food", {"likes": "soup"})
        second = subject.get(NS, "food")
        assert second.value == {"likes": "soup"}
        assert second.updated_at >= first.updated_at
        assert len(subject.search(NS)) == 1

    def test_putting_again_keeps_the_time_of_creation(self, subject: Any) -> None:
        self.needs("keeps_created_at")
        subject.put(NS, "food", {"likes": "pizza"})
        first = subject.get(NS, "food")
        for number in range(3):
            subject.put(NS, "food", {"likes": "soup", "number": number})
        assert subject.get(NS, "food").created_at == first.created_at

    def test_an_item_can_be_put_very_often(self, subject: Any) -> None:
        for number in range(60):
            subject.put(NS, "count", {"number": number, "said": f"number {number}"})
        assert subject.get(NS, "count").value["number"] == 59
        assert [item.value["number"] for item in subject.search(NS)] == [59]

    def test_a_deleted_item_is_gone_everywhere(self, subject: Any) -> None:
        subject.put(NS, "food", {"likes": "pizza"})
        subject.put(NS, "drink", {"likes": "tea"})
        subject.delete(NS, "food")
        assert subject.get(NS, "food") is None
        assert [item.key for item in subject.search(NS)] == ["drink"]
        if self.finds_by_meaning:
            assert "food" not in [item.key for item in subject.search(NS, query="pizza")]

    def test_deleting_what_is_not_there_does_nothing(self, subject: Any) -> None:
        subject.put(NS, "food", {"likes": "pizza"})
        subject.delete(NS, "drink")
        subject.delete(("nobody",), "food")
        assert subject.get(NS, "food") is not None

    def test_a_deleted_item_can_be_put_anew(self, subject: Any) -> None:
        subject.put(NS, "food", {"likes": "pizza"})
        subject.delete(NS, "food")
        subject.put(NS, "food", {"likes": "soup"})
        assert subject.get(NS, "food").value == {"likes": "soup"}
        subject.delete(NS, "food")
        assert subject.get(NS, "food") is None

    def test_one_key_in_two_namespaces_is_two_items(self, subject: Any) -> None:
        subject.put(("users", "ana"), "food", {"likes": "pizza"})
        subject.put(("users", "bo"), "food", {"likes": "soup"})
        subject.delete(("users", "bo"), "food")
        assert subject.get(("users", "ana"), "food").value == {"likes": "pizza"}
        assert subject.get(("users", "bo"), "food") is None

    @pytest.mark.parametrize("key", ["a", "with space", "ünï 日本", "a/b", 'quo"te', "%", "_", "\\", "[1]", "x" * 300])
    def test_any_key_will_do(self, subject: Any, key: str) -> None:
        subject.put(NS, key, {"n": 1})
        subject.put(NS, key + "'", {"n": 2})
        assert subject.get(NS, key).value == {"n": 1}
        subject.delete(NS, key)
        assert subject.get(NS, key) is None and subject.get(NS, key + "'").value == {"n": 2}

    @settings(
        max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]
    )
    @given(value=st.dictionaries(st.text("abcde.$ ü", max_size=5), json_values, max_size=4))
    def test_any_json_comes_back_as_it_was(self, subject: Any, value: dict[str, Any]) -> None:
        subject.put(NS, "any", value)
        assert subject.get(NS, "any").value == value
        assert [item.value for item in subject.search(NS)] == [value]

    def test_a_returned_value_is_the_callers_own(self, subject: Any) -> None:
        self.needs("returns_copies")
        given_value = {"tags": ["a"]}
        subject.put(NS, "food", given_value)
        given_value["tags"].append("b")
        subject.get(NS, "food").value["tags"].append("c")
        subject.search(NS)[0].value["tags"].append("d")
        assert subject.get(NS, "food").value == {"tags": ["a"]}

    @pytest.mark.parametrize("namespace", [(), ("langgraph", "x"), ("a.b",), ("a", ""), ("a", 1)])
    def test_a_namespace_that_cannot_be_is_refused(self, subject: Any, namespace: Any) -> None:
        with pytest.raises(InvalidNamespaceError):
            subject.put(namespace, "food", {"likes": "pizza"})

    def test_a_batch_refuses_empty_labels(self, subject: Any) -> None:
        self.needs("refuses_bad_labels_in_batches")
        with pytest.raises(InvalidNamespaceError):
            subject.batch([PutOp(("a", ""), "food", {"likes": "pizza"})])

    def test_the_results_of_a_batch_stand_in_order(self, subject: Any) -> None:
        subject.put(NS, "food", {"likes": "pizza"})
        ops = [GetOp(NS, "food"), PutOp(NS, "drink", {"likes": "tea"}), GetOp(NS, "none"), SearchOp(NS)]
        got, put, none, searched = subject.batch(ops)
        assert got.value == {"likes": "pizza"} and put is None and none is None
        assert [item.key for item in searched] == ["food"]  # a batch reads before it writes
        assert subject.get(NS, "drink").value == {"likes": "tea"}

    def test_the_last_of_several_puts_in_a_batch_counts(self, subject: Any) -> None:
        subject.put(NS, "old", {"n": 0})
        subject.batch(
            [
                *(PutOp(NS, "food", {"n": number}) for number in range(3)),
                PutOp(NS, "gone", {"n": 8}),
                PutOp(NS, "gone", None),
                PutOp(NS, "old", None),
                PutOp(NS, "old", {"n": 9}),
            ]
        )
        assert subject.get(NS, "food").value == {"n": 2}
        assert subject.get(NS, "gone") is None
        assert subject.get(NS, "old").value == {"n": 9}
        assert len(subject.search(NS)) == 2

    def test_items_of_a_batch_may_say_the_same(self, subject: Any) -> None:
        self.needs("batches_what_is_alike")
        subject.batch([PutOp(NS, f"k{number}", {"likes": "pizza"}) for number in range(3)])
        assert [subject.get(NS, f"k{number}").value for number in range(3)] == [{"likes": "pizza"}] * 3

    def test_a_large_batch_is_put(self, subject: Any) -> None:
        subject.batch([PutOp(("bulk", f"n{number % 3}"), f"key{number}", {"n": number}) for number in range(60)])
        assert sorted(item.value["n"] for item in subject.search(("bulk",), limit=100)) == list(range(60))
        assert subject.get(("bulk", "n1"), "key31").value == {"n": 31}

    def test_an_empty_batch_has_no_results(self, subject: Any) -> None:
        assert subject.batch([]) == []
