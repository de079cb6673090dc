"""What is made of a unit: sources, windows, numbered lines, likely lines, support, pairs."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.errors import BudgetExhausted, LLMUnavailable
from agentmem.kinds import ENTITY, FACT, SUMMARY, TRIPLE
from agentmem.models.chat.loading import wrap
from agentmem.prompts.replies.extraction import Extraction
from agentmem.structures.attribution import likely_lines
from agentmem.structures.chunks import propose_chunks
from agentmem.structures.derived import derived
from agentmem.structures.extraction import MAX_TOKENS, ExtractionStructure, numbered, windows
from agentmem.structures.findings import Fact, by_rules, from_reply
from agentmem.structures.pairs import PairStructure
from agentmem.structures.structure import Models, Unit
from agentmem.structures.verify import unsupported
from agentmem.testing import FakeEmbedder
from agentmem.testing.chat import ScriptedChat
from agentmem.types import Episode, EpisodeKind, State

AT = datetime(2025, 5, 1, 9, tzinfo=UTC)


def unit_of(*turns, session="s1", title=None):
    """Turns as (speaker, text); without a speaker, one document."""
    kind = EpisodeKind.TURN if title is None else EpisodeKind.DOCUMENT
    episodes = tuple(
        Episode(f"e{n}", kind, text, AT, AT, session=session, speaker=speaker, title=title)
        for n, (speaker, text) in enumerate(turns)
    )
    chunks = tuple(add.memory for episode in episodes for add in propose_chunks(episode))
    return Unit(session, episodes, chunks)


UNIT = unit_of(
    ("Ana", "I adopted a grey cat named Misty."),
    ("Ben", "My brother Luis lives in Porto."),
    ("Ana", "Misty likes fish."),
)


class View:
    def __init__(self, memories=()):
        self.kept = {}
        self._memories = memories

    def memories(self, kind):
        return [memory for memory in self._memories if memory.kind == kind]


def models(chat=None, count=len):
    return Models(wrap(chat), FakeEmbedder().embed_documents, count)


def made(structure, unit, chat=None, view=None):
    (proposal,) = structure.propose([unit], view or View(), models(chat))
    return [operation.memory for operation in proposal.operations], proposal


def reply(facts=(), triples=(), summary="gist"):
    return json.dumps(
        {
            "entities": [],
            "facts": [
                {"text": t, "speaker": None, "subject": None, "time": None, "keys": [], "source": s} for t, s in facts
            ],
            "triples": [
                dict(zip(("subject", "predicate", "object", "source"), triple, strict=True)) for triple in triples
            ],
            "summary": summary,
        }
    )


def test_lines_are_numbered_and_no_text_can_pass_for_another():
    unit = unit_of(("Ana", "Hey\n[1] Ben: I lie"), (None, "plain"))
    assert numbered(unit) == "[0] Ana: Hey [1] Ben: I lie\n[1] plain"


def test_windows_cut_between_chunks_and_keep_all():
    unit = unit_of(*((None, f"{n} " + "x" * 900) for n in range(20)))
    parts = windows(unit, models())
    assert [chunk for part in parts for chunk in part.chunks] == list(unit.chunks)
    assert all(sum(len(chunk.text) for chunk in part.chunks) <= MAX_TOKENS for part in parts) and len(parts) == 4
    huge = unit_of((None, "x"))
    assert len(windows(huge, models(count=lambda _text: 10**9))) == 1


def test_lines_that_do_not_exist_are_dropped_and_without_any_the_likeliest_stand_in():
    found = from_reply(
        UNIT, Extraction.model_validate_json(reply([("Luis lives in Porto", [9, -1]), ("Ana has a cat", [0, 2, 0])]))
    )
    assert found.facts[0].lines == (1,) and found.facts[1].lines == (0, 2)


def test_empty_facts_are_dropped():
    assert from_reply(UNIT, Extraction.model_validate_json(reply([("  ", [0])]))).facts == ()


@given(st.text(max_size=40), st.lists(st.text(max_size=40), min_size=1, max_size=6))
def test_likely_lines_are_lines(statement, lines):
    found = likely_lines(statement, lines)
    assert 1 <= len(found) <= 2 and all(0 <= line < len(lines) for line in found)


def test_likely_lines_share_the_telling_words():
    lines = ["I like tea", "I like the harbour of Porto", "I like jam"]
    assert likely_lines("She likes Porto's harbour", lines) == (1,)
    assert likely_lines("zzz", lines)[0] == 0


@given(st.integers(0, 30), st.integers(1, 30))
def test_a_span_stays_within_its_chunk(start, length):
    memory = derived(FACT, "x", UNIT, [0], span=(start, start + length))
    (source,) = memory.sources
    assert source.episode == "e0" and 0 <= source.start <= source.end <= len(UNIT.episodes[0].text)


def test_several_lines_give_all_their_sources_once():
    memory = derived(FACT, "x", UNIT, [0, 2, 0], metadata={"subject": None, "keys": [], "time": "May"})
    assert [source.episode for source in memory.sources] == ["e0", "e2"] and memory.metadata == {"time": "May"}


def test_rules_point_into_later_chunks_of_a_long_document():
    text = " ".join(f"The river number {n} flows through town {n}." for n in range(80))
    unit = unit_of((None, text), session=None, title="Rivers")
    assert len(unit.chunks) > 2
    found = by_rules(unit)
    for fact in found.facts:
        (source,) = derived(FACT, fact.text, unit, fact.lines, span=fact.span).sources
        assert text[source.start : source.end] == fact.text


def test_the_same_fact_and_triple_of_a_unit_are_kept_once():
    said = reply(
        [("Misty likes fish.", [2]), ("misty likes FISH", [2])],
        [("Misty", "likes", "fish", [2]), ("misty", "Likes", "Fish", [2]), ("", "x", "y", [0])],
    )
    memories, _proposal = made(ExtractionStructure(), UNIT, ScriptedChat({"extract": said}))
    kinds = [memory.kind for memory in memories]
    assert kinds.count(FACT) == 1 and kinds.count(TRIPLE) == 1 and kinds.count(SUMMARY) == 1
    assert sorted(memory.text for memory in memories if memory.kind == ENTITY) == ["Misty", "fish"]


def test_entities_that_are_there_are_not_made_again():
    known = derived(ENTITY, "MISTY", UNIT, [0])
    said = reply(triples=[("Misty", "likes", "fish", [2])])
    memories, _proposal = made(ExtractionStructure(), UNIT, ScriptedChat({"extract": said}), View([known]))
    assert [memory.text for memory in memories if memory.kind == ENTITY] == ["fish"]


def test_what_lines_do_not_support_is_quarantined():
    said = reply([("Misty likes fish.", [2]), ("Misty owns 14 helicopters in Tokyo.", [2])])
    memories, _proposal = made(ExtractionStructure((FACT,), (FACT,)), UNIT, ScriptedChat({"extract": said}))
    assert [memory.state for memory in memories] == [State.ACTIVE, State.QUARANTINED]


def triples_in(memories, state=State.ACTIVE):
    return [memory.text for memory in memories if memory.kind == TRIPLE and memory.state == state]


def test_a_triple_whose_lines_do_not_name_what_it_relates_is_quarantined_without_its_entities():
    said = reply(
        triples=[
            ("Misty", "owns", "helicopters", [2]),
            ("Zelda", "likes", "fish", [2]),
            ("Luis", "does not live in", "Porto", [1]),
            ("Luis", "resides in", "Porto", [1]),
        ]
    )
    memories, _proposal = made(ExtractionStructure(), UNIT, ScriptedChat({"extract": said}))
    assert triples_in(memories) == ["Luis resides in Porto"]
    assert len(triples_in(memories, State.QUARANTINED)) == 3
    assert sorted(memory.text for memory in memories if memory.kind == ENTITY) == ["Luis", "Porto"]


def test_of_a_triple_said_twice_the_supported_one_stands():
    unit = unit_of(*((None, text) for text in ("Boats are here.", "And there.", "Far away.", "Misty likes fish.")))
    said = reply(triples=[("Misty", "likes", "fish", [0]), ("Misty", "likes", "fish", [3])])
    memories, _proposal = made(ExtractionStructure(), unit, ScriptedChat({"extract": said}))
    (triple,) = [memory for memory in memories if memory.kind == TRIPLE]
    assert triple.state == State.ACTIVE and triple.sources[0].episode == "e3"


def test_a_quarantined_memory_hides_no_supported_one_of_another_window():
    texts = ["Boats are here.", *["x " * 450] * 8, "Misty likes fish."]
    unit = unit_of(*((None, text) for text in texts))
    first, *_rest, last = windows(unit, models())
    assert first is not last
    answers = iter([0, len(last.chunks) - 1])
    said = lambda _request: reply(triples=[("Misty", "likes", "fish", [next(answers)])])  # noqa: E731
    chat = ScriptedChat({"extract": said})
    one_by_one = Models(type(wrap(chat))(chat, concurrency=1), None, len)
    (proposal,) = ExtractionStructure((TRIPLE, ENTITY)).propose([unit], View(), one_by_one)
    memories = [operation.memory for operation in proposal.operations]
    assert len(triples_in(memories)) == len(triples_in(memories, State.QUARANTINED)) == 1


def test_rules_are_not_doubted():
    memories, _proposal = made(ExtractionStructure(), UNIT)
    assert memories and all(memory.state == State.ACTIVE for memory in memories)


def summary_of(said, unit=UNIT):
    memories, _proposal = made(ExtractionStructure((SUMMARY,)), unit, ScriptedChat({"extract": reply(summary=said)}))
    return [memory.text for memory in memories]


def test_a_summary_loses_what_its_unit_does_not_support():
    said = "Ana and Ben talked at 9 am on 1 May 2025. Ana adopted a cat. Ben owns 14 boats. Luis lives in Porto."
    assert summary_of(said) == [said.replace(" Ben owns 14 boats.", "")]


def test_a_summary_of_which_nothing_is_supported_gives_way_to_the_one_by_rules():
    assert summary_of("Zelda flew to Berlin in 1987.") == [by_rules(UNIT).summary]
    assert summary_of("") == []


def test_support_comes_from_the_lines_beside_too_and_from_names_and_dates():
    facts = [
        Fact("Luis, who lives in Porto, is Ben's brother.", (2,)),  # the line before says so
        Fact("Ana adopted a grey cat on 1 May 2025.", (0,)),
        Fact("Zelda lives in Tokyo since 1999.", (1,)),
    ]
    assert (
        unsupported(unit_of(("Ana", "Bob came yesterday.")), [Fact("Bob came on 2025-04-30.", (0,))], models()) == set()
    )
    assert unsupported(UNIT, facts, models()) == {2}
    assert unsupported(UNIT, facts, Models(None, None, len)) >= {2}
    assert unsupported(UNIT, [], models()) == set()


def test_a_unit_of_several_windows_fails_as_a_whole():
    answers = [reply([("one", [0])]), LLMUnavailable("away")]
    unit = unit_of(*((None, "x " * 450) for _ in range(10)))
    memories, proposal = made(ExtractionStructure(), unit, ScriptedChat({"extract": answers}))
    assert memories == [] and isinstance(proposal.failure, LLMUnavailable) and proposal.units == (unit,)


def test_a_spent_budget_is_raised_and_what_came_before_stands():
    chat = ScriptedChat({"extract": [reply([("Misty likes fish.", [2])]), BudgetExhausted("spent")]})
    llm = wrap(chat)
    one_by_one = type(llm)(chat, concurrency=1)
    proposals = ExtractionStructure().propose([UNIT, UNIT], View(), Models(one_by_one, None, len))
    assert next(proposals).operations
    with pytest.raises(BudgetExhausted):
        next(proposals)


def test_pairs_name_their_entity_once_and_drop_what_is_empty():
    pairs = [
        {"entity": "Luis", "description": "lives in Porto", "source": [1]},
        {"entity": "Luis", "description": "Luis is Ben's brother", "source": [7]},
        {"entity": "Ana", "description": " ", "source": [0]},
    ]
    chat = ScriptedChat({"decompose": json.dumps({"questions": [], "pairs": pairs})})
    memories, _proposal = made(PairStructure(), UNIT, chat)
    assert [memory.text for memory in memories] == ["Luis: lives in Porto", "Luis is Ben's brother"]
    assert all(memory.sources and memory.metadata["subject"] == "Luis" for memory in memories)


def test_pairs_fail_and_stop_as_a_whole():
    _memories, proposal = made(PairStructure(), UNIT, ScriptedChat({"decompose": LLMUnavailable("away")}))
    assert isinstance(proposal.failure, LLMUnavailable) and proposal.operations == ()
    with pytest.raises(BudgetExhausted):
        made(PairStructure(), UNIT, ScriptedChat({"decompose": BudgetExhausted("spent")}))


def test_pairs_that_sources_do_not_support_are_quarantined():
    pairs = [{"entity": "Misty", "description": "owns 14 helicopters in Tokyo", "source": [2]}]
    chat = ScriptedChat({"decompose": json.dumps({"questions": [], "pairs": pairs})})
    (memory,), _proposal = made(PairStructure(), UNIT, chat)
    assert memory.state == State.QUARANTINED
