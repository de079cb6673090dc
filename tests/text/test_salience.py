from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.errors import InvalidInput
from agentmem.text.salience import keywords, summarise

SENTENCES = st.sampled_from(
    ["Ada keeps bees in the garden.", "The bees make honey.", "It rains.", "Why?", "Bob sells the honey of the bees.",
     "Wow!", "今天下雨。", "A dog barked at the gate", "one"]
)  # fmt: skip
TEXTS = st.lists(st.lists(SENTENCES, max_size=6).map(" ".join) | st.text(max_size=60), max_size=5)

STORY = [
    "Ada keeps bees in the garden. It rained on Monday. The bees of Ada make honey in the garden every summer.",
    "Bob sells the honey of Ada's bees on the market. Nobody came. The bees in the garden of Ada make honey each June.",
]


def test_the_sentences_about_what_the_texts_are_about_are_picked_in_their_order() -> None:
    summary = summarise(STORY, 20)
    assert summary.splitlines()[0].startswith("Ada keeps bees in the garden.")
    assert "rained" not in summary and "Nobody" not in summary


def test_nothing_is_said_twice() -> None:
    text = "The bees make honey in the garden. The bees make honey in the garden. Bob sells pears on the old market."
    assert summarise([text], 15) == "The bees make honey in the garden. Bob sells pears on the old market."


def test_a_question_is_picked_last() -> None:
    text = "Do the bees make honey in the garden? The bees make honey in the garden. It is late."
    assert summarise([text], 8) == "The bees make honey in the garden."


def test_what_is_short_enough_comes_back_whole() -> None:
    assert summarise(["One two.\nThree  four.", "Five."], 5) == "One two. Three four.\nFive."


@pytest.mark.parametrize(
    ("texts", "limit", "summary"),
    [
        ([], 5, ""),
        ([""], 5, ""),
        (["word"], 1, "word"),
        (["one two three four five"], 2, "one two"),
        (["?!"], 3, "?!"),
    ],
)
def test_small_texts_behave(texts: list[str], limit: int, summary: str) -> None:
    assert summarise(texts, limit) == summary


def test_a_summary_needs_room() -> None:
    with pytest.raises(InvalidInput, match="limit_words"):
        summarise(["word"], 0)
    with pytest.raises(InvalidInput, match="count"):
        keywords(["word"], -1)


@given(TEXTS, st.integers(1, 30))
def test_a_summary_keeps_its_limit_and_quotes(texts: list[str], limit: int) -> None:
    summary = summarise(texts, limit)
    assert len(summary.split()) <= limit
    assert summary == summarise(texts, limit)
    whole = " ".join(" ".join(texts).split())
    assert all(part in whole for part in summary.split())
    if any(text.split() for text in texts):
        assert summary


def test_keywords_are_names_and_phrases_that_recur() -> None:
    found = keywords(STORY, 4)
    assert found[0] == "Ada"
    assert "bees" in found and any("honey" in word for word in found)
    assert "rained" not in found


@pytest.mark.parametrize(
    ("texts", "count", "expected"),
    [(["hello"], 3, ("hello",)), ([], 3, ()), (["the"], 3, ()), (["Ada"], 0, ()), (["今天"], 2, ("今天",))],
)
def test_keywords_of_small_texts(texts: list[str], count: int, expected: tuple[str, ...]) -> None:
    assert keywords(texts, count) == expected


@given(TEXTS, st.integers(0, 8))
def test_keywords_are_distinct_and_at_most_as_many_as_asked(texts: list[str], count: int) -> None:
    found = keywords(texts, count)
    assert len(found) <= count
    assert len({word.casefold() for word in found}) == len(found)
    assert found == keywords(texts, count)


@pytest.mark.parametrize("piece", ["Ada met Bob. ", "word ", "x", "今", "Word\n\n", "What? "])
def test_time_grows_with_the_length_and_no_faster(piece: str) -> None:
    short, long = piece * (10_000 // len(piece)), piece * (80_000 // len(piece))

    def seconds(text: str) -> float:
        begun = time.process_time()
        summarise([text], 40)
        keywords([text], 5)
        return time.process_time() - begun

    assert min(seconds(long) for _ in range(2)) < 40 * max(0.002, min(seconds(short) for _ in range(3)))
