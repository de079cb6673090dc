"""Links between facts that are alike: the same as a plain search over all pairs finds, and never too many."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_facts import EMBED, View, completed, day, fact, operations, run

from agentmem.errors import InvalidInput
from agentmem.kinds import FACT, RELATED
from agentmem.operations import Unlink
from agentmem.structures.associations import Associations
from agentmem.types import State

PIANO = fact("Ana plays the grand piano.", 0, keys=("grand piano",))
TUNED = fact("The grand piano was tuned, the grand piano of Ana.", 1, keys=("grand piano",))
BOAT = fact("Ben paints boats.", 2, subject="Ben", keys=("boats",))


def related(view):
    return {(edge.source, edge.target) for edge in view.edges(RELATED)}


def test_alike_and_of_one_thing_are_linked_from_the_newer_to_the_older_with_their_cosine():
    view = View([])
    run(Associations(threshold=0.4), view, [PIANO, TUNED, BOAT])
    assert related(view) == {(TUNED.id, PIANO.id)}
    cosine = float(EMBED([PIANO.text])[0] @ EMBED([TUNED.text])[0])
    assert view.edges(RELATED)[0].weight == pytest.approx(cosine, abs=1e-6)


def test_whom_they_speak_of_is_not_what_they_have_in_common():
    view = View([])
    run(Associations(threshold=0.1), view, [fact("Ana sings.", 0), fact("Ana runs.", 1, speaker="Ana")])
    assert related(view) == set()


def test_new_facts_are_linked_to_old_ones_and_a_second_run_does_nothing():
    view = View([])
    run(Associations(threshold=0.4), view, [PIANO])
    proposals = run(Associations(threshold=0.4), view, [TUNED])
    assert related(view) == {(TUNED.id, PIANO.id)} and completed(proposals) == {TUNED.text}
    assert run(Associations(threshold=0.4), view) == []
    assert operations(run(Associations(threshold=0.4), view, [TUNED])) == []


def test_a_link_goes_when_one_end_is_retired():
    view = View([])
    run(Associations(threshold=0.4), view, [PIANO, TUNED])
    view.put(replace(PIANO, state=State.RETIRED))
    [operation] = operations(run(Associations(threshold=0.4), view))
    assert isinstance(operation, Unlink) and related(view) == set()


def test_a_fact_that_was_reworded_is_linked_anew():
    view = View([])
    run(Associations(threshold=0.4), view, [PIANO, TUNED])
    reworded = replace(TUNED, version=2, text="Ben bought many boats.", metadata={"subject": "Ben", "keys": ["boats"]})
    run(Associations(threshold=0.4), view, [reworded, BOAT])
    assert (TUNED.id, PIANO.id) not in related(view)


def test_a_fact_that_ended_keeps_its_links():
    view = View([])
    run(Associations(threshold=0.4), view, [PIANO, TUNED])
    view.put(replace(PIANO, valid_to=day(1)))
    assert run(Associations(threshold=0.4), view) == [] and related(view)


def test_without_an_embedding_model_nothing_is_linked_and_everything_dealt_with():
    view = View([], embed=None)
    proposals = run(Associations(), view, [PIANO, TUNED], embed=None)
    assert completed(proposals) == {PIANO.text, TUNED.text} and related(view) == set()


THINGS = st.lists(st.tuples(st.sampled_from("abcde"), st.integers(1, 4)), min_size=1, max_size=14)


def made(things):
    """Facts that are alike by what is done, and of one thing only by what does it."""
    return [
        fact(f"The thing{one}{' walked' * times}.", number, id=f"mem_{number}", keys=(f"thing{one}",))
        for number, (one, times) in enumerate(things)
    ]


@settings(max_examples=60)
@given(THINGS, st.integers(1, 3), st.integers(1, 14))
def test_links_follow_the_rules_however_the_facts_come(things, most, step):
    facts = made(things)
    view = View([])
    for start in range(0, len(facts), step):
        run(Associations(threshold=0.5, most=most), view, facts[start : start + step])
    vectors = EMBED([one.text for one in facts])
    place = {one.id: number for number, one in enumerate(facts)}
    degrees = Counter(end for pair in related(view) for end in pair)
    assert max(degrees.values(), default=0) <= most
    for newer, older in related(view):
        assert place[newer] > place[older]
        assert vectors[place[newer]] @ vectors[place[older]] >= 0.5 - 1e-6
        assert things[place[newer]][0] == things[place[older]][0]
    assert {memory.id for memory in view.memories(FACT)} == set(place)


@settings(max_examples=40)
@given(THINGS)
def test_without_a_bound_they_are_what_a_search_over_all_pairs_finds(things):
    facts = made(things)
    view = View([])
    run(Associations(threshold=0.55, most=100), view, facts)
    vectors = EMBED([one.text for one in facts]).astype(float)
    same = [
        (vectors[a] @ vectors[b], (facts[b].id, facts[a].id))
        for a, b in combinations(range(len(facts)), 2)
        if things[a][0] == things[b][0]
    ]
    expected = {pair for cosine, pair in same if cosine >= 0.55 + 1e-5}
    borderline = {pair for cosine, pair in same if abs(cosine - 0.55) < 1e-5}
    assert expected <= related(view) <= expected | borderline
    assert operations(run(Associations(threshold=0.55, most=100), view, facts)) == []


@pytest.mark.parametrize("wrong", [{"threshold": 0}, {"threshold": 1.1}, {"most": 0}])
def test_numbers_must_make_sense(wrong):
    with pytest.raises(InvalidInput):
        Associations(**wrong)
