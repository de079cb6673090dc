"""Documents are found by the day that they tell of, however both the document and the question spell it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import NOW, every, scene, signal

from agentmem import AgentMemory, Document
from agentmem.retrieval.signals import candidates
from agentmem.testing import FakeEmbedder
from agentmem.text.spelled_days import spelled_days
from agentmem.text.words import terms

TEXTS = [
    "The ferry sank on 3 May 2019, at dawn.",
    "On May 03, 2019 the lock was opened.",
    "It rained on the 3rd of May in 2019.",
    "Three ferries left in May 2019.",
    "On May 4, 2019 the ferry was raised.",
    "On May 3, 2018 the ferry was new.",
]


@pytest.mark.parametrize("told", ["3 May 2019", "May 3rd, 2019", "the 3rd of May 2019", "2019-05-03"])
def test_a_day_is_found_in_any_spelling(told):
    assert signal(scene(TEXTS, f"What happened on {told}?"), "day") == [1, 1, 1, 0, 0, 0]


@pytest.mark.parametrize(
    "question", ["What happened on May 3?", "What happened in May 2019?", "yesterday", "3 ferries"]
)
def test_what_names_no_whole_day_says_nothing(question):
    assert not any(signal(scene(TEXTS, question), "day"))


def test_of_two_days_either_will_do():
    assert signal(scene(TEXTS, "What happened on 4 May 2019 and on 3 May 2018?"), "day") == [0, 0, 0, 0, 1, 1]


def test_what_tells_of_the_day_is_a_candidate():
    texts = ["May May May 2019 2019 2019"] * 5 + TEXTS
    stage = scene(texts, "What happened on May 3, 2019?", passing=[True] * 5 + [True, False, *[True] * 4])
    found = candidates(stage, 2).tolist()
    assert 5 in found or 7 in found  # as many as are asked for, of those that may be returned
    assert 6 not in found and set(found) < set(every(stage).tolist())


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from(["%d %B %Y", "%B %d, %Y", "%d %b %Y"]))
def test_every_day_is_found_in_its_own_spelling(day, spelling):
    told = day.strftime(spelling)
    (found,) = spelled_days(f"What happened on {told}?", NOW)
    words = set(terms(f"It was {told} when it happened"))
    assert all(one & words for one in found)
    other = set(terms(f"It was {(day + timedelta(days=1)).strftime(spelling)} when it happened"))
    assert not all(one & other for one in found)


@pytest.mark.parametrize("recipe", ["texts", "default"])
def test_documents_are_asked_about_a_day(database, clock, recipe):
    told = [f"On January {day:02}, 2031 Mara Velden held a fair at Kestrel Bridge." for day in range(1, 29)]
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe=recipe) as store:
        handle = store.scope("acme")
        handle.add([Document(text, at=datetime(2031, 6, 1, tzinfo=UTC)) for text in told])
        handle.consolidate()
        hit = handle.retrieve("Where was the fair on 17 January 2031?", k=3, explain=True)[0]
        assert hit.text == told[16] and hit.signals["day"] == 1
        assert "tells of the day that the query names" in hit.reasons
