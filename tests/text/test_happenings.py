"""When, where, who and what: read from a text by rules."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agentmem.text.calendar import Grain
from agentmem.text.happenings import dated, happening, tells

SAID = datetime(2025, 5, 6, 9, tzinfo=UTC)  # a Tuesday


def test_an_event_of_a_book():
    text = (
        "Few had expected to see Clara Okonjo at the Old Lock on January 07, 2031. What brought the crowd was the "
        "street concert, and Clara Okonjo had a part in it. Beatrix Hale came late."
    )
    found = happening(text, None)
    assert [text[one.start : one.end] for one in found.times] == ["January 07, 2031"]
    assert found.places == ("Old Lock",)
    assert found.people == ("Clara Okonjo", "Beatrix Hale")  # who is named most comes first
    assert found.content[0] == "street concert"


def test_prose_that_hides_them():
    text = (
        "The crisp autumn air of September 22, 2026 carried a murmur toward Bethpage Black Course, where Jackson Ramos "
        "adjusted his tie. The Fashion Show would not wait. Ramos smiled."
    )
    found = happening(text, None)
    assert found.places == ("Bethpage Black Course",)
    assert found.people == ("Jackson Ramos",)  # "Ramos" is the same man
    assert found.content == ("Fashion Show",)


@pytest.mark.parametrize(
    ("text", "places", "people"),
    [
        ("I moved to Lisbon.", ("Lisbon",), ()),
        ("I gave the book to Rita.", (), ("Rita",)),
        ("I went to a Mozart concert.", (), ("Mozart",)),
        ("I saw it in Ana's eyes.", (), ("Ana",)),
        ("Porto is lovely. We stayed in Porto.", ("Porto",), ()),  # once each way: a place
        ("We met near Quince Market.", ("Quince Market",), ()),  # a market takes place; one with a name is a place
        ("Rita painted Kestrel Bridge.", ("Kestrel Bridge",), ("Rita",)),
        ("Chapter 2 was about Rita.", (), ("Rita",)),
    ],
)
def test_places_and_people(text, places, people):
    found = happening(text, SAID)
    assert (found.places, found.people) == (places, people)


def test_the_speaker_is_no_place():
    assert happening("There is no harm in Ana.", SAID, "Ana").places == ()
    assert happening("There is no harm in Ana.", SAID, "Ana").people == ("Ana",)


def test_the_most_exact_time_comes_first_and_a_document_counts_from_nothing():
    text = "In 2023 we planned it, and on 7 May 2023 we met; yesterday I thought of it."
    assert [one.grain for one in happening(text, SAID).times] == [Grain.DAY, Grain.DAY, Grain.YEAR]
    assert [one.grain for one in happening(text, None).times] == [Grain.DAY, Grain.YEAR]  # no "yesterday"


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("The poetry reading was long.", ("poetry reading",)),
        ("The mural painting had been announced.", ("mural painting",)),
        ("There was a girl reading a book.", ()),
        ("We had picnics and a chess tournament.", ("picnics", "chess tournament")),
        ("The building was empty this evening.", ()),
    ],
)
def test_what_it_was(text, content):
    assert tuple(phrase for phrase in happening(text, SAID).content if phrase != "evening") == content


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("I went to the market.", True),
        ("I have been to Porto.", True),
        ("We meet on 7 May 2025.", True),
        ("Did you go to the market?", False),
        ("I saw Rita at the market.", True),
        ("I like cats.", False),
    ],
)
def test_what_tells_of_something(text, told):
    assert tells(text, SAID) is told


def test_dates_are_written_as_exactly_as_they_are_told():
    moment = datetime(2023, 5, 7, tzinfo=UTC)
    grains = (Grain.DAY, Grain.MOMENT, Grain.MONTH, Grain.YEAR)
    assert [dated(moment, grain) for grain in grains] == ["7 May 2023", "7 May 2023", "May 2023", "2023"]
