from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.text.entities import entities
from agentmem.text.tagging import tagged, verb_form

TEXTS = st.one_of(
    st.text(max_size=120),
    st.text(alphabet="aBI .!?,'\"’“”-–&$%12\n", max_size=160),
    st.lists(
        st.sampled_from(
            ["The", "Ada", "Lovelace", "of", "'s", "1843", "in", "May", "5", "km", '"Emma"', "was", "I", "."]
        )
    ).map(" ".join),
)


def named(text: str, kind: str, speaker: str | None = None) -> list[str]:
    return [entity.name for entity in entities(text, speaker) if entity.kind == kind]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ada met Charles Babbage in London.", ["Ada", "Charles Babbage", "London"]),
        ("She studied at the University of Turin.", ["University of Turin"]),
        ("The Bank of the West and Marks & Spencer agreed.", ["Bank of the West", "Marks & Spencer"]),
        ("Vasco da Gama reached India.", ["Vasco da Gama", "India"]),
        ('They sang "Morning Has Broken" at noon.', ["Morning Has Broken"]),
        ('"I do not know," he said.', []),
        ("Painting is fun. Yesterday was not. Really great!", []),
        ("Thanks, Mel! Wow, so good.", ["Mel"]),
        ("Paula's sister drives a Volvo.", ["Paula", "Volvo"]),
        ("We saw St. Mary's Church and J. R. Smith.", ["St. Mary's Church", "J. R. Smith"]),
        ("World War I ended. I was glad.", ["World War I"]),
        ("Dr. Gray and President Vera Lund live in the US.", ["Gray", "Vera Lund", "US"]),
        ("I live in Oslo.", ["Oslo"]),
        ("Анна Каренина живёт в Москве.", ["Анна Каренина", "Москве"]),
        ("今天下雨。我在家。", []),
        ("", []),
    ],
)
def test_names_are_found(text: str, names: list[str]) -> None:
    assert named(text, "name") == names


def test_a_word_that_opens_a_sentence_is_a_name_if_it_stands_capitalised_within_another() -> None:
    assert named("Rose left early.", "name") == []
    assert named("Rose left early. We miss Rose.", "name") == ["Rose", "Rose"]


def test_a_word_that_opens_a_sentence_is_no_name_if_it_stands_in_lower_case_elsewhere() -> None:
    assert named("Lanterns burn.", "name") == ["Lanterns"]
    assert named("Lanterns burn. He lit lanterns.", "name") == []


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("Born on 7 May 2023 or May 7, 2023.", ["7 May 2023", "May 7, 2023"]),
        ("In June 1999, in the 1960s, since 2005-2006.", ["June 1999", "1960s", "2005-2006"]),
        ("In 1815 and on 2023-05-07.", ["1815", "2023-05-07"]),
        ("In the 19th century, on a Friday in October.", ["19th century", "Friday", "October"]),
        ("They may march.", []),
        ("He came yesterday.", []),
    ],
)
def test_dates_are_found(text: str, dates: list[str]) -> None:
    assert named(text, "date") == dates


def test_numbers_take_their_unit_along() -> None:
    assert named("It has 2,002 rooms, costs $15.5 million and grew 5% in 7 am fog.", "number") == [
        "2,002 rooms",
        "$15.5 million",
        "5%",
        "7 am",
    ]


def test_noun_phrases_stand_between_stop_words_and_verbs() -> None:
    assert named("She painted a bright lake sunrise for the village hall.", "noun-phrase") == [
        "bright lake sunrise",
        "village hall",
    ]


def test_the_first_person_is_the_speaker() -> None:
    found = [(entity.name, entity.start, entity.end) for entity in entities("I'm sad. My cat bit me.", "Ada")]
    assert [item for item in found if item[0] == "Ada"] == [("Ada", 0, 1), ("Ada", 9, 11), ("Ada", 20, 22)]
    assert named("I'm sad.", "name") == []


@pytest.mark.parametrize(
    ("word", "form"),
    [("move", "base"), ("moves", "s"), ("moved", "ed"), ("moving", "ing"), ("studies", "s"), ("studied", "ed"),
     ("stopped", "ed"), ("went", "ed"), ("lying", "ing"), ("table", ""), ("his", ""), ("s", "")],
)  # fmt: skip
def test_verbs_are_known_in_all_forms(word: str, form: str) -> None:
    assert verb_form(word) == form


@given(TEXTS, st.none() | st.just("Ada"))
def test_mentions_have_their_place_in_order_and_do_not_overlap(text: str, speaker: str | None) -> None:
    found = entities(text, speaker)
    end = 0
    for entity in found:
        assert end <= entity.start < entity.end <= len(text)
        assert entity.name
        assert entity.name == speaker or entity.name.split()[0].lower() in text[entity.start : entity.end].lower()
        end = entity.end
    assert entities(text, speaker) == found


@given(TEXTS)
def test_every_word_is_classified(text: str) -> None:
    for sentence in tagged(text):
        for word in sentence:
            assert word.tag in "ND#cvxpd'rw&a,."
            assert word.text.split()[0] in text[word.start : word.end]


@pytest.mark.parametrize(
    "piece", ["Ada met Bob. ", "a ", "A", '"', "'A ", "1.", "1", "J. ", "of ", "Ada of ", "今", "-", "a.", "\n", "U.S"]
)
def test_time_grows_with_the_length_and_no_faster(piece: str) -> None:
    short, long = piece * (8_000 // len(piece)), piece * (64_000 // len(piece))

    def seconds(text: str) -> float:
        begun = time.process_time()
        entities(text)
        return time.process_time() - begun

    assert min(seconds(long) for _ in range(2)) < 40 * max(0.002, min(seconds(short) for _ in range(3)))
