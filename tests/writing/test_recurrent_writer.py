"""Writing with RecurrentGPT's memories: what each step is shown, who chooses, and going on after whatever happened."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from agentmem import AgentMemory
from agentmem.errors import InvalidInput, LLMError, LLMUnavailable, MalformedReply, RefConflict
from agentmem.testing import FakeEmbedder
from agentmem.testing.chat import ScriptedChat
from agentmem.writing import RecurrentWriter

BRIEF = "A keeper and her lighthouse."


def written(request):
    """A paragraph in the words of its plan."""
    plan = request.prompt.variables["instruction"]
    return json.dumps({"paragraph": f"It came to pass: {plan}", "plans": [f"{plan} a", f"{plan} b", f"{plan} c"]})


def chosen(request):
    plans = request.prompt.variables["plans"].splitlines()
    return json.dumps({"reasoning": "r", "number": 1, "instruction": plans[1].partition("] ")[2] + "!"})


def remembered(request):
    memory, text = request.prompt.variables["memory"], request.prompt.variables["text"]
    return json.dumps({"reasoning": "all of it matters", "text": f"{memory}\n{text}".strip()})


WORDS = {"recurrent_write": written, "recurrent_choose": chosen, "recurrent_memory": remembered}


class Desk:
    """A database that can be closed at any time, as a process that is killed leaves it, and opened again."""

    def __init__(self, path, clock):
        self.path, self.clock, self.store = path, clock, None

    def writer(self, chat, recipe="recurrentgpt", **settings):
        self.close()
        self.store = AgentMemory.open(self.path, embedder=FakeEmbedder(), clock=self.clock, recipe=recipe, llm=chat)
        self.memory = self.store.scope("acme")
        return RecurrentWriter(self.memory, chat, work="tale", brief=BRIEF, **settings)

    def close(self):
        if self.store is not None:
            self.store.close()


@pytest.fixture
def desk(database, clock):
    found = Desk(database, clock)
    yield found
    found.close()


def asked(chat, prompt):
    return [request.prompt.variables for request in chat.requests if request.prompt.id == prompt]


def test_a_step_follows_the_plan_that_was_chosen_and_is_remembered(desk, clock):
    chat = ScriptedChat(WORDS)
    writer = desk.writer(chat)
    assert writer.paragraphs == () and writer.short_term == "" and writer.reason == ""
    for _ in range(4):
        writer.step()
        clock.advance(timedelta(minutes=1))
    plans = [BRIEF, f"{BRIEF} b!", f"{BRIEF} b! b!", f"{BRIEF} b! b! b!"]
    assert [one.instruction for one in writer.paragraphs] == plans
    assert [one.step for one in writer.paragraphs] == [1, 2, 3, 4]
    assert writer.paragraphs[0].plans == tuple(f"{BRIEF} {letter}" for letter in "abc")
    texts = [one.text for one in writer.paragraphs]
    assert writer.short_term == "\n".join(texts)
    assert writer.reason == "all of it matters"
    last = asked(chat, "recurrent_write")[-1]
    assert last["previous"] == texts[2] and last["memory"] == "\n".join(texts[:3]) and last["brief"] == BRIEF
    assert sorted(last["related"].split("\n\n")) == sorted(texts[:2])  # two, and not the one that is shown anyway
    assert len(asked(chat, "recurrent_choose")) == 3 and len(asked(chat, "recurrent_memory")) == 4


def test_a_person_can_choose(desk):
    seen = []

    def choose(last, short_term):
        seen.append((last.step, short_term))
        return f"  {last.plans[2]}, with gulls "

    chat = ScriptedChat({key: said for key, said in WORDS.items() if key != "recurrent_choose"})
    writer = desk.writer(chat, choose=choose)
    assert writer.write(2)[1].instruction == f"{BRIEF} c, with gulls"
    assert seen == [(1, writer.paragraphs[0].text)]
    with pytest.raises(InvalidInput, match="choose="):
        desk.writer(chat, choose=lambda *_: " ").step()


class Killed(Exception):
    """The process ends here."""


@pytest.mark.parametrize("prompt", ["recurrent_choose", "recurrent_write", "recurrent_memory"])
def test_killed_anywhere_it_goes_on_where_it_was(desk, prompt):
    def die(_request):
        raise Killed

    desk.writer(ScriptedChat(WORDS)).write(2)
    with pytest.raises(Killed):
        desk.writer(ScriptedChat({**WORDS, prompt: die})).step()
    again = ScriptedChat(WORDS)
    writer = desk.writer(again)
    there = 3 if prompt == "recurrent_memory" else 2  # killed after it was written, or before
    assert len(writer.paragraphs) == there
    writer.write(4 - there)
    assert [one.step for one in writer.paragraphs] == [1, 2, 3, 4]
    assert writer.short_term.splitlines() == [one.text for one in writer.paragraphs]


def test_it_is_the_same_text_whether_or_not_it_was_broken_off(desk, tmp_path, clock):
    desk.writer(ScriptedChat(WORDS)).write(2)
    broken_off = desk.writer(ScriptedChat(WORDS)).write(2)
    other = Desk(tmp_path / "other.db", clock)
    assert other.writer(ScriptedChat(WORDS)).write(4)[2:] == broken_off
    other.close()


def test_what_cannot_be_read_is_asked_for_again_so_many_times(desk):
    good = json.dumps({"paragraph": "It began.", "plans": ["a", "b", "c"]})
    two_plans = json.dumps({"paragraph": "It began.", "plans": ["a", "b"]})
    chat = ScriptedChat({**WORDS, "recurrent_write": ["no", "nor", two_plans, "no", good]})  # each try is repaired once
    assert desk.writer(chat).step().text == "It began." and len(asked(chat, "recurrent_write")) == 5
    chat = ScriptedChat({**WORDS, "recurrent_write": ["no"] * 4})
    with pytest.raises(MalformedReply):
        desk.writer(chat, tries=2).step()
    assert len(asked(chat, "recurrent_write")) == 4 and len(desk.memory.list(kinds=["chunk"])) == 1


def test_a_memory_that_cannot_be_rewritten_is_tried_again_and_the_paragraph_is_kept(desk):
    chat = ScriptedChat(
        {**WORDS, "recurrent_memory": ["no", "no", json.dumps({"reasoning": "r", "text": "It came to pass"})]}
    )
    assert desk.writer(chat).step().step == 1 and len(asked(chat, "recurrent_memory")) == 3
    with pytest.raises(LLMError, match="call step"):
        desk.writer(ScriptedChat({**WORDS, "recurrent_memory": LLMUnavailable("away")}), tries=2).step()
    writer = desk.writer(ScriptedChat(WORDS))
    assert len(writer.paragraphs) == 2
    desk.memory.retry(dead_only=False)
    assert writer.step().step == 3
    assert len(writer.short_term.splitlines()) == 3


def test_two_writers_at_once_do_not_write_the_same_paragraph(desk):
    def choose(_last, _short_term):
        RecurrentWriter(desk.memory, ScriptedChat(WORDS), work="tale", brief="Other", choose=lambda *_: "Storm").step()
        return "Calm"

    desk.writer(ScriptedChat(WORDS)).step()
    writer = desk.writer(ScriptedChat(WORDS), choose=choose)
    with pytest.raises(RefConflict):
        writer.step()
    assert [one.instruction for one in writer.paragraphs] == [BRIEF, "Storm"]


def test_works_in_one_scope_do_not_mix(desk):
    chat = ScriptedChat(WORDS)
    desk.writer(chat).write(2)
    other = RecurrentWriter(desk.memory, chat, work="log", brief="A ship.")
    other.write(2)
    assert [one.instruction for one in other.paragraphs] == ["A ship.", "A ship. b!"]
    assert "keeper" not in other.short_term


def test_what_is_forgotten_is_in_no_later_memory(desk):
    writer = desk.writer(
        ScriptedChat(WORDS), choose=lambda last, _memory: ["", "The gulls", "The storm", "The dawn"][last.step]
    )
    writer.write(3)
    gulls = next(one for one in desk.memory.list(kinds=["chunk"]) if "gulls" in one.text)
    desk.memory.forget(ids=[gulls.sources[0].episode])
    writer.step()
    assert "gulls" not in writer.short_term and len(writer.short_term.splitlines()) == 3
    assert [one.step for one in writer.paragraphs] == [1, 3, 4]


def test_a_store_without_the_recipe_is_refused_before_anything_is_asked(desk):
    desk.writer(ScriptedChat(WORDS)).step()
    chat = ScriptedChat(WORDS)
    with pytest.raises(InvalidInput, match="recurrentgpt"):
        desk.writer(chat, recipe="texts").step()
    assert chat.requests == []


@pytest.mark.parametrize("wrong", [{"work": " "}, {"brief": ""}, {"tries": 0}, {"related": 0}, {"llm": "none"}])
def test_what_cannot_be_is_refused(store, wrong):
    settings = {"llm": ScriptedChat(WORDS), "work": "tale", "brief": BRIEF, **wrong}
    with pytest.raises(InvalidInput):
        RecurrentWriter(store.scope("a"), settings.pop("llm"), **settings)
