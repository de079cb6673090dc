"""What a reader is shown: packed to its budget, numbered, in order of the body; and a few things at once, in order."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime

import pytest
from agentmem_evals.errors import EvalError, UnknownName
from agentmem_evals.reading.in_order import in_order
from agentmem_evals.reading.items import ShownItem, line, pick, shown_items
from agentmem_evals.reading.packing import NOTHING, pack_items
from agentmem_evals.types import Conversation, Corpus, Passage, Session, Turn
from hypothesis import given
from hypothesis import strategies as st

from agentmem.text.budget import estimate_tokens

AT = datetime(2023, 5, 8, 13, 56, tzinfo=UTC)
TALK = Conversation(
    "c",
    (
        Session("s1", AT, "1:56 pm on 8 May, 2023", (Turn("D1:1", "s1", "Ada", "Hello.", AT),)),
        Session("answer_7", AT, "", (Turn("answer_7_1", "answer_7", "Bo", "I moved.", AT),)),
    ),
)


def item(place: int, text: str) -> ShownItem:
    return ShownItem(f"id{place}", place, text)


def test_turns_are_shown_with_their_sessions_date_as_the_data_words_it_and_passages_with_their_title() -> None:
    shown = shown_items(TALK)
    assert list(shown) == ["D1:1", "answer_7_1"]
    assert json.loads(line(1, shown["D1:1"])) == {
        "number": 1,
        "date": "1:56 pm on 8 May, 2023",
        "speaker": "Ada",
        "text": "Hello.",
    }
    passages = shown_items(Corpus("m", (Passage("0", "Ulm", "A city."), Passage("1", "", "Words."))))
    assert json.loads(line(2, passages["0"])) == {"number": 2, "title": "Ulm", "text": "A city."}
    assert json.loads(line(3, passages["1"])) == {"number": 3, "text": "Words."}


def test_no_id_is_shown_since_some_tell_where_the_answer_is() -> None:
    assert "answer_7" not in pack_items(list(shown_items(TALK).values()), None, estimate_tokens).text


def test_items_are_picked_in_the_order_found_each_once_and_unknown_ones_are_refused() -> None:
    shown = shown_items(TALK)
    assert [one.id for one in pick(["answer_7_1", "D1:1", "answer_7_1"], shown)] == ["answer_7_1", "D1:1"]
    with pytest.raises(UnknownName, match="D9:9"):
        pick(["D9:9"], shown)


def test_the_best_that_fit_are_shown_in_the_order_of_the_body() -> None:
    # One token a word. Lines are '{"number": 1, "text": "..."}': 3 words and those of the text beyond its first.
    count = lambda text: len(text.split())  # noqa: E731
    best, long, small = item(5, "a b c"), item(1, "a b c d e f g"), item(3, "a")
    assert [count(line(1, one)) for one in (best, long, small)] == [6, 10, 4]
    packed = pack_items([best, long, small], 10, count)
    assert [one.id for one in packed.items] == ["id3", "id5"]  # 6 + 4; the long one is passed over
    assert packed.tokens == 10
    assert [json.loads(each)["number"] for each in packed.text.split("\n")] == [1, 2]


def test_without_a_budget_everything_is_shown_and_with_none_of_it_nothing() -> None:
    items = [item(place, "word " * 50) for place in range(100)]
    assert len(pack_items(items, None, estimate_tokens).items) == 100
    for nothing in (pack_items(items, 0, estimate_tokens), pack_items([], 99, estimate_tokens)):
        assert (nothing.text, nothing.items, nothing.tokens) == (NOTHING, (), 0)
    with pytest.raises(EvalError, match="budget"):
        pack_items(items, -1, estimate_tokens)


@given(
    st.lists(st.text(max_size=60), max_size=30),
    st.integers(0, 400),
    st.sampled_from([estimate_tokens, len, lambda text: len(text) // 3]),
)
def test_the_context_never_costs_more_than_the_budget_and_is_one_line_an_item(texts, budget, count) -> None:
    packed = pack_items([item(place, text) for place, text in enumerate(texts)], budget, count)
    assert packed.tokens <= budget
    if packed.items:
        lines = packed.text.split("\n")
        assert [json.loads(each)["text"] for each in lines] == [one.text for one in packed.items]
        assert packed.tokens == count(packed.text)
    assert [one.place for one in packed.items] == sorted(one.place for one in packed.items)


@given(st.lists(st.integers(), max_size=40), st.integers(1, 6))
def test_results_come_in_the_order_of_the_items(numbers: list[int], concurrency: int) -> None:
    assert list(in_order(lambda number: number + 1, iter(numbers), concurrency)) == [number + 1 for number in numbers]


def test_no_more_than_that_many_are_under_way_and_items_are_taken_as_needed() -> None:
    lock, under_way, most, taken = threading.Lock(), 0, 0, 0
    together = threading.Barrier(3)

    def work(number: int) -> int:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        together.wait(10)
        with lock:
            under_way -= 1
        return number

    def items():
        nonlocal taken
        for number in range(30):
            taken += 1
            yield number

    results = in_order(work, items(), 3)
    assert next(results) == 0 and taken <= 7
    assert list(results) == list(range(1, 30)) and most == 3


@pytest.mark.parametrize("concurrency", [1, 2, 5])
def test_an_error_ends_it_after_what_was_done_and_before_anything_new(concurrency: int) -> None:
    begun: list[int] = []

    def work(number: int) -> int:
        begun.append(number)
        if number == 10:
            raise OSError("gone")
        return number

    done: list[int] = []
    with pytest.raises(OSError, match="gone"):
        done.extend(in_order(work, range(1000), concurrency))  # extends with what comes before the error
    assert set(range(10)) <= set(begun)
    assert sorted(done) == sorted(set(begun) - {10})
    assert max(begun) < 10 + 3 * 5


def test_what_was_under_way_when_it_ended_is_given_out() -> None:
    begun = threading.Event()
    done: list[int] = []

    def work(number: int) -> int:
        if number == 0:
            assert begun.wait(10)
            raise OSError("gone")
        begun.set()
        return number

    with pytest.raises(OSError, match="gone"):
        done.extend(in_order(work, [0, 1], 2))
    assert done == [1]


def test_a_concurrency_of_none_is_refused() -> None:
    with pytest.raises(EvalError, match="concurrency"):
        list(in_order(str, [1], 0))
