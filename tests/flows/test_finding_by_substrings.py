"""The recipe ``seal``: texts by the n-grams in them, with a model's phrases and without, as the scope changes."""

from __future__ import annotations

import json
import pickle
from datetime import timedelta

import pytest
from small_world import CONVERSATION, DOCUMENTS, said, scripted

from agentmem import AgentMemory, Message
from agentmem.errors import LLMUnavailable
from agentmem.recipes import RECIPES
from agentmem.testing import FakeEmbedder
from agentmem.testing.chat import ScriptedChat


@pytest.fixture
def handle(opened):
    found = opened("seal")
    found.add([*CONVERSATION, *DOCUMENTS])
    return found


def texts(handle, question, **arguments):
    return [hit.text for hit in handle.retrieve(question, **arguments)]


def runs_of(handle):
    """What the process keeps of the scope's words, as bytes."""
    mirror = handle._parts.followers.seen(handle._scope)
    return b"" if mirror is None else pickle.dumps(mirror.substrings)


def test_words_in_a_row_count_more_than_the_same_words_apart(opened):
    handle = opened("seal")
    apart, together = "a deep sleep near an old piano", "it likes to sleep on my piano"
    handle.add([apart, *[f"day {number}: sleep, piano, sleep" for number in range(9)], together])
    assert texts(handle, "Who may sleep on my piano?", k=1) == [together]


def test_it_goes_by_rare_words_and_finds_only_what_holds_one(handle):
    assert texts(handle, "Where does Luis live?", k=1) == ["My brother Luis lives in Porto with his two dogs."]
    assert texts(handle, "zeppelin") == []


def test_the_speaker_and_the_title_are_a_text_s_too(handle):
    assert {hit.speaker for hit in handle.retrieve("What about Ben?", k=2)} == {"Ben"}
    assert texts(handle, "Tagus", k=1)[0].startswith("The Tagus flows")


def test_the_score_is_a_share_and_its_number_a_signal(handle):
    first, *rest = handle.retrieve("Where does Luis live in Porto?", k=10)
    assert 0 < first.score <= 1 and rest
    assert first.signals["ngrams"] > rest[0].signals["ngrams"] > 0


def test_a_model_s_phrases_find_what_the_question_does_not_say(opened):
    phrases = {"phrases": [{"text": "jazz trio on Fridays", "probability": 0.7}, {"text": "?!", "probability": 0.5}]}
    chat = ScriptedChat({"likely_words": json.dumps(phrases)})
    handle = opened("seal", chat)
    handle.add(CONVERSATION)
    question = "Which hobby keeps somebody busy before weekends?"
    assert texts(handle, question, recipe="seal")[0] == "I play the piano in a jazz trio on Fridays."
    assert len(chat.requests) == 1
    assert chat.requests[0].prompt.variables["question"] == question


def test_a_phrase_that_is_likelier_counts_more(opened):
    def asked(question, cat, pottery):
        said = [{"text": "grey cat", "probability": cat}, {"text": "learn pottery", "probability": pottery}]
        handle = opened("seal", ScriptedChat({"likely_words": json.dumps({"phrases": said})}))
        return texts(handle, question)

    opened("seal").add(CONVERSATION)
    cat, pottery = "I adopted a grey cat named Misty in Lisbon.", "I started to learn pottery at the studio in Porto."
    assert asked("zzz", 0.9, 0.4) == [cat, pottery]
    assert asked("yyy", 0.4, 0.9) == [pottery, cat]


@pytest.mark.parametrize("reply", [LLMUnavailable("away"), "no JSON", json.dumps({"phrases": []})])
def test_where_the_model_says_nothing_the_question_s_own_words_are_looked_up(opened, reply):
    handle = opened("seal", ScriptedChat({"likely_words": reply}))
    handle.add(CONVERSATION)
    assert texts(handle, "Where does Luis live?", k=1) == ["My brother Luis lives in Porto with his two dogs."]


def test_other_kinds_are_ranked_without_asking_for_phrases(opened):
    chat = scripted()
    handle = opened("mixed", chat)
    handle.add(CONVERSATION)
    handle.consolidate()
    hits = handle.retrieve("Where does Luis live?", recipe="seal", kinds=["fact"])
    assert hits and {hit.kind for hit in hits} == {"fact"}
    assert not [request for request in chat.requests if request.prompt.id == "likely_words"]


def test_what_was_followed_step_by_step_equals_what_is_read_at_once(handle, database, clock):
    ids = [hit.id for hit in handle.retrieve("Ana Ben", k=10)]
    steps = [
        lambda: handle.add(said("Luis moved to Faro.", "Ben", "s3")),
        lambda: handle.update(ids[0], text="Misty sleeps in Faro now."),
        lambda: handle.retire(ids[1]),
        lambda: handle.add([said(f"Faro has {number} beaches.", "Ana", "s4", number) for number in range(9)]),
        lambda: handle.restore(ids[1]),
        lambda: handle.forget(ids=[ids[2]], compact=False),
        lambda: handle.update(ids[0], metadata={"a": 1}),
        lambda: handle.add("Luis likes Faro."),
    ]
    questions = ("Misty sleeps in Faro", "Where does Luis live?", "piano in Porto", "3 beaches")
    for step in steps:
        step()
        with AgentMemory.open(database, recipe="seal", embedder=FakeEmbedder(), clock=clock) as fresh:
            for question in questions:
                followed, read = (
                    [(hit.id, hit.score) for hit in one.retrieve(question, k=20)]
                    for one in (handle, fresh.scope("acme", "ana"))
                )
                assert followed == read


def test_a_former_wording_is_found_only_as_of_its_time(opened, clock):
    handle = opened("seal")
    (id,) = handle.add(Message("Luis lives in Porto.", at=clock() - timedelta(days=9))).ids
    handle.add("something else entirely")
    handle.update(id, text="Luis lives in Faro.", valid_from=clock() - timedelta(days=1))
    assert texts(handle, "lives in Porto") == ["Luis lives in Faro."]
    assert texts(handle, "lives in Porto", as_of=clock() - timedelta(days=5)) == ["Luis lives in Porto."]
    assert texts(handle, "Porto") == []


def test_what_is_forgotten_leaves_the_process_with_the_next_look(handle, database, clock):
    """Also where another process forgot it, and whatever recipe looks next."""
    assert texts(handle, "pottery")
    assert b"pottery" in runs_of(handle)
    with AgentMemory.open(database, embedder="none", clock=clock) as other:
        other.scope("acme", "ana").forget(about="pottery", compact=False)
    handle.retrieve("Lisbon", recipe="texts")
    assert b"pottery" not in runs_of(handle)
    assert texts(handle, "pottery") == []
    assert b"pottery" not in runs_of(handle)
    assert texts(handle, "grey cat")


def test_what_is_forgotten_here_leaves_at_once(handle):
    assert texts(handle, "pottery")
    handle.forget(about="pottery")
    assert b"pottery" not in runs_of(handle)


def test_recipes_that_do_not_ask_for_runs_keep_none(handle):
    for recipe in set(RECIPES) - {"seal"}:
        if RECIPES[recipe].cost.query == "0":
            handle.retrieve("pottery", recipe=recipe)
    assert b"pottery" not in runs_of(handle)
