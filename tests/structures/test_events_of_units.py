"""Events of turns and documents: what becomes one, with which slots and from which words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_facts import View

from agentmem.kinds import EVENT
from agentmem.structures.chunks import propose_chunks
from agentmem.structures.events import Events, events_of, when
from agentmem.structures.structure import Models, Unit
from agentmem.types import Episode, EpisodeKind

AT = datetime(2025, 5, 6, 9, tzinfo=UTC)
MODELS = Models(None, None, len)


def unit(*texts, speaker=None, at=AT):
    kind = EpisodeKind.DOCUMENT if speaker is None else EpisodeKind.TURN
    session = None if speaker is None else "s1"
    episodes = tuple(Episode(f"e{n}", kind, text, at, at, None, session, speaker) for n, text in enumerate(texts))
    return Unit(session, episodes, tuple(add.memory for one in episodes for add in propose_chunks(one)))


def test_a_turn_that_tells_something_is_an_event():
    turns = unit("I met Rita in Porto yesterday.", "Where were you?", "I like cats.", speaker="Ana")
    (event,) = events_of(turns)
    assert event.text == "5 May 2025, Porto: I met Rita in Porto yesterday."
    assert (event.kind, event.speaker, event.session, event.at) == (EVENT, "Ana", "s1", AT)
    assert event.metadata == {
        "when": ["2025-05-05/2025-05-06"],
        "time": "yesterday",
        "places": ["Porto"],
        "people": ["Rita"],
    }
    assert when(event) == (datetime(2025, 5, 5, tzinfo=UTC), datetime(2025, 5, 6, tzinfo=UTC))
    assert [(one.episode, one.start, one.end) for one in event.sources] == [("e0", 0, 30)]


def test_what_names_no_time_happened_when_it_was_said():
    (event,) = events_of(unit("I met Rita in Porto.", speaker="Ana"))
    assert event.text == "6 May 2025, Porto: I met Rita in Porto."
    assert when(event) == (AT, AT)


BOOK = (
    "Chapter 1\n\nOn May 02, 2031 Ann swam at Lower Weir.\n\nIt was cold.\n\nChapter 2\n\n"
    "On May 01, 2031 Ann sang at the Old Lock with Bo.\n\nOn May 03, 2031 she left."
)


def test_a_document_is_cut_at_headings_and_where_another_day_begins():
    events = list(events_of(unit(BOOK)))
    assert [event.metadata["when"][0][:10] for event in events] == ["2031-05-02", "2031-05-01", "2031-05-03"]
    assert [BOOK[one.start : one.end] for event in events for one in event.sources] == [
        "Chapter 1\n\nOn May 02, 2031 Ann swam at Lower Weir.\n\nIt was cold.",
        "Chapter 2\n\nOn May 01, 2031 Ann sang at the Old Lock with Bo.",
        "On May 03, 2031 she left.",
    ]
    assert events[1].text.startswith("1 May 2031, Old Lock: Chapter 2")


def test_a_document_without_a_time_is_an_event_only_if_somebody_is_somewhere():
    assert list(events_of(unit("The Tagus flows to the sea."))) == []
    (event,) = events_of(unit("Rita waited at Kestrel Bridge."))
    assert when(event) is None and event.text == "Kestrel Bridge: Rita waited at Kestrel Bridge."


def test_a_long_document_names_each_chunk_that_an_event_stands_in():
    text = "On May 02, 2031 Ann swam at Lower Weir. " + "The water was cold and the sky was grey. " * 60
    (event,) = events_of(unit(text))
    assert len(event.sources) > 1 and event.sources[0].start == 0
    assert all(one.end <= two.start for one, two in zip(event.sources, event.sources[1:], strict=False))


def test_nothing_is_proposed_twice():
    view, turns = View([]), unit("I met Rita in Porto.", speaker="Ana")
    for expected in (1, 0):
        proposals = list(Events().propose([turns], view, MODELS))
        assert [len(one.operations) for one in proposals] == [expected] and proposals[0].units == (turns,)
        view.take_in([operation for one in proposals for operation in one.operations])


def test_metadata_that_others_wrote_is_no_time():
    (event,) = events_of(unit("I met Rita in Porto yesterday.", speaker="Ana"))
    event.metadata["when"][0] = "soon/later"
    assert when(event) is None


@given(
    st.lists(
        st.sampled_from(
            [
                "Chapter 3",
                "On 7 May 2023 Ann sang.",
                "Nobody came.",
                "In Porto Bo met Ann.",
                "By June 1, 2023 it rained.",
            ]
        ),
        min_size=1,
        max_size=8,
    )
)
def test_no_word_is_in_two_events_and_sources_hold_their_words(paragraphs):
    document = unit("\n\n".join(paragraphs))
    text = document.episodes[0].text
    end = 0
    for event in events_of(document):
        for source in event.sources:
            assert end <= source.start < source.end <= len(text)
            end = source.end
            assert text[source.start : source.end].split("\n\n")[0] in event.text
        assert event.at == AT and event.valid_from == AT


@pytest.mark.parametrize("days", [0, 400])
def test_when_it_was_said_decides_what_yesterday_was(days):
    (event,) = events_of(unit("I met Rita yesterday.", speaker="Ana", at=AT + timedelta(days=days)))
    span = when(event)
    assert span is not None and span[1] == (AT + timedelta(days=days)).replace(hour=0)
