"""LightMem asleep: what later entries do to earlier ones. Real stores, scripted words."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from agentmem import AgentMemory, Message
from agentmem.errors import InvalidInput, LLMUnavailable
from agentmem.kinds import ABSORBS, FACT, SUPERSEDES, layer_of
from agentmem.models.chat.budget import Budget
from agentmem.recipes.recipe import Recipe
from agentmem.structures.lightmem import asking
from agentmem.structures.lightmem.online import LightMem
from agentmem.structures.lightmem.sleep import LightMemSleep
from agentmem.structures.views import view_of
from agentmem.testing import FakeClock, FakeEmbedder
from agentmem.testing.chat import ScriptedChat

MAY = datetime(2025, 5, 1, 9, tzinfo=UTC)
_LINE = re.compile(r"\[(\d+)\] (?:(\w+): )?(.*)")
LISBON, PORTO = "Ana lives in Lisbon.", "Ana lives in Porto."
CAT, MISTY = "Ana has a cat.", "Ana has a cat named Misty."
GREY, BOTH = "The cat of Ana is grey.", "Ana has a grey cat."


def told(request):
    lines = filter(None, map(_LINE.fullmatch, request.prompt.variables["text"].splitlines()))
    return json.dumps(
        {"facts": [{"text": line[3], "subject": subject(line[3]), "source": [int(line[1])]} for line in lines]}
    )


def subject(text):
    return "Ben" if text.startswith("Ben") else "Ana"


def entries(request):
    """What was asked: each earlier entry, and the later ones under it."""
    found = []
    for line in request.prompt.variables["entries"].splitlines():
        text = line.partition(") ")[2]
        if line.startswith("entry"):
            found.append((text, []))
        else:
            found[-1][1].append(text)
    return found


def deciding(decide):
    """A model that decides by a function of an earlier entry and the later ones: (action, later, text) or ``None``."""

    def say(request):
        decisions = []
        for number, (earlier, later) in enumerate(entries(request)):
            action, which, text = decide(earlier, later) or ("ignore", None, None)
            place = later.index(which) if which in later else None
            decisions.append({"entry": number, "reasoning": "r", "action": action, "later": place, "text": text})
        return json.dumps({"decisions": decisions})

    return ScriptedChat({"lightmem_facts": told, "lightmem_update": say})


@pytest.fixture
def opened(tmp_path):
    stores = []

    def open_it(chat=None, embedder=None, threshold=0.3, **options):
        recipe = Recipe(
            "under-test",
            "both updates",
            structures=(lambda: LightMem(rate=1.0), lambda: LightMemSleep(threshold=threshold, **options)),
        )
        clock = FakeClock(MAY + timedelta(days=90))
        model = FakeEmbedder(256) if embedder is None else embedder
        stores.append(AgentMemory.open(tmp_path / "m.db", recipe=recipe, llm=chat, embedder=model, clock=clock))
        return stores[-1].scope("a")

    yield open_it
    for store in stores:
        store.close()


def tell(handle, *texts, day=0, **more):
    """Each text in a session and on a day of its own, one after the other."""
    handle.add(
        [
            Message(text, speaker="Ana", session=f"s{day + n}", at=MAY + timedelta(days=day + n))
            for n, text in enumerate(texts)
        ]
    )
    return handle.consolidate(max_retired=1.0, **more)


def facts(handle, state="active"):
    return sorted(handle.list(kinds=[FACT], state=state, limit=1_000), key=lambda memory: memory.at)


def now(handle):
    return [fact.text for fact in facts(handle) if fact.valid_to is None]


def edges(handle, kind):
    with handle._parts.store.read(handle.scope) as reader:
        return {(edge.source, edge.target) for edge in reader.edges_of(kind)}


def sleeping(chat):
    return [request for request in chat.requests if request.prompt.id == "lightmem_update"]


def test_delete_ends_the_earlier_entry_and_keeps_it(opened):
    handle = opened(deciding(lambda earlier, later: ("delete", PORTO, None) if earlier == LISBON else None))
    done = tell(handle, LISBON, PORTO)
    assert done.built[1].changed == {"close": 1}
    old, new = facts(handle)
    assert (old.text, old.valid_to) == (LISBON, new.valid_from) and now(handle) == [PORTO]
    assert edges(handle, SUPERSEDES) == {(new.id, old.id)}
    then = [memory.text for memory in handle.list(kinds=[FACT], as_of=MAY + timedelta(hours=1))]
    assert then == [LISBON]
    handle.undo(done.run)
    assert facts(handle) == []


def test_an_update_is_a_new_version_that_is_embedded_anew_and_found_by_its_new_words(opened):
    chat = deciding(lambda earlier, later: ("update", GREY, BOTH) if earlier == CAT else None)
    handle = opened(chat)
    tell(handle, CAT, GREY)
    (fact,) = facts(handle)
    assert (fact.text, fact.version) == (BOTH, 2) and len(fact.sources) == 2
    assert [version.text for version in handle.history(fact.id)] == [CAT, BOTH]
    (absorbed,) = facts(handle, "retired")
    assert absorbed.text == GREY and edges(handle, ABSORBS) == {(fact.id, absorbed.id)}
    with handle._parts.store.read(handle.scope) as reader:
        (row,) = reader.rows_of([fact.id]).values()
        stored = reader.vectors_of(handle._parts.model, view_of(layer_of(FACT)), np.array([row], dtype=np.int64))
    assert np.allclose(stored.vectors[0], FakeEmbedder(256).embed_query(BOTH), atol=1e-3)


def test_a_later_entry_that_says_it_all_takes_the_place_of_the_earlier(opened):
    handle = opened(deciding(lambda earlier, later: ("update", MISTY, MISTY) if earlier == CAT else None))
    tell(handle, CAT, MISTY)
    assert now(handle) == [MISTY]
    assert {fact.text for fact in facts(handle, state=None)} == {CAT, MISTY}


@pytest.mark.parametrize(
    "text",
    ["Ana has 17 grey cats.", "Ana has a grey cat that Zoltan sold.", "Ana has a cat.", None],
    ids=["a number more", "a name more", "not the later one's", "none"],
)
def test_a_wording_that_does_not_hold_both_changes_nothing(opened, text):
    handle = opened(deciding(lambda earlier, later: ("update", GREY, text) if earlier == CAT else None))
    tell(handle, CAT, "The bird of Ana is grey and sings.")
    assert now(handle) == [CAT, "The bird of Ana is grey and sings."]


@pytest.mark.parametrize(
    ("earlier", "later", "action"),
    [("Ana has 2 cats.", "Ana has 3 cats.", "update"), ("Ana likes her cat.", "Ben likes his cat.", "delete")],
)
def test_a_veto_stands_above_the_model(opened, earlier, later, action):
    handle = opened(deciding(lambda *_: (action, later, f"{earlier[:-1]} and {later}")))
    tell(handle, earlier, later)
    assert now(handle) == [earlier, later]


def test_only_later_entries_update_earlier_ones(opened):
    chat = deciding(lambda earlier, later: ("delete", later[0], None))
    handle = opened(chat)
    tell(handle, PORTO, day=9)
    tell(handle, LISBON, day=2)  # told afterwards, about before
    ((earlier, later),) = entries(sleeping(chat)[0])
    assert (earlier, later) == (LISBON, [PORTO])
    assert now(handle) == [PORTO]


def test_each_entry_is_asked_about_once_and_nothing_is_asked_twice(opened):
    chat = deciding(lambda earlier, later: None)
    handle = opened(chat)
    tell(handle, CAT, MISTY, GREY)
    asked = [entry for request in sleeping(chat) for entry in entries(request)]
    assert len(sleeping(chat)) == 1 and asked == [(CAT, [MISTY, GREY]), (MISTY, [GREY])]
    assert handle.consolidate().run is None and len(sleeping(chat)) == 1
    tell(handle, BOTH, day=20)
    assert entries(sleeping(chat)[1]) == [(CAT, [BOTH]), (MISTY, [BOTH]), (GREY, [BOTH])]


def test_what_was_changed_in_a_run_is_left_to_the_next(opened, monkeypatch):
    monkeypatch.setattr(asking, "MOST_TARGETS", 1)
    monkeypatch.setattr("agentmem.structures.lightmem.sleep._AT_ONCE", 1)
    chat = deciding(lambda earlier, later: ("update", GREY, BOTH) if (earlier, GREY in later) == (CAT, True) else None)
    handle = opened(chat)
    purring = "The grey cat of Ana purrs."
    tell(handle, CAT, GREY, purring)
    asked = [earlier for request in sleeping(chat) for earlier, _later in entries(request)]
    assert asked == [CAT]  # the second went into the first: it is not asked about
    assert now(handle) == [BOTH, purring]
    handle.consolidate()
    assert entries(sleeping(chat)[-1]) == [(BOTH, [purring])]
    assert handle.consolidate().run is None


def test_all_is_decided_on_the_entries_as_they_were_at_the_start(opened):
    chat = deciding(lambda earlier, later: ("delete", PORTO, None) if earlier == LISBON else None)
    handle = opened(chat)
    tell(handle, LISBON, PORTO, "Ana lives in Braga.")
    assert len(sleeping(chat)) == 1
    assert now(handle) == [PORTO, "Ana lives in Braga."]


@pytest.mark.parametrize(
    "reply",
    [
        {"decisions": []},
        {"decisions": [{"entry": 0, "reasoning": "r", "action": "merge"}]},
        {
            "decisions": [
                {"entry": 0, "reasoning": "r", "action": "delete"},
                {"entry": 0, "reasoning": "r", "action": "ignore"},
            ]
        },
        {"decisions": [{"entry": 7, "reasoning": "r", "action": "delete"}]},
    ],
    ids=["nothing", "another word", "both", "another entry"],
)
def test_a_reply_that_decides_nothing_is_asked_for_again(opened, reply):
    chat = ScriptedChat({"lightmem_facts": told, "lightmem_update": json.dumps(reply)})
    handle = opened(chat)
    done = tell(handle, LISBON, PORTO)
    assert len(done.failures) == 1 and not done.done and now(handle) == [LISBON, PORTO]


def test_a_failure_concerns_only_what_it_was_asked_about(opened, monkeypatch):
    monkeypatch.setattr(asking, "MOST_TARGETS", 1)
    good = deciding(lambda earlier, later: ("delete", PORTO, None) if earlier == LISBON else None)

    def say(request):
        return LLMUnavailable("away") if "cat" in request.prompt.user else good.reply(request)

    handle = opened(ScriptedChat({"lightmem_facts": told, "lightmem_update": say}), threshold=0.55)
    done = tell(handle, LISBON, PORTO, CAT, MISTY)
    assert len(done.failures) == 1 and done.built[1].waiting == 2
    assert now(handle) == [PORTO, CAT, MISTY]


def test_a_spent_budget_leaves_the_rest_for_next_time(opened, monkeypatch):
    monkeypatch.setattr(asking, "MOST_TARGETS", 1)
    chat = deciding(lambda earlier, later: ("delete", later[0], None) if earlier in (LISBON, CAT) else None)
    handle = opened(chat, threshold=0.55)
    stopped = tell(handle, LISBON, PORTO, CAT, MISTY, budget=Budget(calls=2))
    assert stopped.built[1].stopped and not stopped.failures
    assert stopped.built[1].changed == {"close": 1} and stopped.built[1].waiting == 2
    assert handle.consolidate(max_retired=1.0).done and len(sleeping(chat)) == 2
    assert now(handle) == [PORTO, MISTY]


def test_a_prompt_holds_as_many_entries_as_fit(opened):
    chat = deciding(lambda earlier, later: None)
    handle = opened(chat, threshold=0.5)
    tell(handle, *[f"Ana saw otter number{n} at the river." for n in range(30)])
    asked = [entry for request in sleeping(chat) for entry in entries(request)]
    told = [fact.text for fact in facts(handle)]
    assert len(asked) > asking.MOST_TARGETS
    for request in sleeping(chat):  # several at once, in any order; in each, entries in order of time
        places = [told.index(earlier) for earlier, _later in entries(request)]
        assert places == sorted(places)
    assert max(len(entries(request)) for request in sleeping(chat)) <= asking.MOST_TARGETS
    assert max(len(later) for _earlier, later in asked) <= 10


def test_rules_decide_without_a_model(opened):
    handle = opened(threshold=0.3)
    tell(handle, LISBON, PORTO, CAT)
    assert now(handle) == [PORTO, CAT]


@pytest.mark.parametrize("thinking", [False, True], ids=["rules", "model"])
def test_it_works_without_an_embedding_model(opened, thinking):
    chat = deciding(lambda earlier, later: ("delete", PORTO, None) if earlier == LISBON else None)
    handle = opened(chat if thinking else None, embedder="none")
    assert tell(handle, LISBON, PORTO, CAT).done
    assert now(handle) == [PORTO, CAT]


def test_what_ended_an_entry_is_forgotten_and_it_is_true_again(opened):
    handle = opened(deciding(lambda earlier, later: ("delete", PORTO, None) if earlier == LISBON else None))
    tell(handle, LISBON, PORTO)
    (later,) = (fact.id for fact in facts(handle) if fact.text == PORTO)
    handle.forget(ids=[later], compact=False)
    assert now(handle) == [LISBON]


def test_what_went_into_an_update_is_forgotten_and_the_rest_comes_back(opened):
    handle = opened(deciding(lambda earlier, later: ("update", GREY, BOTH) if earlier == CAT else None))
    tell(handle, CAT, GREY)
    (grey,) = (chunk.id for chunk in handle.list(kinds=["chunk"]) if chunk.text == GREY)
    handle.forget(ids=[grey], compact=False)
    assert facts(handle, state=None) == []
    assert handle.consolidate().done and now(handle) == [CAT]


def test_the_threshold_of_the_papers_scripts_is_the_default():
    assert LightMemSleep().threshold == 0.8 and LightMemSleep().queue == 10
    assert LightMemSleep().name == "lightmem-sleep" != LightMemSleep(threshold=0.9).name
    assert LightMemSleep().reads == (FACT,) and LightMemSleep().kinds == ()


def test_a_queue_for_nothing_is_refused():
    with pytest.raises(InvalidInput, match="at least 1 earlier"):
        LightMemSleep(queue=0)
