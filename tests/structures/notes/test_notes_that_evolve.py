"""A-MEM: notes of texts, links between them, and what new notes make of older ones; through the public API."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from agentmem import AgentMemory, Message
from agentmem.errors import InvalidInput, LLMUnavailable
from agentmem.kinds import LINKED
from agentmem.models.chat.budget import Budget
from agentmem.recipes import RECIPES
from agentmem.recipes.recipe import Recipe
from agentmem.retrieval.linked import rank_linked
from agentmem.structures.notes.agentic import Notes
from agentmem.testing import FakeEmbedder
from agentmem.testing.chat import ScriptedChat

MAY = datetime(2025, 5, 1, 9, tzinfo=UTC)
CAT = "I adopted a grey cat named Misty in Lisbon."
PIANO = "I play the piano in a jazz trio."
VET = "The grey cat Misty saw the vet on Friday."


def worded(*notes):
    return json.dumps(
        {
            "notes": [
                {"line": line, "keywords": keywords, "context": context, "tags": tags}
                for line, (keywords, context, tags) in enumerate(notes)
            ]
        }
    )


def evolved(*notes):
    told = [{"reasoning": "r", "note": 0, "links": [], "tags": [], "neighbours": [], **note} for note in notes]
    return json.dumps({"notes": told})


def change(neighbour, context=None, tags=()):
    return {"neighbour": neighbour, "context": context, "tags": list(tags)}


@pytest.fixture
def opened(database, clock):
    stores = []

    def open_it(llm=None, embedder=None, share=0.2, **settings):
        settings.setdefault("threshold", 0.2)
        recipe = Recipe("notes", "the notes", structures=(partial(Notes, **settings),), rank=rank_linked("note", share))
        embedder = embedder or FakeEmbedder()
        stores.append(AgentMemory.open(database, embedder=embedder, clock=clock, recipe=recipe, llm=llm))
        return stores[-1].scope("acme")

    yield open_it
    for store in stores:
        store.close()


def say(handle, *texts, session=1, speaker="Ana"):
    return handle.add(
        [
            Message(text, speaker=speaker, session=f"s{session}", at=MAY + timedelta(days=session, minutes=minute))
            for minute, text in enumerate(texts)
        ]
    ).ids


def notes(handle, state="active"):
    """By the text they are of (its first words)."""
    return {memory.text.splitlines()[0]: memory for memory in handle.list(kinds=["note"], state=state)}


def links(handle):
    """Between notes, by the texts they are of."""
    names = {memory.id: text for text, memory in notes(handle).items()}
    with handle._parts.store.read(handle.scope) as reader:
        return {
            (names[edge.source], names[edge.target])
            for edge in reader.edges_of(LINKED)
            if edge.source in names and edge.target in names
        }


class TestByRules:
    def test_every_text_becomes_a_note_with_keywords_tags_and_sources(self, opened):
        handle = opened()
        say(handle, CAT, PIANO)
        assert handle.consolidate().done
        note = notes(handle)[f"Ana: {CAT}"]
        assert note.metadata["keywords"] and {"Misty", "Lisbon"} <= set(note.metadata["tags"])
        assert note.text.splitlines()[-1].startswith("tags: ")
        assert [handle.episode(source.episode).text for source in note.sources] == [CAT]
        assert (note.speaker, note.session) == ("Ana", "s1")

    def test_a_new_note_is_linked_to_what_is_alike_and_hands_on_its_tags(self, opened):
        handle = opened()
        cat, _piano = say(handle, CAT, PIANO)
        handle.consolidate()
        before = notes(handle)[f"Ana: {CAT}"]
        say(handle, VET, session=2)
        handle.consolidate()
        after = notes(handle)
        assert links(handle) == {(f"Ana: {VET}", f"Ana: {CAT}")}
        note = after[f"Ana: {CAT}"]
        assert note.id == before.id and note.version == 2
        own, lent = before.metadata["tags"], after[f"Ana: {VET}"].metadata["tags"]
        assert note.metadata["tags"][: len(own)] == own and set(note.metadata["tags"]) <= {*own, *lent}
        assert len(note.metadata["tags"]) > len(own)
        assert [handle.episode(source.episode).text for source in note.sources] == [CAT, VET]
        assert handle.get(note.id, as_of=MAY + timedelta(days=1, hours=1)).text == before.text
        assert handle.get(cat).version == 1  # texts are never changed

    def test_what_evolved_is_found_by_what_it_says_now(self, opened):
        handle = opened()
        say(handle, CAT)
        handle.consolidate()
        [before] = handle.retrieve("the vet", k=1)
        say(handle, VET, session=2)
        handle.consolidate()
        [after] = [hit for hit in handle.retrieve("the vet", k=2) if hit.id == before.id]
        assert "vet" in after.text and "vet" not in before.text
        assert after.signals["dense"] > before.signals["dense"]  # its vector is that of the new version

    def test_without_evolution_notes_stay_as_they_are_made(self, opened):
        handle = opened(evolves=False)
        say(handle, CAT)
        handle.consolidate()
        say(handle, VET, session=2)
        handle.consolidate()
        assert links(handle) == set() and {note.version for note in notes(handle).values()} == {1}

    def test_without_an_embedding_model_there_are_notes_without_links(self, opened):
        handle = opened(embedder="none")
        say(handle, CAT, VET)
        assert handle.consolidate().done
        assert len(notes(handle)) == 2 and links(handle) == set()
        assert handle.retrieve("cat Misty", k=1)[0].kind == "note"


class TestByModel:
    def model(self, **other):
        words = {
            "notes": [
                worded((["grey cat", "castles"], "Ana tells of the cat that she adopted.", ["pets", "Peru 77"])),
                worded((["grey cat", "vet"], "Ana says that the cat saw the vet.", ["pets", "health"])),
            ],
            "evolve_notes": evolved(
                {"links": [0], "neighbours": [change(0, "The cat Misty, adopted in Lisbon, saw the vet.", ["care"])]}
            ),
        }
        return ScriptedChat({**words, **other})

    def two_sessions(self, opened, model):
        handle = opened(model)
        say(handle, CAT)
        assert handle.consolidate().done
        say(handle, VET, session=2)
        assert handle.consolidate().done
        return handle

    def test_a_call_for_the_texts_of_a_session_and_one_for_what_they_change(self, opened):
        model = self.model()
        handle = self.two_sessions(opened, model)
        assert [request.prompt.id for request in model.requests] == ["notes", "notes", "evolve_notes"]
        shown = model.requests[-1].prompt.variables["notes"].splitlines()
        assert shown[0].startswith("note 0: (2025-05-03) Ana: The grey cat") and shown[1].startswith(
            "  [0] (2025-05-02)"
        )
        note = notes(handle)[f"Ana: {CAT}"]
        assert note.metadata["context"] == "The cat Misty, adopted in Lisbon, saw the vet."
        assert note.metadata["tags"] == ["care"] and note.version == 2
        assert links(handle) == {(f"Ana: {VET}", f"Ana: {CAT}")}

    def test_what_a_model_makes_up_is_left_out(self, opened):
        lie = evolved({"links": [0, 7], "neighbours": [change(0, "Zoe owns 77 castles in Peru.", ["Zoe"]), change(9)]})
        handle = self.two_sessions(opened, self.model(evolve_notes=lie))
        note = notes(handle)[f"Ana: {CAT}"]
        assert note.metadata["keywords"] == ["grey cat"] and note.metadata["tags"] == ["pets"]
        assert note.metadata["context"] == "Ana tells of the cat that she adopted." and note.version == 1

    def test_a_note_that_is_linked_may_get_other_tags_itself(self, opened):
        handle = self.two_sessions(
            opened, self.model(evolve_notes=evolved({"links": [0], "tags": ["pets", "adoption in Lisbon"]}))
        )
        note = notes(handle)[f"Ana: {VET}"]
        assert note.metadata["tags"] == ["pets", "adoption in Lisbon"] and note.version == 1  # it was not written yet
        assert {handle.episode(source.episode).text for source in note.sources} == {CAT, VET}  # who lent "Lisbon"

    def test_a_model_that_fails_is_asked_again_and_nothing_half_done_is_kept(self, opened, clock):
        model = self.model(evolve_notes=LLMUnavailable("away"))
        handle = opened(model)
        say(handle, CAT)
        handle.consolidate()
        say(handle, VET, session=2)
        assert handle.consolidate().failures
        assert list(notes(handle)) == [f"Ana: {CAT}"]
        clock.advance(days=1)
        handle = opened(self.model(notes=worded((["vet"], "Ana speaks of the vet.", ["health"]))))
        assert handle.consolidate().done and len(notes(handle)) == 2

    def test_a_budget_stops_it_before_and_it_goes_on_there(self, opened):
        handle = opened(self.model())
        say(handle, CAT)
        handle.consolidate()
        say(handle, VET, session=2)
        assert not handle.consolidate(budget=Budget(calls=1)).done
        assert len(notes(handle)) == 1
        assert handle.consolidate().done and len(notes(handle)) == 2


class TestChangesAndForgetting:
    def built(self, opened):
        handle = opened()
        ids = [*say(handle, CAT, PIANO), *say(handle, VET, session=2)]
        handle.consolidate()
        assert notes(handle)[f"Ana: {CAT}"].sources[1:]
        return handle, ids

    def test_who_forgets_a_text_forgets_what_it_lent_and_the_rest_is_made_anew(self, opened):
        handle, ids = self.built(opened)
        assert "vet" in notes(handle)[f"Ana: {CAT}"].metadata["tags"]
        handle.forget(ids=[ids[2]], compact=False)
        assert [memory.text for memory in handle.list(kinds=["chunk"])] == [CAT, PIANO]
        assert list(notes(handle, None)) == [f"Ana: {PIANO}"]
        assert handle.consolidate().done
        note = notes(handle, None)[f"Ana: {CAT}"]
        assert "vet" not in note.text and len(note.sources) == 1
        assert handle.consolidate().run is None

    def test_a_word_that_came_from_elsewhere_takes_no_text_along(self, opened):
        handle, _ids = self.built(opened)
        handle.forget(about="vet", compact=False)
        assert [memory.text for memory in handle.list(kinds=["chunk"])] == [CAT, PIANO]

    def test_a_text_that_is_reworded_has_a_new_version_of_its_note(self, opened):
        handle, ids = self.built(opened)
        before = notes(handle)[f"Ana: {PIANO}"]
        handle.update(ids[1], text="I play the flute in an orchestra.")
        handle.consolidate()
        after = notes(handle)
        assert len(after) == 3
        assert after["Ana: I play the flute in an orchestra."].id == before.id
        assert after["Ana: I play the flute in an orchestra."].version == before.version + 1

    def test_a_text_that_is_out_of_use_takes_its_note_along(self, opened):
        handle, ids = self.built(opened)
        handle.retire(ids[0])
        say(handle, "Good night.", session=3)
        handle.consolidate()
        assert f"Ana: {CAT}" not in notes(handle) and links(handle) == set()

    def test_a_run_is_taken_back(self, opened):
        handle = opened()
        say(handle, CAT)
        handle.consolidate()
        before = notes(handle)[f"Ana: {CAT}"]
        say(handle, VET, session=2)
        handle.undo(handle.consolidate().run)
        after = notes(handle)
        assert list(after) == [f"Ana: {CAT}"] and after[f"Ana: {CAT}"].text == before.text and links(handle) == set()


class TestRetrieving:
    def test_a_linked_note_is_found_with_the_note(self, opened):
        handle = opened(share=0.5)
        say(handle, CAT, PIANO)
        say(handle, VET, session=2)
        handle.consolidate()
        hits = handle.retrieve("Misty saw the vet on Friday", k=2)
        assert [hit.text.splitlines()[0] for hit in hits] == [f"Ana: {VET}", f"Ana: {CAT}"]
        assert [hit.signals["linked"] for hit in hits] == [0.0, 1.0]

    def test_a_text_without_a_note_stands_for_itself(self, opened):
        handle = opened()
        say(handle, CAT)
        handle.consolidate()
        say(handle, VET, session=2)
        assert sorted(hit.kind for hit in handle.retrieve("Misty", k=5)) == ["chunk", "note"]
        assert [hit.kind for hit in handle.retrieve("Misty", k=5, kinds=["chunk"])] == ["chunk", "chunk"]
        handle.consolidate()
        assert [hit.kind for hit in handle.retrieve("Misty", k=5)] == ["note", "note"]


def test_the_recipe_is_there_with_what_it_costs():
    assert RECIPES["amem"].cost.write == "1 per session or document, and 1 per 20 notes"


@pytest.mark.parametrize("wrong", [{"neighbours": 0}, {"threshold": 0}, {"threshold": 1.5}])
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(InvalidInput):
        Notes(**wrong)
