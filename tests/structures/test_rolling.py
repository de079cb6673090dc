"""The rolling summary: what a session adds to it, in which order, and what is left after a loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from agentmem.errors import BudgetExhausted, InvalidInput, LLMError, LLMUnavailable
from agentmem.ids import EPISODE, MEMORY, new_id
from agentmem.kinds import CHUNK, ROLLING, SUMMARISES
from agentmem.llm import Completion
from agentmem.operations import Add, Link, Retire
from agentmem.structures.rolling import RollingSummary
from agentmem.structures.structure import Models, Unit
from agentmem.text.budget import estimate_tokens
from agentmem.text.sentences import sentences
from agentmem.types import Episode, EpisodeKind, Memory, Source, State, Usage

START = datetime(2026, 5, 7, tzinfo=UTC)


@dataclass
class Recorder:
    """A model that answers by a function of the prompt's variables."""

    answer: Callable[[Mapping[str, str]], str | LLMError]
    asked: list[Mapping[str, str]] = field(default_factory=list)
    name: str = "recorder"

    def complete(self, prompt, schema):
        assert prompt.id == "rolling_summary"
        self.asked.append(prompt.variables)
        text = self.answer(prompt.variables)
        if isinstance(text, LLMError):
            raise text
        return Completion(schema(reasoning="because", text=text), Usage(llm_calls=1))

    def complete_many(self, prompts, schema):
        return [self.complete(prompt, schema) for prompt in prompts]


def adding(variables: Mapping[str, str]) -> str:
    return f"{variables['summary']} [{variables['session']}]".strip()


@dataclass
class Sessions:
    """A view on what was said and summarised."""

    all: dict[str, Memory] = field(default_factory=dict)
    links: set[tuple[str, str]] = field(default_factory=set)
    kept: dict = field(default_factory=dict)
    days: int = 0

    def memories(self, kind):
        return [memory for memory in self.all.values() if memory.kind == kind and memory.state == State.ACTIVE]

    def with_sources(self, memories):
        return memories

    def edges(self, kind):
        raise AssertionError("not needed")

    def vectors(self, memories):
        return np.zeros((len(memories), 0), dtype=np.float32)

    def session(self, name: str | None, *texts: str, kind: EpisodeKind = EpisodeKind.TURN, speaker="Ana") -> Unit:
        at = START + timedelta(days=self.days)
        self.days += 1
        episodes = [Episode(new_id(EPISODE), kind, text, at, at, session=name, speaker=speaker) for text in texts]
        chunks = [
            Memory(
                new_id(MEMORY),
                1,
                CHUNK,
                episode.text,
                at,
                at,
                None,
                at,
                session=name,
                speaker=speaker,
                sources=(Source(episode.id, 0, len(episode.text)),),
            )
            for episode in episodes
        ]
        self.all |= {chunk.id: chunk for chunk in chunks}
        return Unit(name, tuple(episodes), tuple(chunks))

    def run(self, *units: Unit, llm=None, structure=RollingSummary()):  # noqa: B008
        done = []
        for proposal in structure.propose(units, self, Models(llm, None, estimate_tokens)):
            for operation in proposal.operations:
                match operation:
                    case Add(memory):
                        self.all[memory.id] = memory
                    case Link(edge):
                        assert edge.kind == SUMMARISES and {edge.source, edge.target} <= self.all.keys()
                        self.links.add((edge.source, edge.target))
                    case Retire(id, expected):
                        assert self.all[id].version == expected
                        self.all[id] = replace(self.all[id], state=State.RETIRED)
                    case _:
                        raise AssertionError(operation)
            done.append(proposal)
        return done

    def forget(self, id: str) -> None:
        gone = {id}
        while more := {source for source, target in self.links if target in gone} - gone:
            gone |= more
        self.all = {id: memory for id, memory in self.all.items() if id not in gone}
        self.links = {pair for pair in self.links if not gone & set(pair)}

    @property
    def current(self) -> Memory:
        [memory] = self.memories(ROLLING)
        return memory

    def below(self, memory: Memory) -> list[Memory]:
        return [self.all[target] for source, target in self.links if source == memory.id]


