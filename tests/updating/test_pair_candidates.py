"""Which memories are compared, against looking at every pair."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from made_facts import day, fact

from agentmem.testing import FakeEmbedder
from agentmem.types import State
from agentmem.updating.candidates import ALIKE, candidates, subject_key
from agentmem.updating.intervals import overlap
from agentmem.updating.reading import read
from agentmem.updating.slots import slots_of

EMBED = FakeEmbedder(32).embed_documents
TEXTS = [
    "Ana lives in Lyon.", "Ana lives in Porto.", "Ana likes green tea.", "Ana likes black tea.", "Ben lives in Lyon.",
    "Ben likes green tea.", "ana lives in lyon", "Ana's brother likes green tea.", "The shop is open.",
]  # fmt: skip


def ids(pairs):
    return {(pair.older.id, pair.newer.id) for pair in pairs}


def vectors_of(memories):
    return EMBED([memory.text for memory in memories])


def naive(newer, known, vectors, threshold):
    """Every pair, one by one."""
    found = set()
    fresh = {memory.id for memory in newer}
    for i, one in enumerate(known):
        for j, other in enumerate(known):
            mine, theirs = (one.valid_from, one.recorded_at, i), (other.valid_from, other.recorded_at, j)
            if mine >= theirs or not {one.id, other.id} & fresh or not overlap(one, other) or one.kind != other.kind:
                continue
            if one.state != State.ACTIVE or other.state != State.ACTIVE:
                continue
            slots = {filled.slot for filled in slots_of(one)} & {filled.slot for filled in slots_of(other)}
            least = threshold if subject_key(one) == subject_key(other) else max(threshold, ALIKE)
            close = float(vectors[i] @ vectors[j]) >= least
            if slots or read(one.text).key == read(other.text).key or close:
                found.add((one.id, other.id))
    return found


@st.composite
def scopes(draw):
    made = []
    for number in range(draw(st.integers(1, 9))):
        begins = draw(st.integers(0, 3))
        until = draw(st.one_of(st.none(), st.integers(begins + 1, 5)))
        memory = fact(draw(st.sampled_from(TEXTS)), begins, id=f"mem_{number}", until=until)
        memory = replace(memory, kind=draw(st.sampled_from(["fact", "fact", "triple"])))
        made.append(replace(memory, state=draw(st.sampled_from([State.ACTIVE, State.ACTIVE, State.RETIRED]))))
    return made, [memory for memory in made if draw(st.booleans())]


@given(scopes())
@settings(max_examples=150)
def test_all_and_only_what_a_look_at_every_pair_finds(scope):
    known, newer = scope
    vectors = vectors_of(known)
    pairs = candidates(newer, known, vectors, threshold=0.6, most=100)
    wanted = naive(newer, known, vectors, 0.6)
    active = {memory.id for memory in newer if memory.state == State.ACTIVE}
    assert ids(pairs) == {key for key in wanted if set(key) & active}
    assert len(pairs) == len(ids(pairs)) and all(pair.older.id != pair.newer.id for pair in pairs)


@given(scopes(), st.integers(1, 3))
def test_there_are_at_most_so_many_for_each_new_memory(scope, most):
    known, newer = scope
    assert len(candidates(newer, known, vectors_of(known), most=most)) <= most * len(newer)


def test_pairs_of_one_newer_memory_stand_together_with_their_cosine():
    known = [fact(text, number, id=f"mem_{number}") for number, text in enumerate(TEXTS)]
    vectors = vectors_of(known)
    pairs = candidates(known, known, vectors, threshold=0.3, most=20)
    order = [pair.newer.id for pair in pairs]
    assert len([n for n in range(1, len(order)) if order[n] != order[n - 1]]) == len(set(order)) - 1
    for pair in pairs:
        one, other = int(pair.older.id[4:]), int(pair.newer.id[4:])
        assert pair.cosine is not None and abs(pair.cosine - float(vectors[one] @ vectors[other])) < 1e-5


def test_without_vectors_texts_and_slots_are_enough():
    known = [fact(text, number, id=f"mem_{number}") for number, text in enumerate(TEXTS)]
    for vectors in (None, np.zeros((len(known), 0), np.float32), np.zeros((len(known), 4), np.float32)):
        pairs = candidates(known, known, vectors)
        assert {("mem_0", "mem_1"), ("mem_0", "mem_6")} == ids(pairs)
        assert all(pair.cosine is None for pair in pairs)


def test_what_happened_at_once_is_ordered_by_when_it_was_recorded_and_then_as_listed():
    first, second = fact("Ana lives in Lyon.", id="mem_z"), fact("Ana lives in Porto.", id="mem_a")
    assert ids(candidates([first, second], [first, second], None)) == {("mem_z", "mem_a")}
    late = replace(first, recorded_at=day(1))
    assert ids(candidates([late, second], [late, second], None)) == {("mem_a", "mem_z")}


def test_a_duplicate_is_found_whatever_lies_between():
    known = [fact("Ana likes tea.", 0, id="mem_first")]
    known += [fact(f"Ana likes tea and cake number {n}.", 1 + n, id=f"mem_{n}") for n in range(200)]
    known += [fact("Ana likes tea!", 500, id="mem_last")]
    assert ("mem_first", "mem_last") in ids(candidates(known[-1:], known, vectors_of(known), most=3))


def test_nothing_of_nothing():
    assert candidates([], [], None) == []
    assert candidates([fact("Ana likes tea.")], [], np.zeros((0, 4), np.float32)) == []
    only = fact("Ana likes tea.")
    assert candidates([only], [only], vectors_of([only])) == []
