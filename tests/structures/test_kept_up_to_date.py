"""Mem0 and Keep-Me-Updated: what becomes of a fact when a newer one comes. Real stores, scripted words."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmem import AgentMemory, Message
from agentmem.errors import InvalidInput, LLMUnavailable
from agentmem.ids import MEMORY, new_id
from agentmem.kinds import ABSORBS, FACT, SUMMARISES, SUPERSEDES
from agentmem.models.chat.budget import Budget
from agentmem.operations import Close, Retire
from agentmem.recipes.recipe import Recipe
from agentmem.structures.beliefs import Beliefs
from agentmem.structures.keep_me_updated import KeepMeUpdated
from agentmem.structures.mem0 import Mem0
from agentmem.testing import FakeClock, FakeEmbedder
from agentmem.testing.chat import ScriptedChat
from agentmem.types import Memory, Source
from agentmem.updating.decision import Decision, Pair
from agentmem.updating.vocabularies import KeepMeUpdated as Word
from agentmem.updating.vocabularies import from_keep_me_updated

MAY = datetime(2025, 5, 1, 9, tzinfo=UTC)
_LINE = re.compile(r"\[(\d+)\] (?:(\w+): )?(.*)")


def facts_said(request):
    """Every line is a fact, in its own words."""
    lines = filter(None, map(_LINE.fullmatch, request.prompt.variables["text"].splitlines()))
    return json.dumps(
        {"facts": [{"text": line[3], "subject": line[3].split()[0], "source": [int(line[1])]} for line in lines]}
    )


def events(*decisions):
    """A reply of the second call of Mem0: (fact, event, memory, text)."""
    keys = ("fact", "event", "memory", "text")
    return json.dumps({"decisions": [{"reasoning": "r", **dict(zip(keys, one, strict=True))} for one in decisions]})


def operations(*words):
    return json.dumps({"verdicts": [{"pair": n, "reasoning": "r", "operation": word} for n, word in enumerate(words)]})


@pytest.fixture
def opened(tmp_path):
    stores = []

    def open_it(structure, llm=None, embedder=None):
        recipe = Recipe("under-test", "the structure alone", structures=(structure,))
        model = embedder or FakeEmbedder()
        stores.append(
            AgentMemory.open(
                tmp_path / "memory.db",
                recipe=recipe,
                llm=llm,
                embedder=model,
                clock=FakeClock(MAY + timedelta(days=60)),
            )
        )
        return stores[-1].scope("a")

    yield open_it
    for store in stores:
        store.close()


def talk(handle, day, *texts, speaker="Ana"):
    """A session of a day, and what it leads to."""
    at = MAY + timedelta(days=day)
    ids = handle.add(
        [
            Message(text, speaker=speaker, session=f"s{day}", at=at + timedelta(minutes=n))
            for n, text in enumerate(texts)
        ]
    ).ids
    return ids, handle.consolidate()


def now(handle):
    """The facts that are believed, in order of time."""
    return [memory.text for memory in facts(handle) if memory.valid_to is None]


def facts(handle, state="active"):
    return list(handle.list(kinds=[FACT], state=state, limit=1_000))


def then(handle, day):
    return [memory.text for memory in handle.list(kinds=[FACT], as_of=MAY + timedelta(days=day, hours=1))]


def edges(handle, kind):
    with handle._parts.store.read(handle.scope) as reader:
        return {(edge.source, edge.target) for edge in reader.edges_of(kind)}


LISBON = "Ana lives in Lisbon."
PORTO = "Ana lives in Porto."
CAT = "Ana has a cat."
MISTY = "Ana has a cat named Misty."


class TestMem0:
    def scripted(self, *replies):
        return ScriptedChat({"mem0_facts": facts_said, "mem0_update": list(replies)})

    def test_two_calls_for_some_turns_the_second_only_if_something_is_known(self, opened):
        chat = self.scripted(events(), events())
        handle = opened(lambda: Mem0(turns=2), chat)
        talk(handle, 0, LISBON, CAT)
        assert [request.prompt.id for request in chat.requests] == ["mem0_facts"]
        talk(handle, 1, "Ana plays the piano.", "Ana knows Luis.", "Ana paints.")
        asked = [request.prompt.id for request in chat.requests[1:]]
        assert sorted(asked) == ["mem0_facts", "mem0_facts", "mem0_update", "mem0_update"]
        assert len(now(handle)) == 5

    def test_the_second_call_shows_small_numbers_and_the_nearest_few_facts(self, opened):
        chat = self.scripted(events())
        handle = opened(lambda: Mem0(similar=2), chat)
        talk(handle, 0, LISBON, CAT, "Ben paints boats.", "Luis sings.")
        talk(handle, 1, "Ana has a dog.")
        shown = chat.requests[-1].prompt.variables
        assert shown["memories"].startswith("[0] (2025-05-01) Ana has a cat.") and "[1]" in shown["memories"]
        assert len(shown["memories"].splitlines()) == 2 and shown["facts"] == "[0] (2025-05-02) Ana has a dog."
        assert not any(memory.id in shown["memories"] for memory in facts(handle))

    def test_add_and_what_is_not_mentioned_stand_beside_the_rest(self, opened):
        handle = opened(Mem0, self.scripted(events((0, "ADD", None, None)), events((7, "DELETE", 0, None))))
        talk(handle, 0, LISBON)
        talk(handle, 1, CAT)
        talk(handle, 2, "Ana plays the piano.")
        assert now(handle) == [LISBON, CAT, "Ana plays the piano."]

    def test_none_puts_the_repetition_behind_what_says_it(self, opened):
        handle = opened(Mem0, self.scripted(events((0, "NONE", 0, None))))
        talk(handle, 0, CAT)
        talk(handle, 1, "A cat is what Ana has.")
        assert now(handle) == [CAT]
        [repeated] = facts(handle, "retired")
        assert edges(handle, ABSORBS) == {(facts(handle)[0].id, repeated.id)}

    def test_delete_ends_the_older_and_nothing_is_lost(self, opened):
        handle = opened(Mem0, self.scripted(events((0, "DELETE", 0, None))))
        talk(handle, 0, LISBON)
        _ids, done = talk(handle, 10, PORTO)
        assert now(handle) == [PORTO] and then(handle, 5) == [LISBON] and then(handle, 11) == [PORTO]
        assert len(edges(handle, SUPERSEDES)) == 1 and facts(handle, "retired") == []
        handle.undo(done.run)
        assert now(handle) == [LISBON]

    def test_update_makes_one_memory_of_both_and_either_can_be_forgotten(self, opened):
        both = "Ana has a cat named Misty and she sleeps on the piano."
        handle = opened(Mem0, self.scripted(events((0, "UPDATE", 0, both))))
        talk(handle, 0, MISTY)
        [second], _done = talk(handle, 10, "Misty, Ana's cat, sleeps on the piano.")
        assert now(handle) == [both] and then(handle, 5) == [MISTY]
        merged = next(memory for memory in facts(handle) if memory.text == both)
        assert {source.session for source in merged.sources} == {"s0", "s10"}
        assert len(edges(handle, SUMMARISES)) == 2
        assert [hit.text for hit in handle.retrieve("cat on the piano", kinds=[FACT], k=5)] == [both]
        handle.forget(ids=[second], compact=False)
        assert now(handle) == [MISTY] and not any("piano" in memory.text for memory in facts(handle, None))

    def test_the_older_part_of_an_update_can_be_forgotten_too(self, opened):
        both = "Ana has a cat named Misty and she sleeps on the piano."
        handle = opened(Mem0, self.scripted(events((0, "UPDATE", 0, both))))
        [first], _done = talk(handle, 0, MISTY)
        talk(handle, 10, "Misty, Ana's cat, sleeps on the piano.")
        handle.forget(ids=[first], compact=False)
        assert now(handle) == ["Misty, Ana's cat, sleeps on the piano."]

    @pytest.mark.parametrize("text", [PORTO, None, "Ana lives in Porto, Berlin and 3 other cities.", ""])
    def test_an_update_that_would_merge_what_differs_ends_the_older(self, opened, text):
        handle = opened(Mem0, self.scripted(events((0, "UPDATE", 0, text))))
        talk(handle, 0, LISBON)
        talk(handle, 10, PORTO)
        assert now(handle) == [PORTO] and then(handle, 5) == [LISBON]

    def test_an_update_in_the_new_words_takes_the_place_of_the_older(self, opened):
        handle = opened(Mem0, self.scripted(events((0, "UPDATE", 0, None))))
        talk(handle, 0, CAT)
        talk(handle, 10, MISTY)
        assert now(handle) == [MISTY]
        ended = [memory.text for memory in facts(handle) if memory.valid_to is not None]
        assert ended == [CAT] and facts(handle, "retired") == []

    def test_of_several_fates_of_a_memory_the_first_counts(self, opened):
        said = events((0, "DELETE", 0, None), (1, "UPDATE", 0, "Ana lives in Lisbon and in Faro."))
        handle = opened(Mem0, self.scripted(said))
        talk(handle, 0, LISBON)
        talk(handle, 10, PORTO, "Ana lives in Faro.")
        assert now(handle) == [PORTO, "Ana lives in Faro."]

    @pytest.mark.parametrize("event", ["DELETE", "UPDATE", "NONE"])
    def test_what_is_about_somebody_else_is_left_alone(self, opened, event):
        handle = opened(Mem0, self.scripted(events((0, event, 0, "Ben lives in Porto."))))
        talk(handle, 0, LISBON)
        talk(handle, 10, "Ben lives in Porto.", speaker="Ben")
        assert now(handle) == [LISBON, "Ben lives in Porto."]

    def test_what_is_told_late_about_long_ago_ends_nothing(self, opened):
        handle = opened(Mem0, self.scripted(events((0, "DELETE", 0, None))))
        talk(handle, 10, PORTO)
        talk(handle, 0, LISBON)
        assert now(handle) == [LISBON, PORTO]

    def test_facts_that_their_lines_do_not_support_are_quarantined_and_decide_nothing(self, opened):
        told = json.dumps({"facts": [{"text": "Ana owns 14 helicopters in Tokyo.", "source": [0]}]})
        handle = opened(Mem0, ScriptedChat({"mem0_facts": [facts_said(_request(LISBON)), told]}))
        talk(handle, 0, LISBON)
        _ids, done = talk(handle, 1, "Ana likes tea.")
        assert not done.failures and now(handle) == [LISBON]
        assert len(facts(handle, "quarantined")) == 1

    @pytest.mark.parametrize("fault", [LLMUnavailable("away"), events((0, "KEEP", 0, None))])
    def test_a_session_that_fails_is_left_whole_and_the_next_goes_on(self, opened, fault):
        handle = opened(Mem0, self.scripted(fault, events((0, "ADD", None, None)), events((0, "DELETE", 0, None))))
        talk(handle, 0, LISBON)
        at = MAY + timedelta(days=9)
        handle.add([Message(PORTO, speaker="Ana", session="s9", at=at)])
        _ids, done = talk(handle, 10, CAT)
        assert now(handle) == [LISBON, CAT] and len(done.failures) == 1 and not done.done
        assert {memory.text for memory in facts(handle, None)} == {LISBON, CAT}
        handle.retry(dead_only=False)
        assert handle.consolidate().done and now(handle) == [PORTO, CAT]

    def test_a_spent_budget_leaves_the_rest_for_later(self, opened):
        chat = self.scripted(events((0, "DELETE", 0, None)))
        handle = opened(Mem0, chat)
        talk(handle, 0, LISBON)
        handle.add([Message(PORTO, speaker="Ana", session="s10", at=MAY + timedelta(days=10))])
        assert not handle.consolidate(budget=Budget(calls=1)).done and now(handle) == [LISBON]
        assert handle.consolidate(budget=Budget(calls=1)).done and now(handle) == [PORTO]
        assert sum(request.prompt.id == "mem0_facts" for request in chat.requests) == 2

    def test_windows_of_one_session_see_what_those_before_them_decided(self, opened):
        chat = self.scripted(events((0, "DELETE", 0, None)))
        handle = opened(lambda: Mem0(turns=1), chat)
        talk(handle, 0, LISBON, PORTO)
        assert now(handle) == [PORTO]

    def test_without_a_model_rules_decide(self, opened):
        handle = opened(Mem0)
        talk(handle, 0, "I live in Lisbon.", "I have a cat named Misty.")
        talk(handle, 10, "I live in Porto now.", "I have a cat named Misty.")
        assert [text for text in now(handle) if "live" in text] == ["Ana lives in Porto now."]
        assert sum("Misty" in text for text in now(handle)) == 1

    @pytest.mark.parametrize("wrong", [{"turns": 0}, {"similar": 0}])
    def test_limits_are_checked(self, wrong):
        with pytest.raises(InvalidInput):
            Mem0(**wrong)

    def test_its_name_says_what_it_makes(self):
        assert Mem0().name == "mem0" and Mem0(turns=2).name == "mem0:2,5"


def _request(*lines):
    text = "\n".join(f"[{n}] Ana: {line}" for n, line in enumerate(lines))
    prompt = type("P", (), {"variables": {"text": text}})()
    return type("R", (), {"prompt": prompt})()


class TestKeepMeUpdated:
    def scripted(self, *replies):
        return ScriptedChat({"session_sentences": facts_said, "keep_me_updated": list(replies)})

    def test_the_example_of_the_paper(self, opened):
        """Not tested yet, then tested positive: the newer is kept."""
        handle = opened(KeepMeUpdated, self.scripted(operations("REPLACE")))
        talk(handle, 0, "Ana has not been tested for COVID-19 yet.")
        talk(handle, 10, "Ana tested positive for COVID-19.")
        assert now(handle) == ["Ana tested positive for COVID-19."]
        assert then(handle, 5) == ["Ana has not been tested for COVID-19 yet."]

    def test_what_is_over_and_its_end_both_go(self, opened):
        """An illness, then recovery: neither need be remembered."""
        handle = opened(KeepMeUpdated, self.scripted(operations("DELETE")))
        talk(handle, 0, "Ana has a bad cold.")
        talk(handle, 10, "Ana has recovered from her cold.")
        assert now(handle) == [] and then(handle, 5) == ["Ana has a bad cold."]
        assert [memory.text for memory in facts(handle, "retired")] == ["Ana has recovered from her cold."]

    def test_by_rules_too(self, opened):
        handle = opened(KeepMeUpdated)
        talk(handle, 0, "I have a bad cold.", "I live in Lisbon.")
        talk(handle, 10, "I have recovered from the cold.", "I live in Porto now.")
        assert now(handle) == ["Ana lives in Porto now."]

    def test_pass_keeps_the_memory_and_append_both(self, opened):
        handle = opened(KeepMeUpdated, self.scripted(operations("PASS"), operations("APPEND")))
        talk(handle, 0, MISTY)
        talk(handle, 1, "Misty is the name of the cat that Ana has.")
        assert now(handle) == [MISTY]
        talk(handle, 2, "Ana likes cats.")
        assert now(handle) == [MISTY, "Ana likes cats."]

    def test_only_similar_pairs_are_asked_about_several_at_once(self, opened):
        chat = self.scripted(operations("APPEND"))
        handle = opened(KeepMeUpdated, chat)
        talk(handle, 0, MISTY, "Ben paints boats.")
        talk(handle, 1, "Ana has a dog named Rex.", "Luis sings in Faro.")
        [asked] = [request for request in chat.requests if request.prompt.id == "keep_me_updated"]
        assert asked.prompt.variables["pairs"].splitlines() == [
            "new: (2025-05-02) Ana has a dog named Rex.",
            f"  [0] memory: (2025-05-01) {MISTY}",
        ]

    @pytest.mark.parametrize("reply", [operations(), '{"verdicts": [%s]}'])
    def test_a_pair_without_a_clear_verdict_is_kept_whole(self, opened, reply):
        both = ",".join(json.dumps({"pair": 0, "reasoning": "", "operation": word}) for word in ("PASS", "DELETE"))
        handle = opened(KeepMeUpdated, self.scripted(reply % both if "%s" in reply else reply))
        talk(handle, 0, CAT)
        talk(handle, 1, MISTY)
        assert now(handle) == [CAT, MISTY]

    def test_a_failure_leaves_the_session_for_a_retry(self, opened):
        handle = opened(KeepMeUpdated, self.scripted(LLMUnavailable("away"), operations("REPLACE")))
        talk(handle, 0, LISBON)
        _ids, done = talk(handle, 10, PORTO)
        assert done.failures and now(handle) == [LISBON]
        handle.retry(dead_only=False)
        assert handle.consolidate().done and now(handle) == [PORTO]

    def test_without_a_model_a_session_becomes_a_few_statements(self, opened):
        handle = opened(lambda: KeepMeUpdated(words=20))
        talk(handle, 0, *(f"I told Luis about the boat number {n} on the Douro." for n in range(30)))
        assert 1 <= len(now(handle)) <= 3
        with pytest.raises(InvalidInput):
            KeepMeUpdated(words=0)


def fact(number, day):
    at = MAY + timedelta(days=day)
    source = Source("e", 0, 1)
    return Memory(new_id(MEMORY), 1, FACT, f"thing {number}", at, at, None, at, speaker="Ana", sources=(source,))


@settings(max_examples=200)
@given(st.data())
def test_what_is_left_is_what_the_paper_leaves(data):
    """``M' = (M u S)`` minus all that any pair marked, by a naive loop.

    Nothing has two fates at once here: what is passed for one memory and ends another does one of the two, and of two
    sentences that end a memory one does. So never more is removed, and exactly the same where there is no such clash.
    """
    count = st.integers(1, 4)
    older = [fact(n, n) for n in range(data.draw(count))]
    newer = [fact(10 + n, 10 + n) for n in range(data.draw(count))]
    words = {(m.id, s.id): data.draw(st.sampled_from(Word)) for m in older for s in newer}
    removed = {
        id
        for (m, s), word in words.items()
        for id in {Word.PASS: [s], Word.REPLACE: [m], Word.APPEND: [], Word.DELETE: [m, s]}[word]
    }
    beliefs = Beliefs(None, {memory.id: memory for memory in (*older, *newer)})
    pairs = [Pair(m, s) for m in older for s in newer]
    rulings = [(p, Decision(from_keep_me_updated(words[p.older.id, p.newer.id]))) for p in pairs]
    operations = beliefs.settle(rulings)
    gone = {operation.id for operation in operations if isinstance(operation, Close | Retire)}
    assert gone <= removed
    ended = {m.id: [s.id for s in newer if words[m.id, s.id] in (Word.REPLACE, Word.DELETE)] for m in older}
    if Word.PASS not in words.values():
        assert {m.id for m in older} & gone == {m.id for m in older} & removed
        if all(len(by) <= 1 for by in ended.values()):
            assert gone == removed
    assert {id for id, memory in beliefs.memories.items() if memory.valid_to is None} == (
        {memory.id for memory in (*older, *newer)} - gone
    )
