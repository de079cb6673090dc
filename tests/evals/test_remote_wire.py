"""What crosses between two processes is the same on both sides."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

from agentmem_evals.systems.remote.wire import (
    body_from_json,
    body_to_json,
    retrieved_from_json,
    retrieved_to_json,
    time_from_json,
    time_to_json,
)
from agentmem_evals.types import Body, Conversation, Corpus, Passage, Retrieved, Session, Turn
from hypothesis import given
from hypothesis import strategies as st

TEXT = st.text(st.characters(), max_size=20)  # lone surrogates, line ends and all
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=3))])
TIMES = st.datetimes(timezones=ZONES)
TURNS = st.builds(Turn, TEXT, TEXT, TEXT, TEXT, TIMES)
SESSIONS = st.builds(Session, TEXT, TIMES, TEXT, st.lists(TURNS, max_size=3).map(tuple))
CONVERSATIONS = st.builds(Conversation, TEXT, st.lists(SESSIONS, max_size=3).map(tuple))
CORPORA = st.builds(Corpus, TEXT, st.lists(st.builds(Passage, TEXT, TEXT, TEXT), max_size=3).map(tuple))
IDS = st.lists(TEXT, max_size=4).map(tuple)
SIGNALS = st.lists(st.dictionaries(TEXT, st.floats(allow_nan=False), max_size=3), max_size=3).map(tuple)


@given(st.one_of(CONVERSATIONS, CORPORA))
def test_bodies_arrive_as_they_left(body: Body) -> None:
    line = json.dumps(body_to_json(body))
    assert "\n" not in line and body_from_json(json.loads(line)) == body


@given(IDS, st.one_of(st.none(), IDS), SIGNALS)
def test_findings_arrive_as_they_left(
    items: tuple[str, ...], sessions: tuple[str, ...] | None, why: tuple[dict[str, float], ...]
) -> None:
    found = Retrieved(items, sessions, why)
    assert retrieved_from_json(json.loads(json.dumps(retrieved_to_json(found)))) == found


@given(st.one_of(st.none(), TIMES))
def test_times_arrive_as_they_left(at: datetime | None) -> None:
    assert time_from_json(time_to_json(at)) == at
