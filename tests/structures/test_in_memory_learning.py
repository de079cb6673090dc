"""In-Memory Learning: induction from batches, revision with momentum, notes beside texts."""

from __future__ import annotations

import json

import pytest

from agentmem import AgentMemory, Message
from agentmem.errors import InvalidInput, LLMUnavailable
from agentmem.recipes.notes import RECIPES
from agentmem.recipes.recipe import Recipe
from agentmem.retrieval.layers import rank_layers
from agentmem.structures.experience.learning import InMemoryLearning
from agentmem.structures.experience.revision import says
from agentmem.testing import FakeEmbedder
from agentmem.testing.chat import ScriptedChat

KIND = "experience-note"
LINES = {
    "s1": "I buy fresh basil every Monday morning.",
    "s2": "The basil dries out on the south balcony.",
    "s3": "I plant the ferns in April with fresh soil.",
}


def induction(*insights):
    return json.dumps(
        {"insights": [{"text": text, "subject": None, "source": list(lines)} for text, lines in insights]}
    )


def revision(*notes):
    told = [{"text": text, "notes": list(of), "insights": list(new)} for text, of, new in notes]
    return json.dumps({"reasoning": "r", "notes": told})


@pytest.fixture
def opened(database, clock):
    stores = []

    def open_it(chat=None, **settings):
        recipe = Recipe(
            "learning", "s", structures=(lambda: InMemoryLearning(**settings),), rank=rank_layers(KIND, "text")
        )
        stores.append(AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe=recipe, llm=chat))
        return stores[-1].scope("acme")

    yield open_it
    for store in stores:
        store.close()


def live(handle, session):
    handle.add([Message(LINES[session], speaker="Ana", session=session, ref=session)])
    return handle.consolidate()


def notes(handle, state="active"):
    return [memory.text for memory in handle.list(kinds=[KIND], state=state)]


def test_without_a_model_telling_statements_become_notes_that_outlast_what_comes_later(opened):
    handle = opened()
    for session in LINES:
        live(handle, session)
    assert notes(handle) == [
        "Ana buys fresh basil every Monday morning.",
        "The basil dries out on the south balcony.",
        "Ana plants the ferns in April with fresh soil.",
    ]
    hits = handle.retrieve("basil on the south balcony", k=3)
    assert {hit.kind for hit in hits} == {"chunk", KIND}  # found beside texts
    assert handle.consolidate().run is None


def test_by_rules_the_fuller_wording_stands_for_both(opened):
    handle = opened()
    handle.add([Message("I buy basil.", speaker="Ana", session="s0")])
    handle.consolidate()
    live(handle, "s1")
    (note,) = handle.list(kinds=[KIND])
    assert note.text == "Ana buys fresh basil every Monday morning." and note.version == 2
    assert {source.ref for source in note.sources} == {None, "s1"}  # both are its sources
    assert says("Ana has no cat.", "Ana has no cat.") and not says("Ana has no cat.", "Ana has a cat.")


def test_a_full_notebook_gives_way_only_as_far_as_momentum_lets_it(opened):
    # Two notes fill it: ana, buy, fresh, basil, every, monday, morning and basil, dry, south, balcony, 10 words in
    # all. The third would take the place of the first, and brings ana and fresh with it, so 6 of the 10 stay.
    for momentum, kept in ((0.7, ["s1", "s2"]), (0.3, ["s2", "s3"])):
        handle = opened(most=2, batch=1, momentum=momentum)
        handle.forget(everything=True)
        for session, line in LINES.items():
            handle.add([Message(line, speaker="Ana", session=session)])
            handle.consolidate()
        sources = [handle.episode(memory.sources[0].episode).session for memory in handle.list(kinds=[KIND])]
        assert sources == kept


def test_a_model_merges_an_insight_into_a_note(opened):
    chat = ScriptedChat(
        {
            "induce": [
                induction(("Ana buys fresh basil every Monday", [0])),
                induction(("The basil dries out on the balcony", [0])),
            ],
            "revise_notes": revision(("Ana buys fresh basil every Monday, for it dries out on the balcony", [0], [0])),
        }
    )
    handle = opened(chat)
    live(handle, "s1")
    assert [request.prompt.id for request in chat.requests] == ["induce"]  # nothing there to revise
    live(handle, "s2")
    (note,) = handle.list(kinds=[KIND])
    assert note.text.endswith("on the balcony") and note.version == 2 and note.session is None
    assert sorted(str(source.ref) for source in note.sources) == ["s1", "s2"]
    assert chat.requests[-1].prompt.variables["share"] == "90%"


