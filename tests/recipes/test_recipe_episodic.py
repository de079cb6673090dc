"""The recipe ``episodic`` through the public API: combined cues, the latest, the first, all in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from agentmem import AgentMemory, Document, Message, ScopeHandle
from agentmem.testing import FakeClock, FakeEmbedder

MAY = datetime(2025, 5, 1, 9, tzinfo=UTC)
DIARY = (
    (1, "I saw Rita at Kestrel Bridge, and we had a picnic."),
    (4, "I met Rita in Porto yesterday."),
    (9, "I met Tom at Kestrel Bridge."),
    (12, "I saw Rita at Kestrel Bridge again, after the street concert."),
    (20, "Rita had told me a joke."),
    (21, "Bridges are hard to paint."),
)
BOOK = (
    "Chapter 1\n\nOn May 02, 2031 Ann Orr swam at Lower Weir. The rowing race had just begun.",
    "Chapter 2\n\nOn May 01, 2031 Ann Orr sang at the Old Lock with Bo Hale. It was a street concert.",
    "Chapter 3\n\nOn May 07, 2031 Bo Hale slept at the Old Lock, after the street concert.",
)


@pytest.fixture
def opened(clock: FakeClock) -> Iterator[Callable[..., ScopeHandle]]:
    stores = []

    def open_it(**arguments):
        arguments = {"embedder": FakeEmbedder(), "clock": clock, "recipe": "episodic", **arguments}
        stores.append(AgentMemory.open(":memory:", **arguments))
        return stores[-1].scope("acme", "ana")

    yield open_it
    for store in stores:
        store.close()


@pytest.fixture(params=["none", "vectors"])
def diary(opened, request):
    handle = opened(embedder="none") if request.param == "none" else opened()
    handle.add([Message(text, speaker="Ana", session="diary", at=MAY + timedelta(days=day)) for day, text in DIARY])
    assert handle.consolidate().done
    return handle


@pytest.fixture
def book(opened):
    handle = opened()
    handle.add([Document(text, ref=f"c{number}") for number, text in enumerate(BOOK, start=1)])
    assert handle.consolidate().done
    return handle


def fitting(hits):
    """The texts of the events that fit, without their headings."""
    return [hit.text.partition(": ")[2] for hit in hits if "cues" in hit.signals]


def test_a_person_and_a_place_find_the_events_with_both(diary):
    hits = diary.retrieve("List all times when Rita was at Kestrel Bridge.")
    assert set(fitting(hits)) == {DIARY[0][1], DIARY[3][1]}
    assert [hit.kind for hit in hits[:3]] == ["event", "event", "chunk"]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({(one.episode, one.start) for hit in hits for one in hit.sources}) == len(hits)  # nothing twice


def test_the_latest_and_the_first_come_first(diary):
    assert fitting(diary.retrieve("Where was Rita seen for the last time, at Kestrel Bridge?"))[0] == DIARY[3][1]
    assert fitting(diary.retrieve("When was Rita at Kestrel Bridge for the first time?"))[0] == DIARY[0][1]
    assert fitting(diary.retrieve("Which is the most recent event with Rita?", k=1)) == [DIARY[4][1]]


def test_all_in_order_and_k_bounds(diary):
    question = "List all events with Rita, from the earliest to the latest."
    told = [text for _, text in DIARY if "Rita" in text]
    assert fitting(diary.retrieve(question, k=10)) == told
    assert fitting(diary.retrieve(question, k=2)) == told[:2]


def test_a_time_and_a_person(diary):
    assert fitting(diary.retrieve("What did Rita do on May 4, 2025?")) == [DIARY[1][1]]  # "yesterday", said on the 5th
    assert fitting(diary.retrieve("What did Tom do on May 4, 2025?")) == []


def test_what_fits_nothing_is_answered_by_texts(diary):
    hits = diary.retrieve("List all events with Rita at Lower Weir.", k=3)
    assert fitting(hits) == [] and {hit.kind for hit in hits} == {"chunk"} and len(hits) == 3


def test_a_question_without_combined_cues_is_left_to_the_texts(diary):
    question = "Is it hard to paint bridges?"
    asked, plain = (diary.retrieve(question, recipe=recipe) for recipe in ("episodic", "texts"))
    assert [(hit.id, hit.score) for hit in asked] == [(hit.id, hit.score) for hit in plain]


def test_chapters_in_the_order_of_their_dates(book):
    hits = book.retrieve("List all dates on which Ann Orr was seen, in chronological order.")
    assert [hit.metadata["time"] for hit in hits if "cues" in hit.signals] == ["May 01, 2031", "May 02, 2031"]
    hits = book.retrieve("List all street concerts at the Old Lock, from the earliest on.")
    assert [hit.sources[0].ref for hit in hits if "cues" in hit.signals] == ["c2", "c3"]
    assert hits[0].metadata["people"] == ["Ann Orr", "Bo Hale"] and hits[0].metadata["places"] == ["Old Lock"]


def test_filters_hold_for_events_too(diary):
    question = "List all times when Rita was at Kestrel Bridge."
    assert fitting(diary.retrieve(question, since=MAY + timedelta(days=5))) == [DIARY[3][1]]
    assert fitting(diary.retrieve(question, kinds=["chunk"])) == []
    assert {hit.kind for hit in diary.retrieve(question, kinds=["event"])} == {"event"}
    assert [hit.text for hit in diary.retrieve(question, where={"places": "nowhere"})] == []


def test_events_are_forgotten_with_their_words(diary):
    diary.forget(about="picnic")
    assert fitting(diary.retrieve("List all times when Rita was at Kestrel Bridge.")) == [DIARY[3][1]]
    assert not [memory for memory in diary.list(kinds=["event"], state=None) if "picnic" in memory.text]


def test_before_it_is_consolidated_texts_are_found(opened):
    handle = opened()
    handle.add(Message(DIARY[0][1], speaker="Ana", at=MAY))
    assert [hit.kind for hit in handle.retrieve("Where was Rita at Kestrel Bridge last?")] == ["chunk"]
