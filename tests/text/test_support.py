from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.text.support import UNSUPPORTED, lexical_support, supported, triple_supported

KNOWN = ("Ada", "Bob")
TURN = "Ada: I went to the pottery class on Elm Street yesterday with my two kids, and we made cups for Grandma Rosa!"
WORDS = st.lists(
    st.sampled_from(["Ada", "not", "never", "went", "pottery", "class", "2", "two", "three", "in", "May", "2023", ","]),
    max_size=12,
).map(" ".join)  # fmt: skip


@pytest.mark.parametrize(
    "claim",
    [
        "Ada attended a pottery class with her two kids.",
        "Ada took her 2 kids to a pottery class on Elm Street.",
        "Ada shared that she and her kids made cups for Rosa.",
        "Ada went to a pottery class on 7 May 2023.",
        "Bob heard that Ada made cups.",
    ],
)
def test_paraphrases_pass(claim: str) -> None:
    assert supported(claim, [TURN], None, (*KNOWN, "7 May 2023"))
    assert lexical_support(claim, [TURN], (*KNOWN, "7 May 2023")) > 0.35


@pytest.mark.parametrize(
    "claim",
    [
        "Ada went to a pottery class with her three kids.",
        "Ada went to a pottery class with her 12 kids.",
        "Ada went to a pottery class with her kids in 2021.",
        "Ada went to a pottery class with her kids in October.",
        "Ada went to a pottery class with her kids in Berlin.",
        "Ada's kids made cups for Grandma Linda.",
        "Ada did not go to the pottery class with her kids.",
        "Ada never went to the pottery class on Elm Street.",
        "Zoe went to the pottery class with her kids.",
    ],
)
def test_inventions_fail_however_close_they_are(claim: str) -> None:
    assert lexical_support(claim, [TURN], KNOWN) <= UNSUPPORTED
    assert not supported(claim, [TURN], 0.99, KNOWN)
    assert not supported(claim, [TURN], None, KNOWN)


def test_what_sources_deny_cannot_be_affirmed() -> None:
    source = "Bob: I don't like cheese soup."
    assert not supported("Bob likes cheese soup.", [source], 0.9, KNOWN)
    assert supported("Bob does not like cheese soup.", [source], 0.9, KNOWN)
    assert supported("Bob dislikes nothing more than cheese soup.", [source], 0.9, KNOWN)


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("Bob is looking forward to the trip.", "I can't wait for the trip!"),
        ("Bob likes the opera and the theatre.", "I not only like the opera but the theatre too."),
        ("Bob lacks the money for a car.", "I don't have the money for a car."),
    ],
)
def test_harmless_negations_are_not_held_against_a_claim(claim: str, source: str) -> None:
    assert supported(claim, [source], 0.6, KNOWN)


def test_unrelated_claims_fail() -> None:
    assert lexical_support("Ada sailed around the world on a yacht.", [TURN], KNOWN) == 0
    assert not supported("Ada sailed around the world on a yacht.", [TURN], None, KNOWN)
    assert not supported("Ada sailed around the world on a yacht.", [TURN], 0.4, KNOWN)


def test_meaning_counts_where_words_differ() -> None:
    claim = "Ada enjoys ceramics."
    assert not supported(claim, [TURN], None, KNOWN)
    assert supported(claim, [TURN], 0.75, KNOWN)


def test_nicknames_and_neighbours_count() -> None:
    assert supported("Melanie went to the pottery class.", ["Mel: I went to the pottery class."], None)
    assert supported("Ada went to a class in Turin.", ["I went to the class.", "Was it in Turin?"], None, KNOWN)


def test_without_content_or_without_sources() -> None:
    assert lexical_support("She was.", []) == 1
    assert lexical_support("Ada paints.", []) == 0
    assert lexical_support("they paint", []) == 0


@given(WORDS, st.lists(WORDS, max_size=3))
def test_support_is_a_share_and_a_claim_supports_itself(claim: str, sources: list[str]) -> None:
    assert 0 <= lexical_support(claim, sources, KNOWN) <= 1
    assert lexical_support(claim, [*sources, claim]) in (1.0, UNSUPPORTED)
    assert lexical_support(claim, [claim]) == 1


@given(st.text(max_size=80), st.text(max_size=80), st.none() | st.floats(-1, 1))
def test_any_text_can_be_checked(claim: str, source: str, cosine: float | None) -> None:
    assert 0 <= lexical_support(claim, [source]) <= 1
    assert supported(claim, [source], cosine) in (True, False)
    assert lexical_support(claim, [claim]) == 1


@given(WORDS, st.lists(WORDS, max_size=3), st.floats(-1, 0.99))
def test_a_higher_cosine_never_hurts(claim: str, sources: list[str], cosine: float) -> None:
    if supported(claim, sources, cosine):
        assert supported(claim, sources, cosine + 0.01)


@pytest.mark.parametrize(
    ("triple", "passes"),
    [
        (("Ada", "attended", "pottery class"), True),
        (("Ada", "has number of kids", "2"), True),
        (("cups", "were a gift for", "Rosa"), True),
        (("Bob", "knows", "Ada"), True),
        (("Ada", "visited", "Berlin"), False),
        (("Ada", "bought", "a sailing boat"), False),
        (("yachts", "belong to", "Ada"), False),
        (("Ada", "has", "three kids"), False),
        (("Ada", "never attended", "pottery class"), False),
        (("Zoe", "attended", "pottery class"), False),
        (("she", "is", "it"), True),
    ],
)
def test_a_triple_passes_when_its_sources_name_what_it_relates(triple: tuple[str, str, str], passes: bool) -> None:
    assert triple_supported(*triple, [TURN], None, KNOWN) == passes


def test_meaning_saves_a_triple_that_invents_nothing() -> None:
    assert triple_supported("Ada", "enjoys", "ceramics", [TURN], 0.75, KNOWN)
    assert not triple_supported("Ada", "enjoys", "ceramics", [TURN], 0.6, KNOWN)
    assert not triple_supported("Zoe", "enjoys", "ceramics", [TURN], 0.99, KNOWN)


@given(WORDS, WORDS, WORDS)
def test_a_triple_made_of_its_source_passes_unless_it_turns_it_round(subject: str, relation: str, object: str) -> None:
    source = f"{subject} {relation} {object}"
    if "no" not in source:  # not, never
        assert triple_supported(subject, relation, object, [source], None, KNOWN)
    if triple_supported(subject, relation, object, [source], None):
        assert triple_supported(subject, relation, object, [source], 1.0)
