"""Questions of state, taken apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.retrieval.state_question import StateQuestion, state_question


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Where is the passport?", StateQuestion(("passport",), of_place=True)),
        ("where is the passport", StateQuestion(("passport",), of_place=True)),
        ("Where was Bo before Porto?", StateQuestion(("bo",), bound=("porto",), of_place=True)),
        (
            "Where was the ladder after the shed?",
            StateQuestion(("ladder",), bound=("shed",), after=True, of_place=True),
        ),
        ("Where is Bo's ladder?", StateQuestion(("bo",), (("ladder",),))),
        ("Is Bo in the shed?", StateQuestion(("bo",), (("shed",),))),
        ("What is Bo carrying?", StateQuestion(("bo",), (("carri",),))),
        ("Where does Bo live?", StateQuestion(("bo",), (("live",),))),
        ("What did Bo give to Chiara?", StateQuestion(("bo",), (("give",), ("chiara",)))),
    ],
)
def test_a_question_has_a_subject_and_perhaps_a_bound(text, expected):
    assert state_question(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Bo is in Porto.",
        "Where is it?",
        "Tell me where Bo is.",
        "Where is Bo? And Chiara?",
        "Where is the one small brass key of the old shed behind the house at the end of the road?",
    ],
)
def test_anything_else_is_not_taken_apart(text):
    assert state_question(text) is None


@given(st.text(max_size=80))
def test_any_text_can_be_asked(text):
    found = state_question(text)
    assert found is None or found.subject