def test_what_a_revision_forgets_too_much_of_is_put_back(opened):
    words = {
        "induce": [induction((LINES["s1"], [0])), induction((LINES["s2"], [0]))],
        "revise_notes": revision((LINES["s2"], [], [0])),  # the first note is swept away
    }
    handle = opened(ScriptedChat(words))
    live(handle, "s1")
    live(handle, "s2")
    assert notes(handle) == [LINES["s1"], LINES["s2"]] and notes(handle, "retired") == []


def test_without_momentum_it_may_forget(opened):
    words = {
        "induce": [induction((LINES["s1"], [0])), induction((LINES["s2"], [0]))],
        "revise_notes": revision((LINES["s2"], [], [0])),
    }
    handle = opened(ScriptedChat(words), momentum=0.0)
    live(handle, "s1")
    done = live(handle, "s2")
    assert notes(handle) == [LINES["s2"]] and notes(handle, "retired") == [LINES["s1"]]
    handle.undo(done.run)
    assert notes(handle) == [LINES["s1"]]


def test_what_is_made_up_is_put_aside_or_not_taken(opened):
    words = {
        "induce": [
            induction((LINES["s1"], [0]), ("Ana owns 77 castles in Peru", [0])),
            induction((LINES["s2"], [0])),
        ],
        "revise_notes": revision(("Zoe buys 77 castles in Peru", [0], [0])),
    }
    handle = opened(ScriptedChat(words))
    live(handle, "s1")
    assert notes(handle) == [LINES["s1"]] and notes(handle, "quarantined") == ["Ana owns 77 castles in Peru"]
    live(handle, "s2")
    assert notes(handle) == [LINES["s1"], LINES["s2"]]  # apart, as they were


def test_notes_joined_to_one_are_one_and_numbers_that_do_not_exist_are_nothing(opened):
    words = {
        "induce": [induction((LINES["s1"], [0])), induction((LINES["s2"], [0])), induction((LINES["s3"], [0]))],
        "revise_notes": [
            revision((LINES["s1"], [0, 9], []), (LINES["s2"], [0], [0])),  # 0 is taken
            revision((f"{LINES['s1']} {LINES['s2']}", [0, 1], []), ("from nowhere", [7], []), (LINES["s3"], [], [0])),
        ],
    }
    handle = opened(ScriptedChat(words))
    for session in LINES:
        live(handle, session)
    assert notes(handle) == [f"{LINES['s1']} {LINES['s2']}", LINES["s3"]]
    assert notes(handle, "retired") == [LINES["s2"]]


def test_who_forgets_an_experience_forgets_the_note_and_the_rest_is_read_again(opened):
    handle = opened()
    handle.add([Message("I buy basil.", speaker="Ana", session="s0", ref="s0")])
    handle.consolidate()
    live(handle, "s1")
    episode = next(
        source.episode for memory in handle.list(kinds=[KIND]) for source in memory.sources if source.ref == "s1"
    )
    handle.forget(ids=[episode])
    assert notes(handle) == []
    handle.consolidate()
    assert notes(handle) == ["Ana buys basil."]


def test_a_batch_that_failed_is_tried_again_and_later_ones_do_not_wait(opened, clock):
    words = {
        "induce": [LLMUnavailable("away"), induction((LINES["s2"], [0])), induction((LINES["s1"], [0]))],
        "revise_notes": revision((LINES["s2"], [0], []), (LINES["s1"], [], [0])),
    }
    handle = opened(ScriptedChat(words), batch=1)
    for session in ("s1", "s2"):
        handle.add([Message(LINES[session], speaker="Ana", session=session)])
    done = handle.consolidate()
    assert notes(handle) == [LINES["s2"]] and len(done.failures) == 1
    handle.retry(dead_only=False)
    assert handle.consolidate().done and sorted(notes(handle)) == sorted([LINES["s1"], LINES["s2"]])


@pytest.mark.parametrize("wrong", [{"batch": 0}, {"insights": 0}, {"most": 0}, {"momentum": 1.1}, {"momentum": -0.1}])
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(InvalidInput):
        InMemoryLearning(**wrong)


def test_the_recipes_say_what_they_cost():
    assert {recipe.name: recipe.cost.write for recipe in RECIPES}["in-memory-learning"].startswith("2 per 5 sessions")
