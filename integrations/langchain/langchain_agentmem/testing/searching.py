"""Search: below a prefix, through filters, by meaning, in pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from langgraph.store.base import PutOp

from langchain_agentmem.testing.setting import StoreSetting

TRIPS = ("users", "ana", "trips")


def keys(items: Any) -> set[str]:
    """The keys of a result."""
    return {item.key for item in items}


class Searching(StoreSetting):
    """``search``."""

    @pytest.fixture
    def trips(self, subject: Any) -> Any:
        """A store with five trips, and something else."""
        trips: dict[str, dict[str, Any]] = {
            "graz": {"text": "a train to Graz in May", "stars": 5, "by": "train", "paid": True},
            "rome": {"text": "a flight to Rome in June", "stars": 3, "by": "plane", "paid": False},
            "oslo": {"text": "a ferry to Oslo in July", "stars": 4.5, "by": "ship", "paid": True},
            "bonn": {"text": "a bus to Bonn in August", "stars": 1, "by": "bus", "paid": None},
            "home": {"text": "a week at home, reading", "tags": ["rest"], "with": {"who": "Rita", "n": 2}},
        }
        elsewhere = PutOp(("users", "bo"), "graz", {"text": "a train to Graz in May", "stars": 2})
        subject.batch([*(PutOp(TRIPS, key, value) for key, value in trips.items()), elsewhere])
        return subject

    def test_a_prefix_finds_what_lies_below_and_nothing_else(self, subject: Any) -> None:
        for number, namespace in enumerate(
            [("a",), ("a", "b"), ("a", "b", "c"), ("ab",), ("b", "a"), ("A",), ("a b",)]
        ):
            subject.put(namespace, f"k{number}", {"n": number})
        assert keys(subject.search(("a",))) == {"k0", "k1", "k2"}
        assert keys(subject.search(("a", "b"))) == {"k1", "k2"}
        assert keys(subject.search(("a", "b", "c"))) == {"k2"}
        assert keys(subject.search(("ab",))) == {"k3"}
        assert keys(subject.search(("b",))) == {"k4"}
        assert keys(subject.search(())) == {f"k{number}" for number in range(7)}
        assert subject.search(("c",)) == [] and subject.search(("a", "c")) == []

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (("a", "b"), ("a/b",)),
            (("a", "b"), ('a","b',)),
            (("a", "b"), ("a b",)),
            (("a", "%"), ("a", "xyz")),
            (("a", "_"), ("a", "x")),
            (("a", "*"), ("a", "x")),
            (("a", "[x]"), ("a", "x")),
            (("user", "1"), ("user", "11")),
        ],
    )
    def test_namespaces_that_look_alike_are_apart(self, subject: Any, one: Any, other: Any) -> None:
        subject.put(one, "key", {"whose": "one"})
        subject.put(other, "key", {"whose": "other"})
        assert [item.value["whose"] for item in subject.search(one)] == ["one"]
        assert [item.value["whose"] for item in subject.search(other)] == ["other"]
        assert subject.get(one, "key").value["whose"] == "one"
        assert subject.search(one)[0].namespace == one

    def test_pages_hold_everything_once(self, subject: Any) -> None:
        subject.batch([PutOp(("pages", str(number % 2)), f"k{number}", {"n": number}) for number in range(23)])
        pages = [subject.search(("pages",), limit=5, offset=offset) for offset in range(0, 30, 5)]
        assert [len(page) for page in pages] == [5, 5, 5, 5, 3, 0]
        assert sorted(item.value["n"] for page in pages for item in page) == list(range(23))

    def test_ten_are_returned_when_no_limit_is_said(self, subject: Any) -> None:
        subject.batch([PutOp(("many",), f"k{number}", {"n": number}) for number in range(12)])
        assert len(subject.search(("many",))) == 10

    @pytest.mark.parametrize(
        ("conditions", "expected"),
        [
            ({"by": "train"}, {"graz"}),
            ({"stars": 3}, {"rome"}),
            ({"stars": 4.5}, {"oslo"}),
            ({"paid": True}, {"graz", "oslo"}),
            ({"by": "train", "paid": True}, {"graz"}),
            ({"by": "train", "paid": False}, set()),
            ({"by": "horse"}, set()),
            ({"nothing": "here"}, set()),
            ({"by": {"$eq": "ship"}}, {"oslo"}),
            ({}, {"graz", "rome", "oslo", "bonn", "home"}),
        ],
    )
    def test_a_filter_lets_equal_values_pass(self, trips: Any, conditions: Any, expected: set[str]) -> None:
        assert keys(trips.search(TRIPS, filter=conditions)) == expected

    @pytest.mark.parametrize(
        ("conditions", "expected"),
        [
            ({"$gt": 3}, {"graz", "oslo"}),
            ({"$gte": 3}, {"graz", "rome", "oslo"}),
            ({"$lt": 3}, {"bonn"}),
            ({"$lte": 4.5}, {"rome", "oslo", "bonn"}),
            ({"$gt": 1, "$lt": 5}, {"rome", "oslo"}),
            ({"$ne": 3}, {"graz", "oslo", "bonn"}),
        ],
    )
    def test_operators_compare_numbers(self, trips: Any, conditions: Any, expected: set[str]) -> None:
        trips.delete(TRIPS, "home")  # which has no stars
        assert keys(trips.search(TRIPS, filter={"stars": conditions})) == expected

    def test_ne_lets_pass_what_lacks_the_field(self, trips: Any) -> None:
        self.needs("filters_missing_fields")
        assert keys(trips.search(TRIPS, filter={"stars": {"$ne": 3}})) == {"graz", "oslo", "bonn", "home"}

    def test_none_is_equal_to_none_and_to_nothing(self, trips: Any) -> None:
        assert keys(trips.search(TRIPS, filter={"paid": None})) == {"bonn", "home"}

    def test_lists_and_objects_are_compared_too(self, trips: Any) -> None:
        self.needs("filters_nested")
        assert keys(trips.search(TRIPS, filter={"tags": ["rest"]})) == {"home"}
        assert keys(trips.search(TRIPS, filter={"tags": ["rest", "more"]})) == set()
        assert keys(trips.search(TRIPS, filter={"with": {"who": "Rita"}})) == {"home"}
        assert keys(trips.search(TRIPS, filter={"with": {"n": {"$gt": 1}}})) == {"home"}
        assert keys(trips.search(TRIPS, filter={"with": {"who": "Bo"}})) == set()

    def test_strings_have_an_order(self, trips: Any) -> None:
        self.needs("orders_strings")
        trips.delete(TRIPS, "home")
        assert keys(trips.search(TRIPS, filter={"by": {"$gt": "plane"}})) == {"graz", "oslo"}

    def test_what_has_no_order_satisfies_none(self, trips: Any) -> None:
        self.needs("tolerates_unordered")
        assert keys(trips.search(TRIPS, filter={"stars": {"$gt": 4}})) == {"graz", "oslo"}
        assert keys(trips.search(TRIPS, filter={"tags": {"$gt": 4}})) == set()
        assert keys(trips.search(TRIPS, filter={"by": {"$lt": 4}})) == set()

    def test_an_unknown_operator_is_refused(self, trips: Any) -> None:
        with pytest.raises(ValueError, match=r"\$near"):
            trips.search(TRIPS, filter={"stars": {"$near": 3}})

    def test_filters_and_pages_go_together(self, subject: Any) -> None:
        subject.batch([PutOp(("many",), f"k{number}", {"n": number, "even": number % 2 == 0}) for number in range(20)])
        first = subject.search(("many",), filter={"even": True}, limit=6)
        second = subject.search(("many",), filter={"even": True}, limit=6, offset=6)
        assert (len(first), len(second)) == (6, 4)
        assert sorted(item.value["n"] for item in [*first, *second]) == list(range(0, 20, 2))


class SearchingByMeaning(StoreSetting):
    """``search(query=...)``."""

    @pytest.fixture
    def notes(self, subject: Any) -> Any:
        """A store with notes in two namespaces."""
        self.needs("finds_by_meaning")
        subject.put(("notes", "ana"), "vet", {"text": "the vet of the cat is Doctor Claes"})
        subject.put(("notes", "ana"), "bike", {"text": "the bicycle needs new brakes"})
        subject.put(("notes", "ana"), "cake", {"text": "a cake with plums for the birthday"})
        subject.put(("notes", "bo"), "vet", {"text": "the vet of the dog is Doctor Maes"})
        return subject

    def test_the_best_stands_first_with_its_score(self, notes: Any) -> None:
        found = notes.search(("notes", "ana"), query="who is the vet of the cat?")
        assert found[0].key == "vet" and found[0].value == {"text": "the vet of the cat is Doctor Claes"}
        scores = [item.score for item in found if item.score is not None]
        assert scores and scores == sorted(scores, reverse=True)
        assert notes.search(("notes", "ana"), query="bicycle brakes", limit=1)[0].key == "bike"

    def test_a_search_stays_below_its_prefix(self, notes: Any) -> None:
        assert {item.namespace for item in notes.search(("notes", "bo"), query="the vet of the cat")} == {
            ("notes", "bo")
        }
        assert keys(notes.search(("notes",), query="the vet", limit=2)) == {"vet"}
        assert notes.search(("nothing",), query="the vet") == []

    def test_a_search_without_a_query_has_no_scores(self, notes: Any) -> None:
        assert {item.score for item in notes.search(("notes",))} == {None}

    def test_a_new_wording_is_found_and_the_old_one_is_not(self, notes: Any) -> None:
        notes.put(("notes", "ana"), "bike", {"text": "the rusty tandem was sold"})
        assert notes.search(("notes", "ana"), query="rusty tandem sold", limit=1)[0].key == "bike"
        found = notes.search(("notes", "ana"), query="bicycle needs new brakes")
        assert all(item.value != {"text": "the bicycle needs new brakes"} for item in found)

    def test_a_filter_narrows_a_search(self, subject: Any) -> None:
        self.needs("finds_by_meaning")
        for number in range(12):
            subject.put(("notes",), f"k{number}", {"text": f"the vet said number {number}", "odd": bool(number % 2)})
        found = subject.search(("notes",), query="what did the vet say?", filter={"odd": True}, limit=10)
        assert keys(found) == {f"k{number}" for number in range(1, 12, 2)}
        few = subject.search(("notes",), query="the vet said number 4", filter={"odd": {"$ne": True}}, limit=2)
        assert len(few) == 2 and few[0].key == "k4"

    def test_pages_of_a_search_do_not_overlap(self, subject: Any) -> None:
        self.needs("finds_by_meaning")
        for number in range(9):
            subject.put(("notes",), f"k{number}", {"text": f"the vet said number {number}"})
        pages = [subject.search(("notes",), query="the vet said", limit=4, offset=offset) for offset in (0, 4, 8)]
        assert [len(page) for page in pages] == [4, 4, 1]
        assert len({item.key for page in pages for item in page}) == 9

    def test_what_is_not_indexed_is_kept_and_not_found_by_meaning(self, subject: Any) -> None:
        self.needs("finds_by_meaning")
        subject.put(("notes",), "secret", {"text": "the vet of the cat"}, index=False)
        subject.put(("notes",), "other", {"text": "a bicycle"})
        assert subject.get(("notes",), "secret").value == {"text": "the vet of the cat"}
        assert keys(subject.search(("notes",))) == {"secret", "other"}
        found = subject.search(("notes",), query="the vet of the cat")
        assert found[0].key == "other"
        assert [item for item in found if item.key == "secret" and item.score is not None] == []

    def test_only_the_fields_said_are_searched(self, opened: Callable[..., Any]) -> None:
        self.needs("finds_by_meaning")
        subject = opened(self.index("text"))
        subject.put(("notes",), "one", {"text": "a red bicycle", "note": "plum cake"})
        subject.put(("notes",), "two", {"text": "plum trees", "note": "a red bicycle"})
        assert subject.search(("notes",), query="red bicycle", limit=1)[0].key == "one"
        subject.put(("notes",), "three", {"text": "nothing", "note": "a green tandem"}, index=["note"])
        assert subject.search(("notes",), query="green tandem", limit=1)[0].key == "three"

    def test_nested_fields_and_lists_are_searched(self, opened: Callable[..., Any]) -> None:
        self.needs("finds_by_meaning")
        subject = opened(self.index("title", "said[*].text"))
        subject.put(
            ("talks",), "one", {"title": "monday", "said": [{"text": "the ferry to Oslo"}, {"text": "plum cake"}]}
        )
        subject.put(("talks",), "two", {"title": "sunday", "said": [{"text": "new brakes"}]})
        subject.put(("talks",), "three", {"said": []})
        for query, key in [("plum cake", "one"), ("ferry to Oslo", "one"), ("brakes", "two"), ("sunday", "two")]:
            assert subject.search(("talks",), query=query, limit=1)[0].key == key
        both = subject.search(("talks",), query="plum cake ferry", limit=10)
        assert len([item for item in both if item.key == "one"]) == 1

    def test_a_long_text_is_found_by_its_end(self, subject: Any) -> None:
        self.needs("finds_by_meaning")
        filler = " ".join(f"Sentence {number} says nothing of interest." for number in range(80))
        subject.put(("books",), "long", {"text": f"{filler} The lighthouse keeper hid the map."})
        subject.put(("books",), "short", {"text": "A recipe for soup."})
        found = subject.search(("books",), query="lighthouse keeper map", limit=1)
        assert found[0].key == "long" and found[0].value["text"].endswith("hid the map.")
        subject.delete(("books",), "long")
        assert keys(subject.search(("books",), query="lighthouse keeper map")) <= {"short"}
