"""Which of two remembered passages came first: over turns and within texts, word for word, nearly, and by meaning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmem import AgentMemory, Document, Message
from agentmem.errors import InvalidInput
from agentmem.testing import FakeClock, FakeEmbedder

AT = datetime(2025, 5, 1, 9, tzinfo=UTC)
STORY = (
    "The boat left at dawn.",
    "It was cold on deck.",
    "Nobody sang.",
    "The captain slept in his chair.",
    "At noon land was seen.",
    "Somebody cheered at last.",
)


def told(*texts, session="trip", at=AT):
    return [Message(text, speaker="Ana", session=session, at=at + timedelta(minutes=n)) for n, text in enumerate(texts)]


@pytest.fixture
def story(handle):
    handle.add(told(*STORY))
    return handle


def test_passages_that_go_on_over_several_turns(story):
    order = story.order("land was seen. Somebody cheered", "on deck. Nobody sang. The captain")
    assert (order.first, order.certain) == (1, True)
    first, second = order.places
    assert first.share == second.share == 1.0
    assert (first.memory.text, first.start) == ("At noon land was seen.", 8)  # where it begins
    assert (second.memory.text, second.start) == ("It was cold on deck.", 12)
    assert story.order("on deck. Nobody sang.", "land was seen").first == 0


def test_within_one_turn_and_one_document(handle):
    text = "The boat left at dawn. It was cold on deck. Nobody sang."
    handle.add(Document(text, title="Log"))
    assert handle.order("nobody sang", "the boat left").first == 1
    assert handle.order("cold on deck", "nobody sang").first == 0


def test_a_passage_that_is_nearly_there(story):
    # "the captain slept in a chair": 4 of 6 words in runs ("the captain slept in").
    order = story.order("Land was seen at noon", "The captain slept in a chair")
    assert order.first == 1 and not order.certain
    assert order.places[1].share == pytest.approx(4 / 6)


def test_what_is_not_there_by_words_is_looked_up_by_meaning(story):
    order = story.order("Was there any cheering", "dawn")
    assert order.first == 1 and not order.certain and order.places[0].share == 0.0


def test_an_empty_memory_knows_nothing(handle):
    order = handle.order("The boat left", "Nobody sang")
    assert (order.first, order.certain, order.places) == (None, False, (None, None))


def test_the_same_place_has_no_order(story):
    assert story.order("Nobody sang", "nobody SANG!").first is None


def test_time_decides_not_the_order_of_adding(handle):
    handle.add(told("The second trip was long.", session="two", at=AT + timedelta(days=9)))
    handle.add(told("The first trip was short.", session="one", at=AT))
    order = handle.order("The second trip was long.", "The first trip was short.")
    assert (order.first, order.certain) == (1, True)
    assert [place.memory.session for place in order.places] == ["two", "one"]


def test_of_several_places_those_of_one_conversation_count(handle):
    handle.add(told("We said goodbye.", session="one", at=AT))
    handle.add(told("We met at the pier.", "We said goodbye.", session="two", at=AT + timedelta(days=1)))
    order = handle.order("We said goodbye.", "We met at the pier.")
    assert (order.first, order.certain) == (1, True)
    assert handle.order("We said goodbye.", "We met at the pier.", session="one").certain is False


def test_a_passage_on_both_sides_of_the_other_is_not_certain(handle):
    handle.add(told("We said goodbye.", "We met at the pier.", "It rained for an hour.", "We said goodbye."))
    order = handle.order("We said goodbye.", "We met at the pier.")
    assert order.first == 0 and not order.certain  # the nearer one


def test_filters_of_time(handle):
    handle.add(told("The boat left at dawn.", session="one", at=AT))
    handle.add(told("The boat left at dawn.", "Nobody sang.", session="two", at=AT + timedelta(days=1)))
    order = handle.order("The boat left at dawn.", "Nobody sang.", since=AT + timedelta(hours=1))
    assert order.first == 0 and order.places[0].memory.session == "two"


def test_what_was_retired_is_not_remembered(story):
    (gone,) = [memory for memory in story.list() if memory.text == "Nobody sang."]
    story.retire(gone.id)
    assert story.order("Nobody sang", "The boat left").certain is False


@pytest.mark.parametrize("passage", ["", "  ", None])
def test_an_empty_passage_is_refused(story, passage):
    with pytest.raises(InvalidInput, match="passage is empty"):
        story.order(passage, "Nobody sang")


@settings(max_examples=15)
@given(
    st.permutations(["otter", "heron", "badger", "salmon", "weasel", "falcon", "beaver", "magpie"]),
    st.lists(st.integers(1, 3), min_size=3, max_size=8),
    st.data(),
)
def test_any_two_pieces_that_do_not_overlap_are_in_their_order(words, lengths, data):
    """However the words are cut into turns."""
    turns, rest = [], list(words)
    for length in lengths:
        turns, rest = [*turns, " ".join(rest[:length])], rest[length:]
    turns = [turn for turn in [*turns, " ".join(rest)] if turn]
    middle = data.draw(st.integers(1, len(words) - 1))
    first = words[data.draw(st.integers(0, middle - 1)) : middle]
    second = words[middle : data.draw(st.integers(middle + 1, len(words)))]
    with AgentMemory.open(":memory:", embedder=FakeEmbedder(), clock=FakeClock()) as store:
        handle = store.scope("a")
        handle.add(told(*turns))
        assert handle.order(" ".join(first), " ".join(second)).first == 0
        assert handle.order(" ".join(second), " ".join(first)).first == 1
