"""Self-Notes: a question and its answer beside the turn that calls for it, from what came before."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmem import AgentMemory, Document, Message
from agentmem.errors import InvalidInput
from agentmem.structures.self_notes import SelfNotes, beside, by_rules
from agentmem.structures.structure import Unit
from agentmem.testing import FakeEmbedder
from agentmem.testing.chat import ScriptedChat
from agentmem.types import Memory

KIND = "self-note"
MONDAY = datetime(2023, 5, 8, 13, tzinfo=UTC)
TALK = [
    ("Ben", "My sister Rita opened a bakery in Porto."),
    ("Ana", "How long did she wait for the licence?"),
    ("Ben", "Two years, until yesterday!"),
    ("Ana", "I like bread."),
]


def turns(lines=TALK, session="s1", first=0):
    return [
        Message(
            text, speaker=who, session=session, at=MONDAY + timedelta(minutes=first + n), ref=f"{session}-{first + n}"
        )
        for n, (who, text) in enumerate(lines)
    ]


def line_notes(*notes):
    told = [
        {"line": line, "question": question, "answer": answer, "source": list(source)}
        for line, question, answer, source in notes
    ]
    return json.dumps({"notes": told})


@pytest.fixture
def opened(database, clock):
    stores = []

    def open_it(chat=None):
        stores.append(AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, recipe="self-notes", llm=chat))
        return stores[-1].scope("acme")

    yield open_it
    for store in stores:
        store.close()


def noted(handle):
    return [(memory.text, [source.ref for source in memory.sources]) for memory in handle.list(kinds=[KIND])]


def test_by_rules_a_note_resolves_what_its_turn_leaves_open(opened):
    handle = opened()
    handle.add(turns())
    handle.consolidate()
    assert noted(handle) == [
        ('Who is "she"? Rita.', ["s1-0", "s1-1"]),  # where the answer stands, and the turn itself
        (
            'What did Ana ask? How long did she wait for the licence? When is "yesterday"? 7 May 2023.',
            ["s1-1", "s1-2"],
        ),
    ]
    assert [memory.at for memory in handle.list(kinds=[KIND])] == [MONDAY + timedelta(minutes=n) for n in (1, 2)]


def test_a_turn_is_found_by_its_note_and_has_it_beside_it(opened):
    handle = opened()
    handle.add(turns())
    handle.consolidate()
    hits = handle.retrieve("How long was the wait for the licence?", k=4)
    places = {hit.text: place for place, hit in enumerate(hits)}
    answer = places[TALK[2][1]]
    assert hits[answer + 1].kind == KIND and hits[answer + 1].text.startswith("What did Ana ask?")
    assert hits[answer].score == hits[answer + 1].score  # as good as the better of both
    assert [hit.kind for hit in handle.retrieve("licence", k=1)] == ["chunk"]
    assert all(hit.kind == "chunk" for hit in handle.retrieve("licence", k=9, kinds=["chunk"]))
    assert {hit.kind for hit in handle.retrieve("licence", k=9, kinds=[KIND])} == {KIND}


def test_the_context_has_the_note_right_after_its_turn(opened):
    handle = opened()
    handle.add(turns())
    handle.consolidate()
    lines = str(handle.context("How long did Rita wait for the licence?", tokens=500)).splitlines()[1:-1]
    place = next(n for n, line in enumerate(lines) if "until yesterday" in line)
    assert "What did Ana ask?" in lines[place + 1]


def test_a_session_that_goes_on_is_read_with_what_came_before(opened):
    handle = opened()
    handle.add(turns(TALK[:1]))
    handle.consolidate()
    handle.add(turns(TALK[1:2], first=1))
    handle.consolidate()
    assert noted(handle) == [('Who is "she"? Rita.', ["s1-0", "s1-1"])]
    assert handle.consolidate().run is None


def test_a_model_notes_from_no_later_line_and_nothing_that_is_not_told(opened):
    chat = ScriptedChat(
        {
            "self_notes": line_notes(
                (1, 'Who is "she"?', "Rita, the sister of Ben", [0]),
                (1, "What is hers?", "a bakery in Porto", [0, 2]),  # line 2 is after it
                (2, "Where is she now?", "Peru", [0]),  # nobody says so
                (9, "What?", "a line that is not there", [0]),
            )
        }
    )
    handle = opened(chat)
    handle.add(turns())
    handle.consolidate()
    [note] = noted(handle)
    assert note == ('Who is "she"? Rita, the sister of Ben. What is hers? a bakery in Porto.', ["s1-0", "s1-1"])
    variables = chat.requests[0].prompt.variables
    assert variables["first"] == "0" and variables["date"] == "Monday, 08 May 2023" and len(chat.requests) == 1


def test_what_was_read_before_is_shown_to_the_model_but_gets_no_note(opened):
    chat = ScriptedChat({"self_notes": [line_notes(), line_notes((0, "Who?", "Rita", [0]), (1, "Who?", "Rita", [0]))]})
    handle = opened(chat)
    handle.add(turns(TALK[:1]))
    handle.consolidate()
    handle.add(turns(TALK[1:2], first=1))
    handle.consolidate()
    assert chat.requests[1].prompt.variables["first"] == "1" and "bakery" in chat.requests[1].prompt.variables["text"]
    assert noted(handle) == [("Who? Rita.", ["s1-0", "s1-1"])]


@pytest.mark.parametrize("gone", [0, 1])
def test_who_forgets_the_turn_or_where_the_answer_stands_forgets_the_note(opened, gone):
    handle = opened()
    ids = handle.add(turns()).episodes
    handle.consolidate()
    handle.forget(ids=[ids[gone]])
    handle.consolidate()
    left = noted(handle)
    assert all("Rita" not in text and "she" not in text.split("?")[0] for text, _refs in left)
    assert len(left) == 1 and len(set(map(str, left))) == len(left)  # what stands is not noted twice


def test_a_document_has_no_day_that_yesterday_is_counted_from(opened):
    handle = opened()
    handle.add(Document("Yesterday it rained in Porto. Nobody was there.", title="Rain", at=MONDAY))
    assert handle.consolidate().done and noted(handle) == []


@pytest.fixture
def built(opened):
    handle = opened()
    ids = handle.add(turns()).ids
    handle.consolidate()
    return handle, ids


def test_when_the_answer_is_reworded_the_note_is_made_anew(built):
    handle, ids = built
    handle.update(ids[0], text="My sister Marta opened a bakery in Porto.")
    handle.consolidate()
    assert [text for text, _refs in noted(handle)] == [
        'Who is "she"? Marta.',
        'What did Ana ask? How long did she wait for the licence? When is "yesterday"? 7 May 2023.',
    ]
    assert [memory.text for memory in handle.list(kinds=[KIND], state="retired")] == ['Who is "she"? Rita.']
    assert handle.consolidate().run is None


def test_when_the_turn_is_reworded_its_note_is_made_anew(built):
    handle, ids = built
    handle.update(ids[1], text="What do you eat?")
    handle.consolidate()
    assert [text for text, _refs in noted(handle)] == [
        'What did Ana ask? What do you eat? When is "yesterday"? 7 May 2023.'
    ]
    assert all("Rita" not in hit.text for hit in handle.retrieve("she", k=9, kinds=[KIND]))


def test_a_turn_that_is_out_of_use_has_no_note_beside_another(built):
    handle, ids = built
    handle.retire(ids[1])
    assert 'Who is "she"? Rita.' not in {hit.text for hit in handle.retrieve("Who is she, Rita?", k=9)}
    handle.add(turns([("Ana", "Bye.")], first=9))
    handle.consolidate()
    assert not any("Rita" in text for text, _refs in noted(handle))


def test_a_model_reads_a_turn_again_whose_evidence_was_reworded(opened):
    chat = ScriptedChat(
        {
            "self_notes": [
                line_notes((1, "Who?", "Rita", [0])),
                line_notes(),  # the reworded turn
                line_notes((1, "Who?", "Marta", [0])),  # the one after it, again
            ]
        }
    )
    handle = opened(chat)
    ids = handle.add(turns(TALK[:2])).ids
    handle.consolidate()
    handle.update(ids[0], text="My sister Marta opened a bakery in Porto.")
    assert handle.consolidate().done
    assert [text for text, _refs in noted(handle)] == ["Who? Marta."]
    assert [request.prompt.variables["first"] for request in chat.requests] == ["0", "0", "1"]


def test_a_run_is_taken_back(built):
    handle, _ids = built
    before = noted(handle)
    handle.add(turns([("Ben", "She was so happy yesterday!")], first=4))
    done = handle.consolidate()
    assert len(noted(handle)) == len(before) + 1
    handle.undo(done.run)
    assert noted(handle) == before


WORDS = ("My sister Rita is here.", "Why did she go to Porto?", "She left yesterday.", "We met there.", "I like tea.")


@settings(max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(["Ana", "Ben"]), st.sampled_from(WORDS)), max_size=12), st.data())
def test_by_rules_a_note_comes_from_its_line_or_before_and_only_where_it_is_wanted(lines, data):
    chunks = tuple(
        Memory(
            id=f"mem_{n}",
            version=1,
            kind="chunk",
            text=text,
            at=MONDAY + timedelta(minutes=n),
            valid_from=MONDAY,
            valid_to=None,
            recorded_at=MONDAY,
            speaker=who,
        )
        for n, (who, text) in enumerate(lines)
    )
    wanted = data.draw(st.sets(st.integers(0, max(0, len(lines) - 1)))) if lines else set()
    found = by_rules(Unit("s", (), chunks), wanted)
    assert {note.line for note in found} <= wanted
    assert all(0 <= source <= note.line for note in found for source in note.source)
    made = beside(Unit("s", (), chunks), found)
    assert [memory.metadata["turn"] for memory in made] == [f"mem_{n}" for n in sorted({note.line for note in found})]


def test_a_negative_number_is_refused():
    with pytest.raises(InvalidInput):
        SelfNotes(before=-1)
