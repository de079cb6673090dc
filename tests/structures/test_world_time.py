"""When facts are true: what their rows say, and what searches show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem import AgentMemory
from agentmem.structures.world_time import HOLDS, WHEN, period, world_time
from agentmem.testing import FakeEmbedder
from agentmem.text.intervals import overlap
from agentmem.types import Memory, Message

AT = datetime(2023, 5, 8, 13, 56, tzinfo=UTC)  # a Monday


def day(year: int, month: int, number: int) -> datetime:
    return datetime(year, month, number, tzinfo=UTC)


def row(text: str, told: str | None = None) -> Memory:
    world = world_time(text, AT, told)
    since = world.valid_from or AT
    return Memory("mem_1", 1, "fact", text, AT, since, world.valid_to, AT, metadata=dict(world.metadata))


@pytest.mark.parametrize(
    ("text", "since", "until", "when", "holds"),
    [
        ("I like tea", AT, None, None, None),
        ("I went hiking yesterday", day(2023, 5, 7), None, ["2023-05-07/2023-05-08"], None),
        ("I'm in Rome until Friday", AT, day(2023, 5, 13), ["2023-05-12/2023-05-13"], None),
        ("I will move to Ghent in June", AT, None, ["2023-06-01/2023-07-01"], "2023-06-01/.."),
        ("I used to work at Acme", AT, None, None, "../2023-05-08T13:56:00Z"),
        (
            "I lived in Rome from 2010 to 2015",
            day(2010, 1, 1),
            None,
            ["2010-01-01/2011-01-01", "2015-01-01/2016-01-01"],
            "2010-01-01/2016-01-01",
        ),
    ],
)
def test_a_row_is_valid_while_its_sentence_is_true(text, since, until, when, holds) -> None:
    found = row(text)
    assert (found.valid_from, found.valid_to) == (since, until)
    assert (found.metadata.get(WHEN), found.metadata.get(HOLDS)) == (when, holds)


@pytest.mark.parametrize(
    ("told", "since", "when"),
    [
        ("2022-05-07", day(2022, 5, 7), ["2022-05-07/2022-05-08"]),
        ("2022-05", day(2022, 5, 1), ["2022-05-01/2022-06-01"]),
        ("2022", day(2022, 1, 1), ["2022-01-01/2023-01-01"]),
        ("2022-05-01/2022-05-07", day(2022, 5, 1), ["2022-05-01/2022-05-08"]),
        ("25/12/2022", day(2022, 12, 25), ["2022-12-25/2022-12-26"]),
        ("May 2022", day(2022, 5, 1), ["2022-05-01/2022-06-01"]),
        ("2024-05", AT, ["2024-05-01/2024-06-01"]),
        ("who knows", AT, None),
        ("", AT, None),
    ],
)
def test_what_a_model_told_counts(told, since, when) -> None:
    found = row("Ana moved to Ghent", told)
    assert (found.valid_from, found.metadata.get(WHEN)) == (since, when)


def test_an_end_that_the_text_tells_stands() -> None:
    assert row("Ana lived there until March", "2023").metadata[HOLDS] == "../2023-04-01"


def test_periods_are_compared_as_they_were_meant() -> None:
    rome, ghent, oslo = (
        row("I lived in Rome from 2010 to 2015"),
        row("I've lived in Ghent since 2016"),
        row("I used to live in Oslo"),
    )
    assert not overlap(period(rome), period(ghent))
    assert overlap(period(oslo), period(ghent))
    assert overlap(rome, ghent)  # their rows do: both are true to tell now
    assert period(row("I like tea")).valid_from == AT


@given(st.text(max_size=20), st.text(max_size=20) | st.dates().map(str) | st.integers(0, 99_999).map(str))
def test_anything_may_be_told(text: str, told: str) -> None:
    found = row(text, told)
    assert found.valid_from <= AT and (found.valid_to is None or found.valid_to > AT)
    assert period(found)


@pytest.fixture
def facts(database, clock):
    """Asks for facts."""
    said = clock() - timedelta(days=400)
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe="facts") as store:
        handle = store.scope("ana")
        for text in (
            "I will move to Ghent next month.",
            "I lived in Rome from 2010 to 2015.",
            "My brother stays in Lisbon until tomorrow.",
            "I adopted a grey cat yesterday.",
        ):
            handle.add(Message(text, speaker="Ana", session="s", at=said))
        handle.consolidate()

        def asked(as_of: datetime | None = None) -> set[str]:
            hits = handle.retrieve("Ana brother cat Ghent Rome Lisbon", kinds=["fact"], k=20, as_of=as_of)
            return {name for name in ("Ghent", "Rome", "Lisbon", "cat") for hit in hits if name in hit.text}

        asked.said = said
        asked.handle = handle
        yield asked


def test_plans_and_what_is_over_are_found_and_what_has_ended_is_not(facts) -> None:
    assert facts() == {"Ghent", "Rome", "cat"}


def test_as_of_a_moment(facts) -> None:
    said = facts.said
    assert facts(said) == {"Ghent", "Rome", "Lisbon", "cat"}
    assert facts(said - timedelta(hours=12)) >= {"Rome"}
    assert facts(datetime(2012, 1, 1, tzinfo=UTC)) == {"Rome"}


def test_turns_keep_their_own_time(facts) -> None:
    assert all(
        (memory.valid_from, memory.valid_to) == (memory.at, None) for memory in facts.handle.list(kinds=["chunk"])
    )
