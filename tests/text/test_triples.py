from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.text.triples import MAX_PREDICATE, MENTIONED, triples

WORDS = st.sampled_from(
    ["The", "Ada", "Ada Lovelace", "'s", "sister", "who", "is", "a", "teacher", "of", "in", "Turin", ",", ".", "and",
     "she", "I", "my", "lives", "wrote", "1843", "never", "not", "painting", '"', "(", ")", "the river", "1 km", "?"]
)  # fmt: skip
TEXTS = st.lists(WORDS, max_size=25).map(" ".join) | st.text(max_size=80)


def stated(text: str, speaker: str | None = None, title: str | None = None) -> list[tuple[str, str, str]]:
    return [triple[:3] for triple in triples(text, speaker, title)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ada lives in Turin and works for Fiat.", [("Ada", "lives in", "Turin"), ("Ada", "works for", "Fiat")]),
        ("Ada was born in Turin in 1815.", [("Ada", "was born in", "Turin"), ("Ada", "was born in", "1815")]),
        ("Turin is a city in Italy.", [("Turin", "is", "city"), ("Turin", "is city in", "Italy")]),
        ("Ada has never visited Rome.", [("Ada", "not visited", "Rome")]),
        ("Ada didn't visit Rome.", [("Ada", "not visit", "Rome")]),
        ("John's wife is Mary.", [("John", "has", "wife"), ("John", "wife is", "Mary")]),
        ("The mayor of Turin is Paula Ricci.", [("Turin", "mayor of is", "Paula Ricci")]),
        ("Ada met Bob, who lives in Rome.", [("Ada", "met", "Bob"), ("Bob", "lives in", "Rome")]),
        ("Ada enjoys painting.", [("Ada", "enjoys", "painting")]),
        ("Ada joined the Turin choir.", [("Ada", "joined", "Turin"), ("Ada", "joined", "Turin choir")]),
    ],
)
def test_relations_are_read_off_sentences(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert stated(text) == expected


def test_an_apposition_says_what_somebody_is() -> None:
    found = stated("Tim Lund, the director of Borealis, was born in Oslo.")
    assert found == [
        ("Tim Lund", "is", "director"),
        ("Tim Lund", "director of", "Borealis"),
        ("Tim Lund", "was born in", "Oslo"),
    ]


def test_the_first_person_is_the_speaker() -> None:
    found = stated("I adopted a dog named Max. My sister Anna lives in Paris.", speaker="Bob")
    assert found == [
        ("Bob", "adopted", "dog"),
        ("Bob", "adopted dog named", "Max"),
        ("Bob", "sister", "Anna"),
        ("Anna", "lives in", "Paris"),
    ]


def test_nobody_is_meant_by_i_without_a_speaker_or_by_you() -> None:
    assert stated("I live in Oslo.") == []
    assert stated("You live in a house.", speaker="Bob") == []


def test_pronouns_and_descriptions_mean_what_the_title_names() -> None:
    text = "The Lune is a river in Norland. It flows past Harl. The river enters Lake Ost. Its mouth is Ostby."
    found = stated(text, title="Lune (Norland)")
    assert ("Lune", "is", "river") in found
    assert ("Lune", "flows past", "Harl") in found
    assert ("Lune", "enters", "Lake Ost") in found
    assert ("Lune", "mouth is", "Ostby") in found
    assert all(subject != "Lune (Norland)" for subject, _, _ in found)


def test_without_a_title_a_pronoun_means_the_last_name() -> None:
    assert ("Ada", "moved to", "Rome") in stated("Ada painted a house. She moved to Rome.")


def test_every_name_of_a_sentence_stands_in_some_triple() -> None:
    found = stated("Hello Ada and Bob! Wow, Rome!", speaker="Eve")
    assert found == [("Eve", MENTIONED, "Ada"), ("Eve", MENTIONED, "Bob"), ("Eve", MENTIONED, "Rome")]
    assert ("Rome", MENTIONED, "Milan") in stated("So much for Rome, or Milan?") + stated("Rome! Milan.", title="Rome")


@given(TEXTS, st.none() | st.just("Eve"), st.none() | st.sampled_from(["Ada", "Turin (city)", "", "(x)"]))
def test_triples_are_distinct_short_and_have_their_place(text: str, speaker: str | None, title: str | None) -> None:
    found = triples(text, speaker, title)
    assert found == triples(text, speaker, title)
    keys = [(t.subject.casefold(), t.predicate, t.object.casefold()) for t in found]
    assert len(keys) == len(set(keys))
    for triple in found:
        assert 0 <= triple.start < triple.end <= len(text)
        assert triple.subject.strip() and triple.object.strip()
        assert triple.subject.casefold() != triple.object.casefold()
        assert 1 <= len(triple.predicate.split()) <= MAX_PREDICATE


@pytest.mark.parametrize(
    "piece", ["Ada met Bob. ", "Ada saw ", "Ada is a ", "Ada 's ", "my ", "Ada, ", "house ", "in of "]
)
def test_time_grows_with_the_length_and_no_faster(piece: str) -> None:
    short, long = piece * (8_000 // len(piece)), piece * (64_000 // len(piece))

    def seconds(text: str) -> float:
        begun = time.process_time()
        triples(text, "Eve")
        return time.process_time() - begun

    assert min(seconds(long) for _ in range(2)) < 40 * max(0.002, min(seconds(short) for _ in range(3)))