def test_each_session_makes_the_next_summary_of_the_last_and_retires_it() -> None:
    view = Sessions()
    llm = Recorder(adding)
    first, second = view.session("s1", "I like tea.", "And cake."), view.session("s2", "Now coffee.")
    proposals = view.run(first, second, llm=llm)
    assert [proposal.units for proposal in proposals] == [(first,), (second,)]
    assert view.current.text == "[Ana: I like tea.\nAna: And cake.] [Ana: Now coffee.]"
    assert [asked["summary"] for asked in llm.asked] == ["", "[Ana: I like tea.\nAna: And cake.]"]
    assert [asked["date"] for asked in llm.asked] == ["07 May 2026", "08 May 2026"]
    assert [memory.text for memory in view.all.values() if memory.state == State.RETIRED] == [llm.asked[1]["summary"]]
    assert {memory.kind for memory in view.below(view.current)} == {CHUNK, ROLLING}
    assert (view.current.session, view.current.sources) == ("s2", ())
    assert proposals[1].usage.llm_calls == 1 and proposals[1].prompts[0]["id"] == "rolling_summary"


def test_sessions_are_taken_in_order_of_time_whatever_the_order_given() -> None:
    view = Sessions()
    llm = Recorder(adding)
    units = [view.session(f"s{n}", f"text {n}") for n in range(4)]
    view.run(*reversed(units), llm=llm)
    assert [asked["session"] for asked in llm.asked] == [f"Ana: text {n}" for n in range(4)]


def test_the_next_call_goes_on_from_the_present_summary() -> None:
    view = Sessions()
    view.run(view.session("s1", "one"), llm=Recorder(adding))
    view.run(view.session("s2", "two"), llm=Recorder(adding))
    assert view.current.text == "[Ana: one] [Ana: two]"


def test_without_a_model_the_most_telling_sentences_stay_twenty_at_most() -> None:
    view = Sessions()
    for day in range(8):
        told = [f"On day {day} the otter number {n} swam across river {day * n}." for n in range(12)]
        view.run(view.session(f"s{day}", *told))
    text = view.current.text
    assert 1 <= sum(len(sentences(line)) for line in text.splitlines()) <= 20
    assert "otter" in text


def test_very_short_sentences_are_counted_too() -> None:
    view = Sessions()
    view.run(view.session("s", *(f"Yes, {n}." for n in range(200))))
    assert 1 <= sum(len(sentences(line)) for line in view.current.text.splitlines()) <= 20


def test_what_a_model_writes_too_long_is_cut() -> None:
    view = Sessions()
    view.run(view.session("s", "text"), llm=Recorder(lambda _: "The otter swam across another river again. " * 90))
    assert len(sentences(view.current.text)) <= 20


def test_a_session_too_long_for_a_prompt_is_taken_in_part_by_part() -> None:
    view = Sessions()
    llm = Recorder(lambda variables: f"Some words, lines {len(variables['session'].splitlines())}.")
    texts = [f"Some words in line {n}" for n in range(1, 11)]
    [proposal] = view.run(view.session("s", *texts), llm=llm, structure=RollingSummary(20, 21))
    assert len(llm.asked) > 2 and llm.asked[1]["summary"] == "Some words, lines 3."
    assert proposal.usage.llm_calls == len(llm.asked) and len(proposal.prompts) == 1
    assert len(view.memories(ROLLING)) == 1


def test_documents_are_no_sessions() -> None:
    view = Sessions()
    unit = view.session(None, "a text", kind=EpisodeKind.DOCUMENT, speaker=None)
    [proposal] = view.run(unit, llm=Recorder(adding))
    assert proposal.operations == () and proposal.units == (unit,)
    assert view.run() == []


def test_turns_outside_of_sessions_count() -> None:
    view = Sessions()
    view.run(view.session(None, "hello"))
    assert view.current.text == "Ana: hello"


