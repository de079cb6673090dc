"""Which texts are plain statements, and who takes part in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.text.plain import is_plain, plain_statement


@pytest.mark.parametrize(
    ("text", "participants"),
    [
        ("Ana moved to Lisbon.", ("Ana", "Lisbon")),
        ("Bo put the passport on the shelf.", ("Bo",)),
        ("Bo and Chiara went back to the ferry.", ("Bo", "Chiara")),
        ("Yesterday Chiara gave the ladder to Bo.", ("Chiara", "Bo")),
        ("This evening Bo repaired the boat.", ("Bo",)),
        ("Bo is in Porto.", ("Bo", "Porto")),
        ("Julius is a swan.", ("Julius",)),
    ],
)
def test_a_short_sentence_about_somebody_is_plain(text, participants):
    told = plain_statement(text)
    assert told is not None and told.participants == participants


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Where is Bo?",
        "Bo moved to Porto!",
        "“Bo moved to Porto,” said Ana.",
        "She moved to Porto.",
        "Bo left his ladder there.",
        "I saw Bo in Porto.",
        "The ferry left the harbour.",  # nobody takes part
        "A sound came from Bo's room.",  # an owner takes no part
        "Thank you, Bo.",
        "Bo nodded.",  # nothing but somebody
        "Bo was delighted.",
        "A wave knocked Bo off the pier.",  # not Bo who did something
        "Bo moved to Porto. Ana stayed in Lisbon.",
        "Bo, who lived in Porto, took the ferry.",
        "Bo walked along the river for three long hours until the rain came and the bridge was closed.",
    ],
)
def test_what_leans_on_other_words_or_says_more_is_not_plain(text):
    assert not is_plain(text)


@given(st.text(max_size=150))
def test_any_text_can_be_asked_about(text):
    told = plain_statement(text)
    assert told is None or told.participants
