"""Memoria: what fires together while texts are read, and what a question reminds of."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem import AgentMemory, Message
from agentmem.errors import InvalidInput
from agentmem.forgetting.lifespan import Memoria
from agentmem.kinds import CO_FIRED
from agentmem.operations import Link, Unlink
from agentmem.recipes.recipe import Recipe
from agentmem.retrieval.reminding import Reach, closeness, rank_reminded, walks
from agentmem.structures.engrams.counts import Counts
from agentmem.structures.engrams.firing import Engrams
from agentmem.testing import FakeEmbedder

ENGRAMS = "abcdef"


def test_counts_and_chances_by_hand():
    # Steps: abc, ab, a. count_aa = 3, count_bb = 2, count_ab = 2, count_ac = 1.
    counts = Counts()
    for step in ("abc", "ab", "a"):
        counts.fire(step)
    assert [counts.fires(one) for one in "abcd"] == [3, 2, 1, 0]
    assert counts.together("a", "b") == counts.together("b", "a") == 2
    assert counts.chance("b", given="a") == pytest.approx(2 / 3)
    assert counts.chance("a", given="b") == 1.0
    assert counts.chance("c", given="a") == pytest.approx(1 / 3)
    assert counts.chance("a", given="d") == 0.0
    assert counts.companions("a") == ["b", "c"]


@given(st.lists(st.sets(st.sampled_from(ENGRAMS)), max_size=12), st.integers(1, 6))
def test_the_matrix_is_symmetric_bounded_and_survives_being_stored(steps, most):
    counts = Counts()
    operations = []
    for step in steps:
        counts.fire(sorted(step))
        counts.prune(most)
        operations += counts.operations()
    stored = {}
    for operation in operations:
        edge = operation.edge
        assert edge.kind == CO_FIRED and edge.source <= edge.target
        if isinstance(operation, Link):
            stored[edge.source, edge.target] = edge
        else:
            assert isinstance(operation, Unlink)
            del stored[edge.source, edge.target]
    again = Counts.read(stored.values())
    pairs = 0
    for one in ENGRAMS:
        assert counts.fires(one) == again.fires(one) == sum(one in step for step in steps)
        for other in ENGRAMS:
            assert again.together(one, other) == counts.together(one, other) == counts.together(other, one)
            assert 0.0 <= counts.chance(other, given=one) <= 1.0
            assert counts.together(one, other) <= min(counts.fires(one), counts.fires(other))
            pairs += one < other and counts.together(one, other) > 0
    assert pairs <= most * len(ENGRAMS)
    assert counts.operations() == again.operations() == ()


def test_closeness_by_hand():
    # w = (1, 0) and (0, 1). To s = (1, 0): -(0 + 2) / 2 = -1; to (0, 0): -(1 + 1) / 2 = -1; to (2, 0): -(1 + 5) / 2.
    working = np.eye(2, dtype=np.float32)
    engrams = np.array([[1, 0], [0, 0], [2, 0]], dtype=np.float32)
    assert closeness(working, engrams).tolist() == pytest.approx([-1.0, -1.0, -3.0])


# 0 and 1 are the short term. 0 fires with 1, most of all, then with 5; 1 with 5 and 4; 5 with 4, 0 and 3; 4 with 2.
BESIDE = {0: [(1, 0.9), (5, 0.5)], 1: [(5, 0.4), (4, 0.2)], 5: [(4, 0.6), (0, 0.5), (3, 0.3)], 4: [(5, 1.0), (2, 0.1)]}
LONG_TERM = np.array([False, False, True, True, True, True])


@pytest.mark.parametrize(
    ("depth", "found"),
    [
        (0, {5: 0.5}),  # both begin at 5, their likeliest in the long term
        (1, {5: 0.5, 4: 0.6}),
        (2, {5: 0.5, 4: 0.6, 2: 0.1}),  # not back to 5
        (9, {5: 0.5, 4: 0.6, 2: 0.1}),
    ],
)
def test_walks_by_hand(depth, found):
    assert walks([0, 1], lambda one: BESIDE.get(one, []), LONG_TERM, depth) == found


@given(
    st.lists(st.sets(st.integers(0, 7), max_size=5), max_size=10),
    st.lists(st.integers(0, 7), max_size=4, unique=True),
    st.lists(st.booleans(), min_size=8, max_size=8),
    st.integers(0, 5),
)
def test_walks_stay_in_the_long_term_and_along_what_fired_together(steps, starts, long, depth):
    counts = Counts()
    for step in steps:
        counts.fire([str(one) for one in step])

    def beside(one):
        return [(int(other), counts.chance(other, given=str(one))) for other in counts.companions(str(one))]

    long_term = np.array(long)
    found = walks(starts, beside, long_term, depth)
    assert all(long_term[place] and 0.0 < chance <= 1.0 for place, chance in found.items())
    assert len(found) <= len(starts) * (1 + depth)  # each walk finds at most one at a step
    further = walks(starts, beside, long_term, depth + 1)
    assert list(further)[: len(found)] == list(found)  # a longer walk begins as the shorter one


def test_settings_out_of_range_are_refused():
    for wrong in ({"segment": 0}, {"most": 0}, {"short_term": -1}):
        with pytest.raises(InvalidInput):
            Engrams(**wrong)
    with pytest.raises(InvalidInput):
        Reach(depth=-1)


def recipe(short_term, **more):
    return Recipe(
        "small-memoria",
        "a short term of few",
        structures=(lambda: Engrams(segment=2, short_term=short_term, **more),),
        rank=rank_reminded(Reach(2, 2, 3), Memoria(short_term=short_term)),
    )


@pytest.fixture
def opened(database, clock):
    stores = []

    def open_it(chosen, path=database):
        stores.append(AgentMemory.open(path, embedder=FakeEmbedder(), clock=clock, recipe=chosen))
        return stores[-1].scope("acme")

    yield open_it
    for store in stores:
        store.close()


TALK = (
    ("My cat Misty sleeps on the piano.", "s1"),
    ("The vault code is 4711.", "s1"),  # nothing of it is in the question; it fired with the cat on the piano
    ("Zeppelins need helium.", "s2"),
    ("Porto has six bridges.", "s2"),
    ("Misty the cat sleeps on the sofa now.", "s3"),
    ("Tea is ready.", "s3"),
)


def tell(handle, talk=TALK):
    ids = [handle.add(Message(text, speaker="Ana", session=session)).ids[0] for text, session in talk]
    assert handle.consolidate().done
    return ids


def edges_of(handle):
    with handle._parts.store.read(handle.scope) as reader:
        return {(edge.source, edge.target): edge.weight for edge in reader.edges_of(CO_FIRED)}


def test_texts_of_one_segment_fire_together_and_with_what_they_remind_of(opened):
    handle = opened(recipe(short_term=2, reach=Reach(1, 1, 2)))
    cat, code, zeppelins, _bridges, sofa, _tea = tell(handle)
    edges = edges_of(handle)
    assert edges[tuple(sorted((cat, code)))] >= 1.0
    assert edges[cat, cat] >= 1.0 and edges[sofa, sofa] == 1.0
    assert tuple(sorted((cat, sofa))) not in edges or edges[cat, cat] > 1.0
    assert all(weight <= edges[end, end] for pair, weight in edges.items() for end in pair)
    assert zeppelins in {end for pair in edges for end in pair}


def test_an_old_text_is_found_only_through_what_fired_with_something_newer(opened):
    handle = opened(recipe(short_term=4, reach=Reach(1, 0, 0)))
    tell(handle)
    hits = handle.retrieve("Where does the cat Misty sleep?", k=6)
    found = {hit.text: hit for hit in hits}
    sofa, piano = "Misty the cat sleeps on the sofa now.", "My cat Misty sleeps on the piano."
    assert "co_fired" not in found[sofa].signals
    assert 0.0 < found[piano].signals["co_fired"] <= 1.0
    assert hits[0].text in (sofa, piano) and [hit.score for hit in hits] == sorted(
        (h.score for h in hits), reverse=True
    )
    assert len(handle.retrieve("Misty", k=6, session="s1")) == 2  # where only these may be found, they are the newest


def test_without_links_the_long_term_is_out_of_reach(opened):
    handle = opened(recipe(short_term=2))
    for text, session in TALK:
        handle.add(Message(text, session=session))
    assert {hit.text for hit in handle.retrieve("cat Misty piano", k=6)} == {text for text, _session in TALK[4:]}


def test_a_question_writes_nothing_and_a_second_run_counts_nothing_twice(opened):
    handle = opened(recipe(short_term=2))
    tell(handle)
    before, head = edges_of(handle), handle.stats().journal_head
    for _ in range(3):
        handle.retrieve("cat", k=3)
    assert handle.consolidate().run is None
    assert edges_of(handle) == before and handle.stats().journal_head == head


def test_what_comes_in_parts_is_counted_on(opened):
    handle = opened(recipe(short_term=2))
    ids = [one for part in (TALK[:2], TALK[2:4], TALK[4:]) for one in tell(handle, part)]
    fires = edges_of(handle)
    assert set(ids) == {source for source, target in fires if source == target}


def test_what_is_forgotten_is_linked_to_nothing(opened):
    handle = opened(recipe(short_term=2))
    ids = [handle.add(Message(text, session=session)).ids[0] for text, session in TALK]
    handle.consolidate()
    before = edges_of(handle)
    handle.forget(ids=[ids[0]], compact=False)
    left = edges_of(handle)
    assert left == {pair: weight for pair, weight in before.items() if ids[0] not in pair}
    assert handle.consolidate().done and handle._owner.check() == ()


def test_undo_takes_the_links_away(opened):
    handle = opened(recipe(short_term=2))
    for text, session in TALK:
        handle.add(Message(text, session=session))
    done = handle.consolidate()
    assert edges_of(handle)
    handle.undo(done.run)
    assert edges_of(handle) == {} and handle._owner.check() == ()


def test_several_at_once_count_every_text_once(opened, database):
    handles = [opened(recipe(short_term=3, reach=Reach(0, 0, 0))) for _ in range(3)]
    ids = [handles[0].add(Message(f"number {n}", session=f"s{n // 4}")).ids[0] for n in range(24)]
    threads = [threading.Thread(target=handle.consolidate) for handle in handles]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while not handles[0].consolidate().done:
        pass
    edges = edges_of(handles[0])
    assert {pair: weight for pair, weight in edges.items() if pair[0] == pair[1]} == {(id, id): 1.0 for id in ids}


def test_memoria_lets_fade_what_is_not_found(opened, clock):
    handle = opened("memoria")
    tell(handle)
    clock.advance(days=8)
    assert handle.retrieve("vault code", k=1)[0].text.startswith("The vault")  # which gives it eight days more
    clock.advance(days=2)
    handle.consolidate()
    assert [hit.text for hit in handle.retrieve("vault code", k=6)] == ["The vault code is 4711."]