def test_after_a_loss_the_sessions_before_are_summarised_again() -> None:
    view = Sessions()
    units = [view.session(f"s{n}", f"text {n}", f"more {n}") for n in range(3)]
    view.run(*units, llm=Recorder(adding))
    view.forget(units[1].chunks[0].id)
    assert not view.memories(ROLLING)
    llm = Recorder(adding)
    [proposal] = view.run(view.session("new", "new text"), llm=llm)
    assert [asked["session"] for asked in llm.asked] == [
        "Ana: text 0\nAna: more 0",
        "Ana: more 1",
        "Ana: text 2\nAna: more 2",
        "Ana: new text",
    ]
    assert proposal.usage.llm_calls == 4
    assert len(view.below(view.current)) == 6


def test_after_a_loss_it_is_made_again_without_any_unit() -> None:
    view = Sessions()
    units = [view.session(f"s{n}", f"text {n}") for n in range(3)]
    view.run(*units)
    view.forget(units[1].chunks[0].id)
    [proposal] = view.run()
    assert proposal.units == ()
    assert view.current.text.splitlines() == ["Ana: text 0", "Ana: text 2"]
    assert view.run() == []


def test_a_session_that_failed_is_taken_in_when_it_is_tried_again() -> None:
    view = Sessions()
    down = Recorder(lambda v: LLMUnavailable("down") if "bad" in v["session"] else adding(v))
    good, bad, last = (view.session(name, f"{name} text") for name in ("good", "bad", "last"))
    proposals = view.run(good, bad, last, llm=down)
    assert [proposal.failure is not None for proposal in proposals] == [False, True, False]
    assert proposals[1].units == (bad,) and proposals[1].operations == ()
    assert view.current.text == "[Ana: good text] [Ana: last text]"
    view.run(bad, llm=Recorder(adding))
    assert view.current.text == "[Ana: good text] [Ana: last text] [Ana: bad text]"


def test_when_the_budget_is_spent_what_was_done_stands() -> None:
    view = Sessions()
    llm = Recorder(lambda v: BudgetExhausted("spent") if v["summary"] else adding(v))
    with pytest.raises(BudgetExhausted):
        view.run(view.session("s1", "one"), view.session("s2", "two"), llm=llm)
    assert view.current.text == "[Ana: one]"


def test_a_late_summary_is_the_present_one_though_its_session_is_older() -> None:
    view = Sessions()
    early, late = view.session("early", "early text"), view.session("late", "late text")
    view.run(late)
    view.run(early)
    assert "early text" in view.current.text and "late text" in view.current.text


@pytest.mark.parametrize("settings", [{"sentences": 0}, {"session_tokens": 0}])
def test_settings_that_summarise_nothing_are_refused(settings: dict[str, int]) -> None:
    with pytest.raises(InvalidInput):
        RollingSummary(**settings)


def test_what_neither_the_last_summary_nor_the_session_supports_is_not_carried_on() -> None:
    view = Sessions()
    said = iter(["Ana likes tea. Ana owns 14 boats in Tokyo.", "Ana likes tea and drinks coffee since 7 May 2026."])
    llm = Recorder(lambda _variables: next(said))
    view.run(view.session("s1", "I like tea."), llm=llm)
    assert view.current.text == "Ana likes tea."
    view.run(view.session("s2", "I drink coffee since yesterday."), llm=llm)
    assert llm.asked[1]["summary"] == "Ana likes tea."
    assert view.current.text == "Ana likes tea and drinks coffee since 7 May 2026."  # yesterday


def test_a_summary_without_a_supported_sentence_is_picked_by_rules() -> None:
    view, ruled = Sessions(), Sessions()
    view.run(view.session("s", "I like tea.", "Now coffee."), llm=Recorder(lambda _: "Zelda flew to Berlin in 1987."))
    ruled.run(ruled.session("s", "I like tea.", "Now coffee."))
    assert view.current.text == ruled.current.text
