"""Events held against cues, worked by hand, and in the order in which they are wanted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agentmem.retrieval.episodic import ordered, share_met
from agentmem.retrieval.search import Found, Scored
from agentmem.text.cues import Wanted, read_cues
from agentmem.types import Memory, Source

NOW = datetime(2025, 5, 6, 9, tzinfo=UTC)


def event(day, place, people, content, row=0, *, speaker=None, text=None):
    at = NOW
    return Memory(
        id=f"mem_{row}",
        version=1,
        kind="event",
        text=text or f"{place}: {' and '.join(people)} at a {content}.",
        at=at,
        valid_from=at,
        valid_to=None,
        recorded_at=at,
        speaker=speaker,
        metadata={
            key: value
            for key, value in {
                "when": [f"2031-01-{day:02d}/2031-01-{day + 1:02d}"] if day else [],
                "places": [place] if place else [],
                "people": list(people),
            }.items()
            if value
        },
        sources=(Source(f"e{row}", 0, 10),),
    )


CHESS = event(7, "Old Lock", ["Mara Velden", "Bo Hale"], "chess tournament")


@pytest.mark.parametrize(
    ("question", "share"),
    [
        ("What happened at the Old Lock?", 1.0),
        ("What happened at Lower Weir?", 0.0),
        ("List the events with Mara Velden at the Old Lock on January 07, 2031.", 1.0),  # 3 of 3
        ("List the events with Mara Velden at the Old Lock on January 08, 2031.", 2 / 3),
        ("List the events with Bo at a chess tournament in January 2031.", 1.0),  # who else was there; within the month
        ("List the events with Mara Velden at a poetry reading at Lower Weir on January 09, 2031.", 1 / 4),
        ("List the dates of all events.", 1.0),  # no cues
    ],
)
def test_the_share_of_cues_that_an_event_meets(question, share):
    assert share_met(CHESS, read_cues(question, NOW)) == pytest.approx(share)


def test_a_place_that_is_only_mentioned_is_another_place():
    away = event(7, "Old Lock", ["Mara"], "talk", text="Old Lock: Mara told of Lower Weir.")
    assert share_met(away, read_cues("What happened at Lower Weir?", NOW)) == 0.0
    nowhere = replace(away, metadata={"people": ["Mara"]})
    assert share_met(nowhere, read_cues("What happened at Lower Weir?", NOW)) == 1.0


def test_whoever_spoke_was_there():
    said = event(0, "Porto", [], "walk", speaker="Ana", text="I walked in Porto.")
    assert share_met(said, read_cues("List what Ana did in Porto.", NOW)) == 1.0


def test_what_was_said_without_a_time_happened_then_and_a_document_at_no_time():
    said = event(0, "Porto", [], "walk", speaker="Ana")
    question = read_cues("List what happened in Porto on May 6, 2025.", NOW)
    assert share_met(said, question) == 1.0
    assert share_met(replace(said, speaker=None), question) == pytest.approx(1 / 2)


def found(*events):
    return [Found(Scored(row, 0.5, {}), one) for row, one in enumerate(events)]


def rows(events):
    return [one.scored.row for one in events]


def test_events_are_in_the_order_in_which_they_happened():
    # By day: 3, 7, 9; two on day 7, in the order in which they were told.
    late, early, middle, beside = (event(day, "Old Lock", ["Mara"], "race", n) for n, day in enumerate((9, 3, 7, 7)))
    beside = replace(beside, at=NOW - timedelta(days=1))
    told = found(late, early, middle, beside)
    assert rows(ordered(told, Wanted.IN_ORDER)) == [1, 3, 2, 0]
    assert rows(ordered(told, Wanted.FIRST)) == [1, 3, 2, 0]
    assert rows(ordered(told, Wanted.LATEST)) == [0, 2, 3, 1]


def test_where_no_order_is_asked_for_they_are_ranked_as_their_texts():
    events = [event(day, "Old Lock", ["Mara"], "race", n) for n, day in enumerate((9, 3, 7))]
    texts = [Found(Scored(90 + n, 0.9, {}), replace(events[n], kind="chunk")) for n in (2, 0)]
    for wanted in (Wanted.ALL, Wanted.BEST):
        assert rows(ordered(found(*events), wanted, texts)) == [2, 0, 1]
    assert rows(ordered(found(*events), Wanted.LATEST, texts)) == [0, 2, 1]
