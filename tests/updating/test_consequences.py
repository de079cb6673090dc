"""What decisions lead to: nothing is lost, nothing has two fates, and the order of the decisions does not matter."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from made_facts import after, day, fact

from agentmem.kinds import ABSORBS, SUPERSEDES
from agentmem.operations import Close, Link, Retire, Revise
from agentmem.types import Edge, State
from agentmem.updating.consequences import consequences
from agentmem.updating.decision import Decision, Pair, Relation
from agentmem.updating.rules import decide

A, B, C, D = (fact(f"fact {letter}", number, id=f"mem_{letter}") for number, letter in enumerate("abcd"))


def ruling(older, newer, relation, text=None):
    return Pair(older, newer), Decision(relation, text=text)


def plain(operations):
    """Without the identifiers of edges, which are new each time, and without reasons."""
    return [
        ("link", op.edge.kind, op.edge.source, op.edge.target)
        if isinstance(op, Link)
        else replace(op, reason=None)
        if isinstance(op, Retire | Close)
        else op
        for op in operations
    ]


def done(*rulings, edges=()):
    return plain(consequences(rulings, edges))


class TestOnePair:
    def test_independent_changes_nothing(self):
        assert done(ruling(A, B, Relation.INDEPENDENT)) == []

    def test_a_repetition_is_retired_behind_the_older(self):
        assert done(ruling(A, B, Relation.REPEATS)) == [("link", ABSORBS, A.id, B.id), Retire(B.id, 1)]

    def test_a_refinement_ends_the_older_behind_the_newer(self):
        """Before the newer began, the older is all there was to know: reads as of then find it."""
        assert done(ruling(A, B, Relation.REFINES)) == [Close(A.id, day(1), 1), ("link", ABSORBS, B.id, A.id)]

    def test_reasons_are_given(self):
        operations = consequences([ruling(A, B, Relation.REPEATS), ruling(C, D, Relation.SUPERSEDES)])
        reasons = {op.reason for op in operations if isinstance(op, Retire | Close)}
        assert reasons == {"repeats another", "superseded"}

    def test_a_wording_for_both_revises_the_older_with_both_sources(self):
        older, newer = fact("a", id="mem_a", sources=("epi_1",)), fact("b", 3, id="mem_b", sources=("epi_2",))
        revised, link, retired = done(ruling(older, newer, Relation.REFINES, "a and b"))
        assert isinstance(revised, Revise) and revised.expected == 1 and not revised.retract
        assert (revised.memory.text, revised.memory.version, revised.memory.valid_from) == ("a and b", 2, day(3))
        assert [source.episode for source in revised.memory.sources] == ["epi_1", "epi_2"]
        assert (link, retired) == (("link", ABSORBS, "mem_a", "mem_b"), Retire("mem_b", 1))

    def test_without_known_sources_no_memory_is_reworded(self):
        """A wording without sources could be forgotten by nobody."""
        assert done(ruling(A, B, Relation.REFINES, "a and b")) == done(ruling(A, B, Relation.REFINES))

    def test_what_is_replaced_ends_when_the_newer_begins_and_stays(self):
        assert done(ruling(A, B, Relation.SUPERSEDES)) == [
            Close(A.id, day(1), 1),
            ("link", SUPERSEDES, B.id, A.id),
        ]

    def test_what_only_ends_something_is_retired_too(self):
        assert done(ruling(A, B, Relation.CANCELS))[-1] == Retire(B.id, 1)

    def test_love_then_hate_leaves_both_in_the_store_and_one_true(self):
        love, hate = fact("Ana loves opera.", 0, id="mem_1"), fact("Ana hates opera.", 9, id="mem_2")
        operations = consequences([(Pair(love, hate), decide(Pair(love, hate)))])
        left = after([love, hate], operations)
        assert all(memory.state == State.ACTIVE for memory in left.values())
        assert [memory.text for memory in left.values() if memory.valid_to is None] == ["Ana hates opera."]

    def test_graphiti_intervals_that_do_not_overlap_are_skipped(self):
        ended = replace(A, valid_to=day(1))
        for relation in Relation:
            assert done(ruling(ended, B, relation)) == []

    def test_lightmem_only_a_later_entry_changes_an_earlier_one(self):
        assert done(ruling(B, A, Relation.SUPERSEDES)) == done(ruling(B, A, Relation.CANCELS)) == []

    def test_what_is_told_at_once_ends_at_once(self):
        at_once = replace(B, valid_from=A.valid_from)
        assert done(ruling(A, at_once, Relation.SUPERSEDES))[0] == Close(A.id, A.valid_from, 1)

    def test_what_is_pinned_is_never_retired(self):
        pinned_a, pinned_b = replace(A, pinned=True), replace(B, pinned=True)
        assert done(ruling(A, pinned_b, Relation.REPEATS)) == []
        assert done(ruling(pinned_a, B, Relation.REFINES)) == []
        assert done(ruling(A, pinned_b, Relation.CANCELS)) == done(ruling(A, B, Relation.SUPERSEDES))

    def test_what_is_retired_or_outdated_has_no_part(self):
        for gone in (replace(A, state=State.RETIRED), replace(A, superseded_at=day(1))):
            assert done(ruling(gone, B, Relation.REPEATS)) == []


class TestWhatAPersonTookBack:
    def test_a_merge_that_was_taken_back_is_not_done_again(self):
        edge = Edge("edg_1", ABSORBS, A.id, B.id)
        assert done(ruling(A, B, Relation.REPEATS), edges=[edge]) == []
        assert done(ruling(A, B, Relation.REFINES), edges=[edge]) == []
        assert done(ruling(A, C, Relation.REPEATS), edges=[edge])

    def test_what_was_opened_again_is_not_ended_by_the_same(self):
        edge = Edge("edg_1", SUPERSEDES, B.id, A.id)
        assert done(ruling(A, B, Relation.SUPERSEDES), edges=[edge]) == []
        assert done(ruling(A, C, Relation.SUPERSEDES), edges=[edge])


class TestChains:
    def test_three_repetitions_leave_the_first(self):
        operations = done(*(ruling(*two, Relation.REPEATS) for two in ((A, B), (A, C), (B, C))))
        assert [op for op in plain(operations) if isinstance(op, Retire)] == [Retire(B.id, 1), Retire(C.id, 1)]
        assert ("link", ABSORBS, A.id, C.id) in operations

    def test_each_value_ends_the_one_before(self):
        operations = done(*(ruling(*two, Relation.SUPERSEDES) for two in ((A, B), (A, C), (B, C))))
        assert [op for op in plain(operations) if isinstance(op, Close)] == [
            Close(A.id, day(1), 1),
            Close(B.id, day(2), 1),
        ]

    def test_back_in_the_kitchen_is_news_again(self):
        """Kitchen, hallway, kitchen: the third is no repetition of the first, which is over."""
        operations = done(
            ruling(A, B, Relation.SUPERSEDES), ruling(B, C, Relation.SUPERSEDES), ruling(A, C, Relation.REPEATS)
        )
        assert not any(isinstance(op, Retire) for op in operations)

    def test_what_replaces_something_later_than_it_repeats_is_news(self):
        operations = done(ruling(A, C, Relation.REPEATS), ruling(B, C, Relation.SUPERSEDES))
        assert operations == done(ruling(B, C, Relation.SUPERSEDES))

    def test_what_was_retired_decides_nothing_more(self):
        operations = done(ruling(A, B, Relation.REPEATS), ruling(B, C, Relation.SUPERSEDES))
        assert operations == done(ruling(A, B, Relation.REPEATS))

    def test_one_may_end_several(self):
        operations = done(ruling(A, C, Relation.CANCELS), ruling(B, C, Relation.CANCELS))
        assert [op.id for op in operations if isinstance(op, Close)] == [A.id, B.id]
        assert plain(operations).count(Retire(C.id, 1)) == 1


MEMORIES = [fact(f"fact {n}", n // 2, id=f"mem_{n}", sources=(f"epi_{n}",)) for n in range(7)]
PAIRS = [(one, other) for n, one in enumerate(MEMORIES) for other in MEMORIES[n + 1 :]]
RULINGS = st.dictionaries(st.sampled_from(range(len(PAIRS))), st.sampled_from([*Relation]), max_size=len(PAIRS))


def rulings_of(chosen):
    return [ruling(*PAIRS[number], relation) for number, relation in sorted(chosen.items())]


@given(RULINGS)
@settings(max_examples=200)
def test_no_memory_has_two_fates_and_everything_can_be_applied(chosen):
    operations = consequences(rulings_of(chosen))
    retired = [op.id for op in operations if isinstance(op, Retire)]
    closed = [op.id for op in operations if isinstance(op, Close)]
    assert len(set(retired)) == len(retired) and len(set(closed)) == len(closed)
    left = after(MEMORIES, operations)
    assert all(memory.valid_to is None or memory.valid_to >= memory.valid_from for memory in left.values())


@given(RULINGS)
@settings(max_examples=200)
def test_both_sides_of_a_merge_never_go_and_something_of_each_cluster_stays(chosen):
    operations = consequences(rulings_of(chosen))
    left = after(MEMORIES, operations)
    absorbed = {op.edge.target: op.edge.source for op in operations if isinstance(op, Link) and op.edge.kind == ABSORBS}
    cancelling = {pair.newer.id for pair, d in rulings_of(chosen) if d.relation == Relation.CANCELS}
    for memory in left.values():
        if memory.state == State.RETIRED and memory.id not in cancelling:
            seen = [memory.id]
            while seen[-1] in absorbed:
                seen.append(absorbed[seen[-1]])
            assert len(seen) > 1 and len(set(seen)) == len(seen)
            assert left[seen[-1]].state == State.ACTIVE or seen[-1] in cancelling
    assert any(memory.state == State.ACTIVE for memory in left.values())


@given(st.sets(st.sampled_from(range(len(PAIRS)))), st.sampled_from([Relation.REPEATS, Relation.REFINES]))
def test_merging_alone_never_retires_a_whole_cluster(chosen, relation):
    left = after(MEMORIES, consequences([ruling(*PAIRS[number], relation) for number in chosen]))
    parents = {memory.id: memory.id for memory in MEMORIES}

    def root(id):
        return id if parents[id] == id else root(parents[id])

    for number in chosen:
        one, other = PAIRS[number]
        parents[root(one.id)] = root(other.id)
    for cluster in {root(id) for id in parents}:
        assert any(left[id].state == State.ACTIVE for id in parents if root(id) == cluster)


@given(RULINGS, st.randoms(use_true_random=False))
def test_the_order_of_the_rulings_does_not_matter(chosen, random):
    rulings = rulings_of(chosen)
    shuffled = random.sample(rulings, len(rulings))
    assert plain(consequences(rulings)) == plain(consequences(shuffled))
