"""What a question about events gives away, and which events it wants."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agentmem.errors import InvalidInput
from agentmem.text.cues import Wanted, read_cues

NOW = datetime(2025, 5, 6, 9, tzinfo=UTC)  # a Tuesday


def test_all_four_cues_together():
    cues = read_cues("What happened at the chess tournament with Mara Velden at the Old Lock on January 07, 2031?", NOW)
    assert cues.times == ((datetime(2031, 1, 7, tzinfo=UTC), datetime(2031, 1, 8, tzinfo=UTC)),)
    assert (cues.places, cues.names, cues.content) == (("old lock",), ("mara velden",), (("chess", "tournament"),))
    assert cues.combined
    # Words for the search: of the names, the content, and the date as headings have it.
    assert {"mara", "velden", "old", "lock", "chess", "7", "januari", "2031"} <= cues.words


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("List all events in Lisbon.", Wanted.ALL),
        ("How often did Ana go to Lisbon?", Wanted.ALL),
        ("When was Ana in Lisbon for the last time?", Wanted.LATEST),
        ("What is the most recent concert?", Wanted.LATEST),
        ("Where did I last see Rita?", Wanted.LATEST),
        ("What did Ana do in Lisbon last weekend?", Wanted.BEST),  # a time, not the last of something
        ("When did Ana first go to Lisbon?", Wanted.FIRST),
        ("List the concerts from the earliest to the latest.", Wanted.IN_ORDER),
        ("Give a timeline of the trips of Ana.", Wanted.IN_ORDER),
        ("List all places where Ana was, in the order of the dates.", Wanted.IN_ORDER),
        ("Where does Ana live?", Wanted.BEST),
    ],
)
def test_which_events_are_wanted(question, wanted):
    assert read_cues(question, NOW).wanted is wanted


@pytest.mark.parametrize(
    "question", ["List the dates of all events.", "Tell everything.", "What happened, and where?", "Who was there?"]
)
def test_words_of_asking_are_no_cues(question):
    assert not read_cues(question, NOW)


def test_one_name_is_a_cue_and_no_combination():
    for question, combined in (
        ("Where did Ana go?", False),
        ("Where did Ana go with Rita?", True),
        ("What did Ana do in Lisbon?", True),
        ("What did Ana do yesterday?", True),
        ("What happened yesterday and last week?", False),  # all times are one cue
    ):
        cues = read_cues(question, NOW)
        assert cues and cues.combined is combined, question


def test_a_naive_moment_is_refused():
    with pytest.raises(InvalidInput):
        read_cues("What happened yesterday?", datetime(2025, 5, 6))  # noqa: DTZ001
