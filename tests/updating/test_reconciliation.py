"""The structure that keeps memories true, driven as it is in a consolidation."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_facts import after, day, fact

from agentmem.errors import BudgetExhausted, LLMUnavailable, MalformedReply
from agentmem.kinds import ABSORBS, FACT
from agentmem.models.chat.loading import wrap
from agentmem.operations import Close, Link, Retire
from agentmem.structures.structure import Models, Unit
from agentmem.testing import FakeEmbedder
from agentmem.testing.chat import ScriptedChat
from agentmem.types import Edge, State
from agentmem.updating.asking import AskingDecider
from agentmem.updating.reconciliation import ASKED_BATCH, Reconciliation

EMBED = FakeEmbedder(64).embed_documents


class View:
    def __init__(self, memories, edges=(), dimension=True):
        self.kept = {}
        self._memories, self._edges, self._dimension = list(memories), list(edges), dimension

    def memories(self, kind):
        return [memory for memory in self._memories if memory.kind == kind]

    def with_sources(self, memories):
        return memories

    def edges(self, kind):
        return [edge for edge in self._edges if edge.kind == kind]

    def vectors(self, memories):
        return EMBED([m.text for m in memories]) if self._dimension else np.zeros((len(memories), 0), np.float32)


def unit(memory):
    return Unit(None, (), (memory,))


def proposals(known, new=None, chat=None, edges=(), **options):
    units = [unit(memory) for memory in (known if new is None else new)]
    models = Models(wrap(chat), EMBED, len)
    return list(Reconciliation(**options).propose(units, View(known, edges), models))


def operations(*arguments, **options):
    return [operation for proposal in proposals(*arguments, **options) for operation in proposal.operations]


def said(relation):
    """The same verdict about every pair."""

    def say(request):
        count = request.prompt.user.count("] older:")
        return json.dumps(
            {"verdicts": [{"pair": n, "reasoning": "r", "relation": relation, "text": None} for n in range(count)]}
        )

    return say


def verdicts(relation):
    return ScriptedChat({"update": said(relation)})


def test_its_name_what_it_reads_and_what_it_makes():
    structure = Reconciliation()
    assert (structure.name, structure.reads, structure.kinds) == ("reconcile:fact", (FACT,), ())
    assert Reconciliation(("fact", "triple")).name == "reconcile:fact,triple"


def test_a_move_ends_the_old_home_and_a_repetition_is_merged():
    known = [
        fact("Ana lives in Lyon.", 0, id="mem_1"),
        fact("Ana lives in Lyon!", 1, id="mem_2"),
        fact("Ana moved to Porto.", 2, id="mem_3"),
        fact("Ana likes tea.", 3, id="mem_4"),
    ]
    left = after(known, operations(known))
    assert left["mem_1"].valid_to == day(2) and left["mem_2"].state == State.RETIRED
    assert [id for id, memory in left.items() if memory.state == State.ACTIVE and not memory.valid_to] == [
        "mem_3",
        "mem_4",
    ]


def test_every_unit_is_completed_even_where_nothing_is_to_be_done():
    known = [fact(f"Fact number {n} of Ana.", n, id=f"mem_{n}") for n in range(3)]
    (proposal,) = proposals(known)
    assert len(proposal.units) == 3 and proposal.operations == ()
    assert proposals([], new=[]) == []
    assert proposals([], new=known[:1])[0].units == (unit(known[0]),)  # retired meanwhile


def test_what_is_told_late_about_long_ago_is_itself_ended():
    known = [fact("Ana lives in Porto.", 5, id="mem_1"), fact("Ana lives in Lyon.", 1, id="mem_2")]
    (close, _link) = operations(known, new=known[1:])
    assert (close.id, close.ends, close.expected) == ("mem_2", day(5), 1)


def test_a_value_between_two_others_takes_its_place():
    known = [
        fact("Ana lives in Oslo.", 0, id="mem_1", until=9),
        fact("Ana lives in Porto.", 9, id="mem_2"),
        fact("Ana lives in Lyon.", 4, id="mem_3"),
    ]
    left = after(known, operations(known, new=known[2:]))
    assert (left["mem_1"].valid_to, left["mem_3"].valid_to, left["mem_2"].valid_to) == (day(4), day(9), None)


def test_only_memories_of_one_kind_are_compared():
    known = [fact("Ana lives in Lyon.", 0, id="mem_1"), fact("Ana lives in Lyon.", 1, id="mem_2", kind="triple")]
    assert operations(known, compares=("fact", "triple")) == []


def test_a_merge_that_a_person_took_back_stays_taken_back():
    known = [fact("Ana likes tea.", 0, id="mem_1"), fact("Ana likes tea.", 1, id="mem_2")]
    assert operations(known)
    assert operations(known, edges=[Edge("edg_1", ABSORBS, "mem_1", "mem_2")]) == []


def test_without_an_embedding_model_texts_and_slots_are_compared():
    known = [fact("Ana likes tea.", 0, id="mem_1"), fact("Ana likes tea.", 1, id="mem_2")]
    found = Reconciliation().propose([unit(m) for m in known], View(known, dimension=False), Models(None, None, len))
    assert [type(op) for proposal in found for op in proposal.operations] == [Link, Retire]


def test_what_has_no_vector_yet_gets_one():
    class Fresh(View):
        def vectors(self, memories):
            return np.zeros((len(memories), 64), np.float32)

    known = [fact("Ana loves opera.", 0, id="mem_1"), fact("Ana hates opera.", 1, id="mem_2")]
    found = Reconciliation(threshold=0.2).propose([unit(m) for m in known], Fresh(known), Models(None, EMBED, len))
    assert [type(op) for proposal in found for op in proposal.operations] == [Close, Link]


@given(st.lists(st.sampled_from(["Lyon", "Porto", "Oslo"]), min_size=1, max_size=9), st.integers(1, 4))
@settings(max_examples=60)
def test_in_however_many_parts_the_last_home_is_the_one_that_is_open(homes, size):
    """However the stream is cut into consolidations, what is true at the end is what was said last."""
    known = [fact(f"Ana lives in {home}.", n, id=f"mem_{n}") for n, home in enumerate(homes)]
    state = {memory.id: memory for memory in known}
    for start in range(0, len(known), size):
        there = [m for m in list(state.values())[: start + size] if m.state == State.ACTIVE]
        fresh = [m for m in there if m.id in {one.id for one in known[start : start + size]}]
        state.update(after(there, operations(there, new=fresh)))
    open_now = {m.text for m in state.values() if m.state == State.ACTIVE and m.valid_to is None}
    assert open_now == {f"Ana lives in {homes[-1]}."}


def test_the_same_input_gives_the_same_operations():
    known = [fact(f"Ana lives in {city}.", n, id=f"mem_{n}") for n, city in enumerate(("Lyon", "Porto", "Lyon"))]

    def run():
        return [(op.edge.kind, op.edge.source) if isinstance(op, Link) else op for op in operations(known)]

    assert run() == run() and run()


class TestWithAModel:
    PARAPHRASE = (
        fact("Ana is allergic to peanuts.", 0, id="mem_1"),
        fact("Ana has a peanut allergy, allergic to peanuts.", 1, id="mem_2"),
    )

    def test_the_model_judges_what_rules_do_not_see(self):
        chat = verdicts("repeats")
        known = self.PARAPHRASE
        (proposal,) = proposals(known, chat=chat, threshold=0.3)
        assert "mem_2" in {op.id for op in proposal.operations if isinstance(op, Retire)}
        assert len(chat.requests) == 1 and proposal.usage.llm_calls == 1 and proposal.prompts

    def test_it_is_not_asked_about_the_same_text_nor_about_what_is_far(self):
        chat = verdicts("supersedes")
        known = [fact("Ana likes tea.", 0, id="mem_1"), fact("ana likes tea", 1, id="mem_2"), fact("It rained.", 2)]
        assert [type(op) for op in operations(known, chat=chat)] == [Link, Retire]
        assert not chat.requests

    def test_a_failure_is_named_with_its_units_and_the_others_are_done(self):
        def say(request):
            if "Ben" in request.prompt.user:
                return LLMUnavailable("away")
            return said("repeats")(request)

        ben = [fact("Ben collects old maps.", 2, id="mem_3"), fact("Ben collects very old sea maps.", 3, id="mem_4")]
        known = [*self.PARAPHRASE, *ben]
        decider = AskingDecider(wrap(ScriptedChat({"update": say})), most_pairs=1)
        found = proposals(known, decider=decider, threshold=0.3)
        assert [type(proposal.failure) for proposal in found] == [type(None), LLMUnavailable]
        assert "mem_2" in {op.id for op in found[0].operations if isinstance(op, Retire)}
        failed = [u.chunks[0].id for proposal in found if proposal.failure for u in proposal.units]
        settled = [u.chunks[0].id for proposal in found if not proposal.failure for u in proposal.units]
        assert "mem_4" in failed and not set(failed) & set(settled)
        assert sorted(failed + settled) == ["mem_1", "mem_2", "mem_3", "mem_4"]
        assert all(not proposal.operations for proposal in found if proposal.failure)

    def test_a_reply_without_verdicts_changes_nothing_and_is_kept_for_a_retry(self):
        found = proposals(self.PARAPHRASE, chat=ScriptedChat({"update": '{"verdicts": []}'}), threshold=0.3)
        assert not [op for proposal in found for op in proposal.operations]
        assert [type(proposal.failure) for proposal in found if proposal.failure] == [MalformedReply]
        assert [u.chunks[0].id for proposal in found if proposal.failure for u in proposal.units] == ["mem_2"]

    def test_a_spent_budget_stops_it_and_what_was_proposed_before_stands(self):
        known = [fact(f"Ana saw film number {n} with friends.", n, id=f"mem_{n:03}") for n in range(ASKED_BATCH + 4)]

        def say(request):
            late = f"number {ASKED_BATCH + 3}" in request.prompt.user
            return BudgetExhausted("spent") if late else said("independent")(request)

        stream = Reconciliation(threshold=0.3).propose(
            [unit(memory) for memory in known], View(known), Models(wrap(ScriptedChat({"update": say})), EMBED, len)
        )
        assert len(next(stream).units) == ASKED_BATCH
        with pytest.raises(BudgetExhausted):
            list(stream)

    def test_what_the_model_would_merge_against_a_veto_stays(self):
        known = [fact("Ana has 2 grey cats.", 0, id="mem_1"), fact("Ana has 3 grey cats.", 1, id="mem_2")]
        assert operations(known, chat=verdicts("repeats")) == []
