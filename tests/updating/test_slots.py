"""What a fact says of what, and when two values exclude each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_facts import fact

from agentmem.updating.slots import ANYONE, conflict, slots_in, slots_in_triple, slots_of


@pytest.mark.parametrize(
    ("text", "subject", "predicate", "value"),
    [
        ("Ana lives in Lyon.", "ana", "home", ("lyon",)),
        ("Ana has moved to Lyon with Ben.", "ana", "home", ("lyon",)),
        ("Since 2020, Ana lives in Lyon.", "ana", "home", ("lyon",)),
        ("Ana's brother lives in Lyon.", "ana s brother", "home", ("lyon",)),
        ("Ana works at Blue Bank.", "ana", "employer", ("blue", "bank")),
        ("Ana works as a nurse.", "ana", "role", ("nurs",)),
        ("Ana's job is nurse.", "ana", "role", ("nurs",)),
        ("Ana is 31 years old.", "ana", "age", ("31",)),
        ("Ana turned thirty-one.", "ana", "age", ("31",)),
        ("Ana is engaged to Ben.", "ana", "partner", ("ben",)),
        ("Ana's husband is Ben.", "ana", "partner", ("ben",)),
        ("Ana's favorite color is blue.", "ana", "favourite:color", ("blue",)),
        ("Ana's phone number is 555-0142.", "ana", "attr:telephon number", ("555", "0142")),
        ("Ana drives a red Volvo.", "ana", "drives", ("red", "volvo")),
        ("Ana studies at Lund University.", "ana", "studies at", ("lund", "universiti")),
        ("Ana has three cats.", "ana", "count:cat", ("3",)),
        ("Ana weighs 60 kg.", "ana", "weight", ("60000 g",)),
        ("A ticket costs 3 euros.", "ticket", "price", ("3 euro",)),
        ("The team meeting is on Thursdays.", "team meeting", "when:weekday", ("thu",)),
        ("The exam has been moved to 10:30.", "exam", "when:clock", ("630",)),
        ("Mary went back to the kitchen.", "mary", "place", ("kitchen",)),
        ("Daniel is in the garden.", "daniel", "place", ("garden",)),
        ("Ana is vegan now.", "ana", "diet", ("vegan",)),
    ],
)
def test_single_valued_predicates_are_read(text, subject, predicate, value):
    found = {(filled.slot.subject, filled.slot.predicate): filled.value for filled in slots_in(text, None)}
    assert found.get((subject, predicate)) == value


@pytest.mark.parametrize(
    "text",
    [
        "Ana likes tea.", "Ana visited Rome.", "Ana owns a boat.", "Ana speaks Greek.", "Ana is friends with Ben.",
        "Ana doesn't live in Lyon.", "Ana wants to live in Lyon.", "Ana might move to Lyon.", "Does Ana live in Lyon?",
        "Ana used to live in Lyon.", "Ana says Ben lives in Lyon.", "Ana is in love.", "She lives in Lyon.",
        "Ana also works at the bar.", "Ana's son is called Tim.", "Ana went to the park with Ben.", "", "?",
    ],
)  # fmt: skip
def test_nothing_is_read_from_what_takes_many_values_or_is_not_stated(text):
    assert slots_in(text, None) == ()


def test_whom_i_and_she_mean_is_taken_from_what_is_known():
    assert slots_of(fact("I live in Lyon.", speaker="Ana"))[0].slot.subject == "ana"
    assert slots_of(fact("She lives in Lyon.", subject="Ana"))[0].slot.subject == "ana"
    assert slots_of(fact("My brother lives in Lyon.", speaker="Ana"))[0].slot.subject == "ana s brother"
    assert slots_of(fact("I live in Lyon."))[0].slot.subject == ANYONE


@pytest.mark.parametrize(
    ("subject", "predicate", "object", "slot"),
    [
        ("Ana", "lives in", "Lyon", "home"),
        ("Ana", "LIVES_IN", "Lyon", "home"),
        ("Ana", "employer", "Blue Bank", "employer"),
        ("Ana", "age", "31", "age"),
    ],
)
def test_triples_fill_slots(subject, predicate, object, slot):
    assert slot in [filled.slot.predicate for filled in slots_in_triple(subject, predicate, object)]
    parts = {"subject": subject, "predicate": predicate, "object": object}
    memory = fact(f"{subject} {predicate} {object}", kind="triple", metadata=parts)
    assert slots_of(memory) == slots_in_triple(subject, predicate, object)


def clash(first: str, second: str) -> bool:
    return any(conflict(one, other) for one in slots_in(first, None) for other in slots_in(second, None))


def test_values_exclude_each_other_only_where_both_are_as_exact():
    assert clash("Ana lives in Lyon", "Ana moved to Porto")
    assert not clash("Ana lives in France", "Ana lives in Lyon")
    assert clash("Ana lives in France", "Ana lives in Portugal")
    assert not clash("Ana lives in Lyon", "Ana lives in Lyon, France")
    assert not clash("Ana works at a bank", "Ana works at Blue Bank")
    assert not clash("Ana lives in Lyon", "Ben lives in Porto")
    assert not clash("Ana has 2 cats", "Ana has 3 dogs")


@given(st.text(max_size=80))
def test_any_text_can_be_read_and_agrees_with_itself(text):
    found = slots_in(text, None)
    assert not any(conflict(one, other) for one in found for other in found if one == other)


@pytest.mark.parametrize("text", ["a " * 5_000, "Ana's " * 3_000 + "is", "is the " * 3_000, "'" * 9_000])
def test_a_hostile_text_takes_no_time(text):
    slots_in(text, None)
