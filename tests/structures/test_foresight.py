"""Prepared answers: one call for a session's facts, kept as long as what they rest on holds."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from known_facts import View, completed, day, fact, operations, run

from agentmem.errors import BudgetExhausted, InvalidInput, LLMUnavailable
from agentmem.kinds import ANSWER, SUMMARISES
from agentmem.operations import Retire, Revise
from agentmem.structures.foresight import Foresight
from agentmem.testing.chat import ScriptedChat
from agentmem.types import State

LISBON = fact("Ana lives in Lisbon.", 1, session="s1")
PIANO = fact("Ana plays the piano in Lisbon.", 1, session="s1")
LUIS = fact("Luis lives in Porto.", 2, session="s2", subject="Luis")


def said(*answers):
    keys = ("question", "facts", "answer")
    return json.dumps({"answers": [dict(zip(keys, answer, strict=True)) for answer in answers]})


def about(*names):
    """Where somebody lives, as the facts that were shown tell."""

    def word(request):
        shown = request.prompt.variables["facts"].splitlines()
        lines = [(n, line.partition(") ")[2], name) for n, line in enumerate(shown) for name in names if name in line]
        return said(*((f"Where does {name} live?", [n], text) for n, text, name in lines if f"{name} lives" in text))

    return word


def prepared(view):
    return [memory.text for memory in view.memories(ANSWER)]


def test_without_a_model_nothing_is_made():
    view = View([])
    proposals = run(Foresight(), view, [LISBON, LUIS])
    assert completed(proposals) == {LISBON.text, LUIS.text} and operations(proposals) == []


def test_one_call_for_each_session_and_the_text_is_question_and_answer():
    chat = ScriptedChat({"foresee": about("Ana", "Luis")})
    view = View([])
    run(Foresight(beside=0), view, [LISBON, LUIS, PIANO], chat)
    assert [len(request.prompt.variables["facts"].splitlines()) for request in chat.requests] == [2, 1]
    assert sorted(prepared(view)) == [
        "Where does Ana live?\nAna lives in Lisbon.",
        "Where does Luis live?\nLuis lives in Porto.",
    ]
    answer = next(memory for memory in view.memories(ANSWER) if "Ana" in memory.text)
    assert (answer.metadata["question"], answer.metadata["answer"]) == ("Where does Ana live?", "Ana lives in Lisbon.")
    assert {edge.target for edge in view.edges(SUMMARISES) if edge.source == answer.id} == {LISBON.id}


def test_older_facts_that_are_alike_are_shown_too_but_none_that_ended():
    chat = ScriptedChat({"foresee": said()})
    other, ended = fact("The train to Faro is slow.", 0), fact("Ana lives in Lisbon today.", 0, until=1)
    view = View([other, ended, PIANO])
    run(Foresight(beside=1), view, [LISBON], chat)
    shown = chat.requests[0].prompt.variables["facts"]
    assert PIANO.text in shown and LISBON.text in shown and other.text not in shown and ended.text not in shown


@pytest.mark.parametrize(
    "answer",
    [("Where does Ana live?", [0], "Ana lives in Berlin with 3 cats."), ("Where?", [], "Ana lives in Lisbon."),
     ("Where?", [7], "Ana lives in Lisbon."), ("?!", [0], "Ana lives in Lisbon.")],
)  # fmt: skip
def test_an_answer_without_support_or_question_is_dropped(answer):
    view = View([])
    run(Foresight(), view, [LISBON], ScriptedChat({"foresee": said(answer)}))
    assert prepared(view) == []


@pytest.mark.parametrize(
    "changed",
    [
        replace(LISBON, valid_to=day(2)),
        replace(LISBON, state=State.RETIRED),
        replace(LISBON, version=2, text="Ana lives in Faro."),
    ],
    ids=["ended", "retired", "reworded"],
)
@pytest.mark.parametrize("thinking", [True, False])
def test_an_answer_whose_fact_changed_is_retired_at_the_next_run(changed, thinking):
    view = View([])
    run(Foresight(), view, [LISBON], ScriptedChat({"foresee": about("Ana")}))
    assert prepared(view)
    view.put(changed)
    run(Foresight(), view, [LUIS], ScriptedChat({"foresee": said()}) if thinking else None)
    assert prepared(view) == []


def test_a_question_that_is_prepared_again_is_revised():
    view = View([])
    chat = ScriptedChat({"foresee": about("Ana")})
    run(Foresight(), view, [LISBON], chat)
    again = fact("Ana lives in Lisbon with Rita.", 5, session="s5")
    word = said(("where does Ana live", [1], again.text))
    proposals = run(Foresight(), view, [again], ScriptedChat({"foresee": word}))
    assert any(isinstance(operation, Revise) for operation in operations(proposals))
    assert prepared(view) == ["where does Ana live\nAna lives in Lisbon with Rita."]


def test_a_question_is_answered_once_in_a_run():
    view = View([])
    word = said(("Where does Ana live?", [0], LISBON.text), ("where does ana live", [0], LISBON.text))
    run(Foresight(), view, [LISBON], ScriptedChat({"foresee": word}))
    assert len(prepared(view)) == 1


def test_running_again_does_nothing():
    view = View([])
    chat = ScriptedChat({"foresee": about("Ana")})
    run(Foresight(), view, [LISBON], chat)
    assert run(Foresight(), view, [], chat) == [] and len(chat.requests) == 1


def test_answers_and_calls_are_bounded_and_the_rest_waits():
    view = View([])
    word = said(*((f"Question {n}?", [0], LISBON.text) for n in range(9)))
    proposals = run(Foresight(answers=2, most=1), view, [LUIS, LISBON, PIANO], ScriptedChat({"foresee": word}))
    assert len(prepared(view)) == 2 and completed(proposals) == {LISBON.text, PIANO.text}


def test_a_failure_or_a_spent_budget_leaves_the_session_for_later():
    def broken(error):
        def word(request):
            if "Luis" in request.prompt.variables["facts"]:
                raise error
            return about("Ana")(request)

        return ScriptedChat({"foresee": word})

    view = View([])
    proposals = run(Foresight(beside=0), view, [LISBON, LUIS], broken(LLMUnavailable("away")))
    assert completed(proposals) == {LISBON.text} and len(prepared(view)) == 1
    view = View([])
    with pytest.raises(BudgetExhausted):
        run(Foresight(beside=0), view, [LISBON, LUIS], broken(BudgetExhausted("spent")))
    assert len(prepared(view)) == 1


def test_a_fact_that_ended_before_it_was_looked_at_is_dealt_with_unasked():
    chat = ScriptedChat({"foresee": said()})
    ended = fact("Ana lived in Faro.", 1, until=1)
    proposals = run(Foresight(), View([]), [ended], chat)
    assert completed(proposals) == {ended.text} and chat.requests == []
    assert not any(isinstance(operation, Retire) for operation in operations(proposals))


@pytest.mark.parametrize("wrong", [{"answers": 0}, {"most": 0}, {"beside": -1}])
def test_numbers_must_make_sense(wrong):
    with pytest.raises(InvalidInput):
        Foresight(**wrong)
