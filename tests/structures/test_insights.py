"""Insights: what keeps coming back, and what follows from several facts, with facts for evidence and nothing else."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_facts import EMBED, View, completed, day, fact, operations, run

from agentmem.errors import BudgetExhausted, InvalidInput, LLMUnavailable
from agentmem.kinds import INSIGHT, SUMMARISES
from agentmem.operations import Add, Link, Retire, Revise
from agentmem.structures.insights import Insights
from agentmem.structures.patterns import patterns
from agentmem.structures.reflection import importance
from agentmem.testing.chat import ScriptedChat
from agentmem.text.words import stem
from agentmem.types import State


def insights(view):
    return [memory.text for memory in view.memories(INSIGHT)]


def paints(on, thing="painting", who="Caroline", speaker=None, session=None):
    text = f"{who} took up {thing} on day {on}."
    return fact(text, on, subject=who, speaker=speaker or who, keys=(who, thing, "lot"), session=session)


class TestPatterns:
    def test_what_comes_up_in_several_sessions_is_told_with_its_count_and_months(self):
        view = View([])
        run(Insights(), view, [paints(on) for on in (3, 20, 40, 70, 100)])
        assert insights(view) == ["Caroline speaks of painting in 5 sessions, from May to August 2023."]
        assert len(view.edges(SUMMARISES)) == 5

    @pytest.mark.parametrize(
        ("days", "told"),
        [((3, 4, 5), "in May 2023"), ((0, 200, 300), "from May 2023 to February 2024"), ((3, 3, 40), None)],
    )
    def test_when_and_that_it_takes_three_sessions(self, days, told):
        view = View([])
        facts = [replace(paints(on), id=f"mem_{n}") for n, on in enumerate(days)]
        run(Insights(), view, facts)
        assert insights(view) == ([] if told is None else [f"Caroline speaks of painting in 3 sessions, {told}."])

    def test_what_others_say_of_somebody_is_not_told_as_their_own_words(self):
        view = View([])
        run(Insights(), view, [paints(on, speaker="Mel") for on in (3, 4, 5)])
        assert insights(view) == ["Caroline comes up together with painting in 3 sessions, in May 2023."]

    @pytest.mark.parametrize(
        "thing",
        ["lot", "amazing", "Caroline", "looking", "seeing Mel", "grateful", "2023", "gonna make", "excited", "ok"],
    )
    def test_what_everybody_says_is_no_pattern(self, thing):
        view = View([])
        run(Insights(), view, [paints(on, thing, speaker="Mel") for on in (3, 4, 5)])
        assert insights(view) == []

    @pytest.mark.parametrize("thing", ["pottery", "LGBTQ", "dance studio", "painting", "mental health", "running"])
    def test_what_says_something_is(self, thing):
        view = View([])
        run(Insights(), view, [paints(on, thing) for on in (3, 4, 5)])
        assert insights(view) == [f"Caroline speaks of {thing} in 3 sessions, in May 2023."]

    def test_as_it_goes_on_it_is_revised_and_a_second_run_does_nothing(self):
        view = View([])
        run(Insights(), view, [paints(on) for on in (3, 4, 5)])
        [proposal] = run(Insights(), view, [paints(40)])
        assert [type(operation) for operation in proposal.operations] == [Revise, Link]
        assert insights(view) == ["Caroline speaks of painting in 4 sessions, from May to June 2023."]
        assert run(Insights(), view) == []

    def test_it_is_retired_when_too_little_is_left(self):
        view = View([])
        facts = [paints(on) for on in (3, 4, 5)]
        run(Insights(), view, facts)
        view.put(replace(facts[0], state=State.RETIRED))
        [operation] = operations(run(Insights(), view))
        assert isinstance(operation, Retire) and insights(view) == []

    def test_they_are_bounded_in_a_run_the_strongest_first(self):
        view = View([])
        facts = [paints(on, thing) for thing, days in (("chess", 3), ("tennis", 5)) for on in range(days)]
        run(Insights(most_patterns=1), view, facts)
        assert insights(view) == ["Caroline speaks of tennis in 5 sessions, in May 2023."]
        run(Insights(most_patterns=1), view)
        assert len(insights(view)) == 2

    @settings(max_examples=60)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["Ana", "Ben"]),
                st.sampled_from(["pottery", "chess", "Chess", "rockets", "rocket", "lot"]),
                st.integers(0, 6),
            ),
            max_size=25,
        ),
        st.integers(1, 4),
    )
    def test_they_are_what_a_plain_count_finds(self, told, least):
        facts = [replace(paints(on, thing, who), id=f"mem_{number}") for number, (who, thing, on) in enumerate(told)]
        sessions = defaultdict(set)
        for who, thing, on in told:
            if thing != "lot":
                sessions[who.lower(), stem(thing.lower())].add(on)
        expected = {key: len(days) for key, days in sessions.items() if len(days) >= least}
        found = patterns(facts, least)
        assert {(pattern.subject, pattern.thing): pattern.sessions for pattern in found} == expected
        assert [pattern.sessions for pattern in found] == sorted((p.sessions for p in found), reverse=True)
        for pattern in found:
            assert len({one.session for one in pattern.facts}) == len(pattern.facts) == pattern.sessions


TALK = (
    fact("Ana plays the piano every evening.", 1),
    fact("Ana joined a jazz trio in Lisbon.", 2),
    fact("Ana bought a new piano for the trio.", 3),
    fact("Ana teaches piano to children.", 4),
)
TRUE = "Ana plays piano in a jazz trio and teaches children."


def model(*told, questions=("What drives Ana?",)):
    """A model with the same conclusions to every question; ``told`` are texts with the words of their facts."""

    def conclude(request):
        shown = request.prompt.variables["facts"].splitlines()
        found = [
            {"text": text, "facts": [n for n, line in enumerate(shown) if any(word in line for word in words)]}
            for text, words in told
        ]
        return json.dumps({"insights": found})

    return ScriptedChat({"reflect_questions": json.dumps({"questions": list(questions)}), "reflect": conclude})


class TestReflection:
    def test_it_waits_until_enough_has_gathered(self):
        chat = model((TRUE, ("jazz", "teaches")))
        view = View([])
        marks = [importance(one) for one in TALK]
        enough = Insights(threshold=sum(marks[:3]))
        for one in TALK[:2]:
            [proposal] = run(enough, view, [one], chat)
            assert proposal.units
        assert chat.requests == []
        run(enough, view, [TALK[2]], chat)
        assert [request.prompt.id for request in chat.requests] == ["reflect_questions", "reflect"]

    def test_a_conclusion_names_its_evidence_which_are_facts(self):
        view = View([])
        run(Insights(threshold=5), view, TALK, model((TRUE, ("jazz", "teaches"))))
        [insight] = view.memories(INSIGHT)
        assert insight.text == TRUE and insight.metadata["of"] == "reflection" and insight.expires_at is None
        assert {edge.target for edge in view.edges(SUMMARISES)} == {TALK[1].id, TALK[3].id}
        assert insight.metadata["facts"] == {TALK[1].id: 1, TALK[3].id: 1}

    def test_one_call_for_the_questions_and_one_for_each_of_three(self):
        chat = model(questions=("a?", "b?", "c?", "d?"))
        run(Insights(threshold=5), View([]), TALK, chat)
        assert [request.prompt.id for request in chat.requests] == ["reflect_questions", *["reflect"] * 3]
        assert chat.requests[0].prompt.variables["count"] == "3"

    def test_what_was_looked_back_upon_does_not_count_again(self):
        chat = model((TRUE, ("jazz", "teaches")))
        view = View([])
        structure = Insights(threshold=sum(map(importance, TALK)))
        run(structure, view, TALK, chat)
        asked = len(chat.requests)
        view.kept.clear()
        assert run(structure, view, [], chat) == []
        run(structure, view, [fact("Ana sings.", 9)], chat)
        assert len(chat.requests) == asked

    def test_insights_are_never_evidence(self):
        view = View([])
        chat = model((TRUE, ("jazz", "teaches")))
        run(Insights(threshold=5), view, TALK, chat)
        run(Insights(threshold=1), view, [fact("Ana plays the organ in Lisbon.", 9)], chat)
        shown = "".join(request.prompt.user for request in chat.requests)
        assert TRUE not in shown and insights(view) == [TRUE]
        assert Insights().reads == ("fact",)

    def test_one_fact_alone_or_facts_that_are_not_there_are_no_evidence(self):
        view = View([])
        run(Insights(threshold=5), view, TALK, model(("Ana teaches piano.", ("teaches",)), ("Ana plays.", ())))
        assert insights(view) == []

    def test_what_its_facts_do_not_bear_out_is_put_aside(self):
        view = View([])
        run(Insights(threshold=5), view, TALK, model(("Ana moved to Berlin with Zoe in 2019.", ("jazz", "teaches"))))
        assert insights(view) == []
        [doubtful] = [memory for memory in view.there.values() if memory.kind == INSIGHT]
        assert doubtful.state is State.QUARANTINED

    def test_the_same_conclusion_from_two_questions_is_one(self):
        view = View([])
        run(Insights(threshold=5), view, TALK, model((TRUE, ("jazz", "teaches")), questions=("a?", "b?")))
        assert insights(view) == [TRUE]

    def test_they_may_expire(self):
        view = View([])
        structure = Insights(threshold=5, expires=timedelta(days=30))
        run(structure, view, TALK, model((TRUE, ("jazz", "teaches"))))
        assert view.memories(INSIGHT)[0].expires_at == day(34)

    def test_without_enough_of_its_evidence_it_is_retired(self):
        view = View([])
        run(Insights(threshold=5), view, TALK, model((TRUE, ("jazz", "teaches"))))
        view.put(replace(TALK[1], valid_to=day(4)))
        run(Insights(threshold=500), view)
        assert insights(view) == []

    def test_a_failure_leaves_the_facts_for_later_and_the_patterns_stand(self):
        def away(request):
            raise LLMUnavailable("away")

        view = View([])
        facts = [paints(on) for on in (3, 4, 5)]
        proposals = run(Insights(threshold=1), view, facts, ScriptedChat({"reflect_questions": away}))
        assert proposals[-1].failure is not None and completed(proposals) == set() and len(insights(view)) == 1
        asked = model()
        run(Insights(threshold=1), view, facts, asked)
        assert asked.requests

    def test_a_spent_budget_passes_through(self):
        def spent(request):
            raise BudgetExhausted("spent")

        with pytest.raises(BudgetExhausted):
            run(Insights(threshold=1), View([]), TALK, ScriptedChat({"reflect_questions": spent}))

    def test_without_an_embedding_model_words_find_what_speaks_to_a_question(self):
        chat = model((TRUE, ("jazz", "teaches")), questions=("Whom does Ana teach jazz?",))
        view = View([], embed=None)
        run(Insights(threshold=5, looked=2), view, TALK, chat, embed=None)
        shown = chat.requests[-1].prompt.variables["facts"]
        assert len(shown.splitlines()) == 2 and insights(view) == [TRUE]

    def test_relevance_recency_and_importance_choose_what_a_question_sees(self):
        facts = [fact(f"Ana saw bird number {n}.", n) for n in range(20)]
        piano = fact("Ana plays the piano.", 0)
        chat = model(questions=("Ana plays the piano.",))
        run(Insights(threshold=5, looked=4), View([]), [*facts, piano], chat)
        shown = chat.requests[-1].prompt.variables["facts"]
        assert "piano" in shown  # the oldest of all, and the only relevant one
        cosines = EMBED([one.text for one in facts]) @ EMBED(["Ana plays the piano."])[0]
        if np.ptp(cosines) < 0.1:
            assert "number 19" in shown


def test_importance_grows_with_what_a_fact_says_and_how_often_it_is_told():
    small = fact("It rains.")
    large = fact("Ana met Luis and Rita at the harbour of Porto on 7 May 2023 to paint the old boats.")
    assert 1 <= importance(small) < importance(large) <= 10
    assert importance(small) < importance(small, 2)


def test_without_a_model_nothing_but_patterns_is_made_and_every_fact_is_dealt_with():
    view = View([])
    proposals = run(Insights(threshold=1), view, TALK)
    assert completed(proposals) == {one.text for one in TALK} and insights(view) == []
    assert not [one for one in operations(proposals) if isinstance(one, Add)]


@pytest.mark.parametrize("wrong", [{"threshold": 0}, {"questions": 0}, {"sessions": 0}, {"expires": timedelta(0)}])
def test_numbers_must_make_sense(wrong):
    with pytest.raises(InvalidInput):
        Insights(**wrong)
