"""Profiles: what is true of somebody now, from facts; by rules, and in a model's words."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_facts import View, completed, day, fact, operations, run

from agentmem.errors import BudgetExhausted, InvalidInput, LLMUnavailable
from agentmem.kinds import ABSORBS, FACT, PROFILE, SUMMARISES
from agentmem.operations import Add, Link, Retire, Revise
from agentmem.structures.profile import LINES, Profiles
from agentmem.structures.profile_lines import GROUPS, group_of, telling
from agentmem.testing.chat import ScriptedChat
from agentmem.types import Edge, State

LISBON = fact("Ana lives in Lisbon.", 0)
NURSE = fact("Ana works as a nurse.", 1)
PIANO = fact("Ana loves the piano.", 2)
ANA = (LISBON, NURSE, PIANO)


def profiles(view):
    return view.memories(PROFILE)


def said(*lines):
    return json.dumps({"lines": [dict(zip(("group", "text", "facts"), line, strict=True)) for line in lines]})


def test_by_rules_each_group_has_a_line_of_the_facts_own_sentences():
    view = View([])
    run(Profiles(), view, ANA)
    [profile] = profiles(view)
    assert profile.text == "Home: Ana lives in Lisbon.\nWork: Ana works as a nurse.\nTastes: Ana loves the piano."
    assert profile.metadata["subject"] == "Ana"
    assert profile.metadata[LINES] == [
        {"group": "home", "facts": [LISBON.id]},
        {"group": "work", "facts": [NURSE.id]},
        {"group": "tastes", "facts": [PIANO.id]},
    ]
    assert {edge.target for edge in view.edges(SUMMARISES)} == {memory.id for memory in ANA}
    assert profile.at == day(2) and profile.sources == ()


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("Ana lives in Lisbon.", "home"),
        ("Ana is 34 years old.", "about"),
        ("Ana is married to Luis.", "family"),
        ("Ana's favourite colour is blue.", "tastes"),
        ("Ana wants to visit Oslo.", "plans"),
        ("Ana is allergic to nuts.", "health"),
        ("Ana studies at the University of Porto.", "work"),
        ("Ana has two dogs.", "family"),
        ("Ana went to a concert.", "also"),
    ],
)
def test_what_a_fact_is_about(text, group):
    assert group in GROUPS and group_of(fact(text), "ana") == group


def test_the_newest_value_of_a_slot_goes_first_and_what_is_told_often_before_what_is_told_once():
    moved = fact("Ana lives in Porto.", 90)
    often, once = fact("Ana plays chess in a small club.", 80), fact("Ana plays tennis in a small club.", 80)
    found = telling([LISBON, often, once, moved], "ana", {once.id: 4}, day(90), 10)
    assert found[0] == moved and found.index(once) < found.index(often)
    assert telling([LISBON, often, once, moved], "ana", {once.id: 4}, day(90), 2) == found[:2]


def test_a_plan_whose_time_has_passed_is_left_out():
    plan = fact("Ana plans to run a race on 9 May 2023.", 3, metadata={"when": ["2023-05-09/2023-05-10"]})
    assert telling([plan], "ana", {}, day(4), 10) == [plan]
    assert telling([plan], "ana", {}, day(40), 10) == []


def test_few_facts_make_no_profile_and_everybody_has_one_of_their_own():
    view = View([])
    ben = [fact(f"Ben paints boat {n}.", 3, subject="Ben") for n in range(3)]
    proposals = run(
        Profiles(), view, [*ANA, *ben, fact("Zoe sings.", 3, subject="Zoe"), fact("It rains.", subject=None)]
    )
    assert {profile.metadata["subject"] for profile in profiles(view)} == {"Ana", "Ben"}
    assert len(completed(proposals)) == 8


def test_a_new_fact_revises_the_profile_and_former_facts_stay_its_sources():
    view = View([])
    run(Profiles(), view, ANA)
    [before] = profiles(view)
    view.put(replace(LISBON, valid_to=day(5)))
    moved = fact("Ana lives in Porto.", 5)
    [proposal] = run(Profiles(), view, [moved])
    assert [type(operation) for operation in proposal.operations] == [Revise, Link]
    [after] = profiles(view)
    assert (after.id, after.version) == (before.id, 2) and after.valid_from == day(5)
    assert "Porto" in after.text and "Lisbon" not in after.text
    assert {edge.target for edge in view.edges(SUMMARISES)} == {*(memory.id for memory in ANA), moved.id}
    assert LISBON.id not in after.metadata["facts"]


def test_a_fact_that_ended_leaves_the_profile_at_the_next_run():
    view = View([])
    run(Profiles(), view, ANA)
    view.put(replace(LISBON, valid_to=day(2)))
    run(Profiles(), view, [fact("Ben sings.", 3, subject="Ben")])
    [profile] = profiles(view)
    assert "Lisbon" not in profile.text and profile.version == 2


def test_a_profile_of_nothing_is_retired():
    view = View([])
    run(Profiles(), view, ANA)
    view.put(*(replace(memory, state=State.RETIRED) for memory in ANA))
    [proposal] = run(Profiles(), view)
    assert [type(operation) for operation in proposal.operations] == [Retire] and profiles(view) == []


def test_a_profile_that_is_gone_is_made_again_as_soon_as_anything_is_looked_at():
    view = View([])
    run(Profiles(), view, ANA)
    [profile] = profiles(view)
    del view.there[profile.id]
    view.links.clear()
    run(Profiles(), view)
    assert [again.text for again in profiles(view)] == [profile.text]


def test_two_profiles_of_one_subject_become_one():
    view = View([])
    run(Profiles(), view, ANA)
    [profile] = profiles(view)
    view.put(replace(profile, id="mem_again"))
    run(Profiles(), view)
    assert [one.id for one in profiles(view)] == ["mem_again"]


def test_profiles_of_other_structures_are_left_alone():
    other = replace(fact("a portrait"), kind=PROFILE, metadata={"of": "days"})
    view = View([other])
    run(Profiles(), view, ANA)
    assert other in profiles(view) and len(profiles(view)) == 2


def test_running_again_does_nothing():
    view = View([])
    run(Profiles(), view, ANA)
    assert run(Profiles(), view) == []


class TestWithAModel:
    def test_one_call_for_a_subject_and_each_line_names_its_facts(self):
        chat = ScriptedChat(
            {"profile": said(("work", "Ana is a nurse.", [1]), ("Home", "Ana lives in Lisbon.", [0, 9]))}
        )
        view = View([])
        [proposal] = run(Profiles(), view, ANA, chat)
        [profile] = profiles(view)
        assert profile.text == "Home: Ana lives in Lisbon.\nWork: Ana is a nurse."
        assert profile.metadata["facts"] == {LISBON.id: 1, NURSE.id: 1}
        assert [request.prompt.variables["subject"] for request in chat.requests] == ["Ana"]
        assert chat.requests[0].prompt.variables["facts"].startswith("[0] (2023-05-01) Ana lives in Lisbon.\n[1] ")
        assert proposal.prompts[0]["id"] == "profile"

    def test_a_line_that_its_facts_do_not_support_is_dropped(self):
        chat = ScriptedChat(
            {
                "profile": said(
                    ("home", "Ana lives in Lisbon.", [0]),
                    ("work", "Ana earns 90000 in Berlin.", [1]),
                    ("also", "Ana loves the piano.", []),
                    ("also", "Ana loves the piano.", [77]),
                )
            }
        )
        view = View([])
        run(Profiles(), view, ANA, chat)
        assert [profile.text for profile in profiles(view)] == ["Home: Ana lives in Lisbon."]

    def test_where_no_line_is_left_the_facts_stand_in(self):
        view, ruled = View([]), View([])
        run(Profiles(), view, ANA, ScriptedChat({"profile": said()}))
        run(Profiles(), ruled, ANA)
        assert profiles(view)[0].text == profiles(ruled)[0].text

    def test_the_same_words_from_other_facts_are_a_new_version_and_only_once(self):
        chat = ScriptedChat({"profile": lambda request: said(("home", "Ana lives in Lisbon.", [0]))})
        view = View([])
        run(Profiles(), view, ANA, chat)
        view.put(replace(LISBON, valid_to=day(1)))
        run(Profiles(), view, [fact("Ana still lives in Lisbon.", 0)], chat)
        assert profiles(view)[0].version == 2 and len(chat.requests) == 2
        assert run(Profiles(), view, [], chat) == [] and len(chat.requests) == 2

    def test_those_with_most_new_facts_first_and_the_rest_waits(self):
        ben = [fact(f"Ben paints boat {n}.", 3, subject="Ben") for n in range(5)]
        chat = ScriptedChat({"profile": lambda request: said()})
        view = View([])
        proposals = run(Profiles(most=1), view, [*ANA, *ben], chat)
        assert completed(proposals) == {memory.text for memory in ben}
        assert [profile.metadata["subject"] for profile in profiles(view)] == ["Ben"]
        run(Profiles(most=1), view, ANA, chat)
        assert len(profiles(view)) == 2

    def test_a_failure_names_the_facts_it_concerns_and_the_others_go_on(self):
        def word(request):
            if request.prompt.variables["subject"] == "Ana":
                raise LLMUnavailable("away")
            return said()

        view = View([])
        ben = [fact(f"Ben paints boat {n}.", 3, subject="Ben") for n in range(3)]
        proposals = run(Profiles(), view, [*ANA, *ben], ScriptedChat({"profile": word}))
        [failed] = [proposal for proposal in proposals if proposal.failure is not None]
        assert {unit.chunks[0].id for unit in failed.units} == {memory.id for memory in ANA}
        assert completed(proposals) == {memory.text for memory in ben}

    def test_a_spent_budget_passes_through_after_what_was_answered(self):
        def word(request):
            if request.prompt.variables["subject"] == "Ana":
                raise BudgetExhausted("spent")
            return said()

        view = View([])
        ben = [fact(f"Ben paints boat {n}.", 3, subject="Ben") for n in range(3)]
        with pytest.raises(BudgetExhausted):
            run(Profiles(), view, [*ANA, *ben], ScriptedChat({"profile": word}))
        assert [profile.metadata["subject"] for profile in profiles(view)] == ["Ben"]


STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "end", "retire"]), st.sampled_from(["Ana", "Ben"]), st.integers(0, 9)),
    max_size=12,
)


@settings(max_examples=60)
@given(STEPS)
def test_after_any_history_profiles_tell_of_facts_that_hold_and_a_second_run_does_nothing(steps):
    view = View([])
    for number, (what, subject, which) in enumerate(steps):
        known = [m for m in view.memories(FACT) if m.valid_to is None]
        new = []
        if what == "add" or not known:
            new = [fact(f"{subject} bought thing {number} in shop {which}.", number, subject=subject)]
        elif what == "end":
            view.put(replace(known[which % len(known)], valid_to=max(m.recorded_at for m in known)))
        else:
            view.put(replace(known[which % len(known)], state=State.RETIRED))
        run(Profiles(least=2), view, new)
        holding = {m.id: m for m in view.memories(FACT) if m.valid_to is None}
        for profile in profiles(view):
            assert profile.metadata["facts"].keys() <= holding.keys()
            told = profile.text
            assert all(holding[id].text in told for id in profile.metadata["facts"])
        counts = {name: sum(m.metadata["subject"] == name for m in holding.values()) for name in ("Ana", "Ben")}
        have = {profile.metadata["subject"] for profile in profiles(view)}
        assert {name for name, count in counts.items() if count >= 2} <= have
        assert operations(run(Profiles(least=2), view)) == []


def test_repetitions_count_by_the_edges_that_hold_them():
    many = [fact(f"Ana plays game number {n} at home.", 1) for n in range(6)]
    gone = [replace(fact(f"again {n}"), state=State.RETIRED) for n in range(3)]
    view = View([*many, *gone], [Edge(f"e{n}", ABSORBS, many[4].id, one.id) for n, one in enumerate(gone)])
    [proposal] = run(Profiles(), view, many)
    profile = next(operation.memory for operation in proposal.operations if isinstance(operation, Add))
    assert many[4].id in profile.metadata["facts"] and len(profile.metadata["facts"]) == 5


@pytest.mark.parametrize("wrong", [{"least": 0}, {"most": 0}])
def test_numbers_must_make_sense(wrong):
    with pytest.raises(InvalidInput):
        Profiles(**wrong)
