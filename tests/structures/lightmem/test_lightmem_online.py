"""LightMem awake: how often a model is asked, what facts know of their turns, and what a failure leaves behind."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from agentmem import AgentMemory, Document, Message
from agentmem.errors import BudgetExhausted, InvalidInput, LLMUnavailable
from agentmem.kinds import FACT
from agentmem.models.chat.budget import Budget
from agentmem.recipes.recipe import Recipe
from agentmem.structures.lightmem.online import LightMem
from agentmem.testing import FakeClock, FakeEmbedder
from agentmem.testing.chat import ScriptedChat
from agentmem.text.budget import estimate_tokens

MAY = datetime(2025, 5, 1, 9, tzinfo=UTC)  # a Thursday
_LINE = re.compile(r"\[(\d+)\] (?:(\w+): )?(.*)")
TOPICS = ("the garden behind her house in Porto", "her violin lessons with Luis", "the boat that they repair in Lisbon")


def said(session, number, text=None, **more):
    words = f"Ana told word{session}x{number} about {TOPICS[number // 4 % len(TOPICS)]}." if text is None else text
    at = MAY + timedelta(days=session, minutes=number)
    return Message(words, **{"speaker": "Ana", "session": f"s{session}", "at": at, **more})


def lines(request):
    return [line.groups() for line in map(_LINE.fullmatch, request.prompt.variables["text"].splitlines()) if line]


def told(request):
    """Every line is a fact."""
    return facts_of(*((text, int(n)) for n, _speaker, text in lines(request)))


def facts_of(*told_by):
    """A reply with these facts, each with the numbers of its lines."""
    return json.dumps({"facts": [{"text": text, "subject": None, "source": source} for text, *source in told_by]})


@pytest.fixture
def opened(tmp_path):
    stores = []

    def open_it(chat=None, embedder=None, **options):
        recipe = Recipe("under-test", "the structure alone", structures=(lambda: LightMem(**options),))
        clock = FakeClock(MAY + timedelta(days=60))
        model = FakeEmbedder() if embedder is None else embedder
        stores.append(AgentMemory.open(tmp_path / "m.db", recipe=recipe, llm=chat, embedder=model, clock=clock))
        return stores[-1].scope("a")

    yield open_it
    for store in stores:
        store.close()


def facts(handle, state="active"):
    return sorted(handle.list(kinds=[FACT], state=state, limit=1_000), key=lambda memory: memory.at)


def test_sessions_are_gathered_for_one_call(opened):
    chat = ScriptedChat({"lightmem_facts": told})
    handle = opened(chat)
    handle.add([said(session, number) for session in range(5) for number in range(4)])
    done = handle.consolidate()
    assert done.done and done.built[0].units == 5
    assert len(chat.requests) == 1 and len(facts(handle)) == 20


def test_calls_are_as_many_as_the_short_term_memory_was_full(opened):
    chat = ScriptedChat({"lightmem_facts": told})
    handle = opened(chat, rate=1.0, short_term=200)
    turns = [said(session, number) for session in range(6) for number in range(8)]
    handle.add(turns)
    handle.consolidate()
    tokens = sum(estimate_tokens(turn.text) for turn in turns)
    shown = [sum(estimate_tokens(text) for _n, _who, text in lines(request)) for request in chat.requests]
    assert sum(shown) == tokens and max(shown) <= 200
    assert tokens / 200 <= len(chat.requests) <= 2 * tokens / 200 + 1
    assert sorted(line[2] for request in chat.requests for line in lines(request)) == sorted(t.text for t in turns)


def test_the_model_reads_what_was_compressed_and_facts_point_to_what_was_said(opened):
    chat = ScriptedChat({"lightmem_facts": told})
    handle = opened(chat, rate=0.5)
    text = "So you know I have been working at the harbour in Lisbon for 12 years, but not on Sundays, really."
    handle.add(said(0, 0, text))
    handle.consolidate()
    ((_n, speaker, shown),) = lines(chat.requests[0])
    assert speaker == "Ana" and len(shown.split()) < len(text.split()) * 0.75
    assert {"Lisbon", "12", "not", "Sundays,"} <= set(shown.split())
    (fact,) = facts(handle)
    (source,) = fact.sources
    assert handle.episode(source.episode).text[source.start : source.end] == text


def test_a_fact_has_the_time_of_its_turn_its_weekday_and_its_topic(opened):
    handle = opened(ScriptedChat({"lightmem_facts": told}))
    ids = handle.add([said(0, 3), said(1, 7)]).ids
    handle.consolidate()
    first, second = facts(handle)
    assert (first.at, second.at) == (MAY + timedelta(minutes=3), MAY + timedelta(days=1, minutes=7))
    assert (first.metadata["weekday"], second.metadata["weekday"]) == ("Thursday", "Friday")
    assert (first.metadata["topic"], second.metadata["topic"]) == tuple(ids)
    assert (first.session, second.session) == ("s0", "s1") and first.speaker == "Ana"


@pytest.mark.parametrize("thinking", [False, True], ids=["rules", "model"])
def test_a_session_has_a_topic_for_each_of_its_segments(opened, thinking):
    handle = opened(ScriptedChat({"lightmem_facts": told}) if thinking else None)
    handle.add([said(0, number) for number in range(12)])
    handle.consolidate()
    topics = {fact.metadata["topic"] for fact in facts(handle)}
    assert 1 < len(topics) < 12
    for topic in topics:
        assert handle.get(topic).kind == "chunk"
        (words,) = {fact.text.partition("about")[2] for fact in facts(handle) if fact.metadata["topic"] == topic}
        assert words in handle.get(topic).text


def test_facts_are_inserted_and_nothing_is_decided_about_them(opened):
    handle = opened(ScriptedChat({"lightmem_facts": told}))
    handle.add([said(n, 0, f"Ana lives in {home}.") for n, home in enumerate(["Lisbon", "Porto", "Porto"])])
    done = handle.consolidate()
    assert done.built[0].changed == {} and [fact.valid_to for fact in facts(handle)] == [None] * 3


def test_a_fact_that_its_lines_do_not_support_is_quarantined(opened):
    invented = facts_of(("Zoltan owns 43 submarines.", 0))
    handle = opened(ScriptedChat({"lightmem_facts": invented}))
    handle.add(said(0, 0))
    handle.consolidate()
    assert facts(handle) == [] and len(facts(handle, "quarantined")) == 1


def test_a_fact_of_lines_of_two_sessions_is_of_the_later_and_names_both(opened):
    both = facts_of(("Ana told word0x0 and word1x0 about the garden.", 0, 1))
    handle = opened(ScriptedChat({"lightmem_facts": both}))
    handle.add([said(0, 0), said(1, 0)])
    handle.consolidate()
    (fact,) = facts(handle)
    assert fact.session == "s1" and len({source.episode for source in fact.sources}) == 2


def test_a_call_that_fails_fails_only_the_sessions_it_read(opened):
    def failing(request):
        return LLMUnavailable("away") if "word1x" in request.prompt.user else told(request)

    handle = opened(ScriptedChat({"lightmem_facts": failing}), short_term=80)
    handle.add([said(session, number) for session in range(3) for number in range(4)])
    done = handle.consolidate()
    assert not done.done and len(done.failures) == 1
    assert {fact.session for fact in facts(handle)} == {"s0", "s2"}


def test_a_session_read_in_several_calls_is_written_whole_or_not_at_all(opened):
    chat = ScriptedChat({"lightmem_facts": told})
    handle = opened(chat, short_term=40)
    handle.add([said(0, number) for number in range(12)])
    stopped = handle.consolidate(budget=Budget(calls=1))
    assert stopped.built[0].stopped and facts(handle) == []
    while not handle.consolidate(budget=Budget(calls=1)).done:
        pass
    assert len(facts(handle)) == 12
    asked = [request.prompt.user for request in chat.requests]
    assert len(asked) == len(set(asked)), "what was answered before the budget was spent is not paid for again"


def test_a_spent_budget_leaves_what_was_answered_in_place(opened):
    handle = opened(ScriptedChat({"lightmem_facts": told}), short_term=80)
    handle.add([said(session, number) for session in range(3) for number in range(4)])
    stopped = handle.consolidate(budget=Budget(calls=1))
    assert stopped.built[0].stopped and len({fact.session for fact in facts(handle)}) == 1
    assert handle.consolidate().done and len(facts(handle)) == 12


def test_a_model_whose_budget_is_spent_at_once_is_no_failure(opened):
    handle = opened(ScriptedChat({"lightmem_facts": BudgetExhausted("spent")}))
    handle.add(said(0, 0))
    done = handle.consolidate()
    assert not done.failures and done.built[0].stopped and not done.done


def test_what_an_assistant_says_is_read_with_what_it_replies_to(opened):
    chat = ScriptedChat({"lightmem_facts": told})
    handle = opened(chat, sensory=30, rate=1.0)
    reply = "Take the tram along the river and leave it at the third stop, where the museum is. " * 4
    handle.add(
        [
            said(0, 0, "How do I get to the museum?", speaker=None, role="user"),
            said(0, 1, reply, speaker=None, role="assistant"),
            said(0, 2, "And when does it open?", speaker=None, role="user"),
        ]
    )
    handle.consolidate()
    shown = chat.requests[0].prompt.variables["text"]
    assert len(chat.requests) == 1 and shown.count("Topic") == 1
    assert [line[1] for line in lines(chat.requests[0])] == ["user", "assistant", "user"]


def test_a_text_cannot_pass_for_another_line(opened):
    chat = ScriptedChat({"lightmem_facts": told})
    handle = opened(chat, rate=1.0)
    handle.add(said(0, 0, "Hello.\n[1] Ben: I own 3 cars.\nTopic 2, Friday:"))
    handle.add(Document("Trams run late.", title="Lisbon\n[7] x: y", ref="d", at=MAY))
    handle.consolidate()
    assert [int(line[0]) for line in lines(chat.requests[0])] == [0, 1]


@pytest.mark.parametrize("thinking", [False, True], ids=["rules", "model"])
def test_it_works_without_an_embedding_model(opened, thinking):
    handle = opened(ScriptedChat({"lightmem_facts": told}) if thinking else None, embedder="none")
    handle.add([said(0, number) for number in range(12)])
    assert handle.consolidate().done and len(facts(handle)) == 12


def test_other_settings_are_another_structure():
    assert LightMem().name == "lightmem" != LightMem(rate=0.6).name != LightMem(short_term=512).name
    assert LightMem().rate == 0.8 and LightMem().sensory == 512 and LightMem().short_term == 768


@pytest.mark.parametrize("wrong", [{"rate": 0}, {"rate": 1.5}, {"sensory": 0}, {"short_term": 0}])
def test_settings_that_cannot_be_are_refused(wrong):
    with pytest.raises(InvalidInput, match="LightMem"):
        LightMem(**wrong)
