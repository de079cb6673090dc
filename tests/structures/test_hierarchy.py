"""H-MEM: texts under traces, categories and domains, found from the top down, weighted by feedback."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from agentmem import AgentMemory
from agentmem.errors import InvalidInput, LLMUnavailable
from agentmem.kinds import CATEGORY, CHUNK, DOMAIN, SUMMARISES, TRACE
from agentmem.recipes import RECIPES
from agentmem.retrieval.routing import Widths, rank_routed
from agentmem.structures.hierarchy.labels import NAMED, SAMPLE, label
from agentmem.structures.hierarchy.layered import Hierarchy, in_context
from agentmem.structures.hierarchy.layers import LAYERS, Likeness
from agentmem.testing import FakeClock, FakeEmbedder
from agentmem.testing.chat import ScriptedChat

sys.path.insert(0, str(Path(__file__).parents[1] / "flows"))
from small_world import in_all, lines_of, said

PIANO = (
    said("I play the piano every morning.", "Ana", "s1", 0),
    said("The piano teacher praised my piano playing.", "Ana", "s1", 1),
)
BOAT = (
    said("We repaired the old boat on the river.", "Ben", "s2", 0),
    said("The boat leaks and the river is cold.", "Ben", "s2", 1),
)
MORE_PIANO = (said("My piano was tuned, so I play the piano again.", "Ana", "s3", 0),)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def opened(tmp_path, clock):
    stores = []

    def open_it(llm=None, name="memory.db", **other):
        recipe = replace(RECIPES["hmem"], structures=(partial(Hierarchy, Likeness(0.2, 0.25, 0.3)),), **other)
        stores.append(
            AgentMemory.open(tmp_path / name, recipe=recipe, llm=llm, embedder=FakeEmbedder(256), clock=clock)
        )
        return stores[-1].scope("acme", "ana")

    yield open_it
    for store in stores:
        store.close()


def edges(handle):
    """Parent and child of every edge, the last one of each child."""
    parts = handle._parts
    with parts.store.read(handle.scope) as reader:
        found = sorted(reader.edges_of(SUMMARISES), key=lambda edge: edge.id)
    return {edge.target: edge.source for edge in found}


def paths(handle):
    """By text, the ids of trace, category and domain above it."""
    above = edges(handle)
    there = {memory.id for memory in in_all(handle, *LAYERS)}
    found = {}
    for chunk in in_all(handle, CHUNK):
        path, here = [], chunk.id
        while above.get(here) in there:
            here = above[here]
            path.append(here)
        found[chunk.text] = tuple(path)
    return found


def filing(places):
    """A model that files lines by a word of theirs: word → (domain, category, keywords)."""

    def reply(request):
        lines = []
        for number, _who, text in lines_of(request):
            for word, (domain, category, keywords) in places.items():
                if word in text:
                    lines.append({"line": number, "domain": domain, "category": category, "keywords": keywords})
                    break
        return json.dumps({"lines": lines})

    return ScriptedChat({"file_lines": reply})


class TestByRules:
    def test_every_text_stands_under_a_trace_a_category_and_a_domain(self, opened):
        handle = opened()
        handle.add([*PIANO, *BOAT])
        assert handle.consolidate().done
        found = paths(handle)
        assert all(len(path) == 3 for path in found.values())
        kinds = {memory.id: memory.kind for memory in in_all(handle, *LAYERS)}
        assert all([kinds[id] for id in path] == [TRACE, CATEGORY, DOMAIN] for path in found.values())
        assert len(in_all(handle, DOMAIN)) == 2
        piano, boat = (next(d for d in in_all(handle, DOMAIN) if word in d.text) for word in ("piano", "boat"))
        assert piano.id != boat.id and "boat" not in piano.text

    def test_what_is_there_is_used_again(self, opened):
        handle = opened()
        handle.add([*PIANO, *BOAT])
        handle.consolidate()
        before = {memory.id for memory in in_all(handle, DOMAIN, CATEGORY)}
        handle.add(MORE_PIANO)
        done = handle.consolidate()
        assert done.done and {memory.id for memory in in_all(handle, DOMAIN, CATEGORY)} == before
        found = paths(handle)
        assert found[MORE_PIANO[0].text][1:] == found[PIANO[1].text][1:]
        assert handle.consolidate().run is None

    def test_in_two_steps_as_in_one(self, opened):
        one, two = opened(), opened(name="two.db")
        one.add([*PIANO, *BOAT, *MORE_PIANO])
        one.consolidate()
        for session in (PIANO, BOAT, MORE_PIANO):
            two.add(session)
            two.consolidate()
        shapes = []
        for handle in (one, two):
            groups = {}
            for text, path in paths(handle).items():
                for layer, node in enumerate(path):
                    groups.setdefault((layer, node), set()).add(text)
            shapes.append({(layer, frozenset(texts)) for (layer, _node), texts in groups.items()})
        assert shapes[0] == shapes[1]

    def test_what_a_run_did_can_be_undone(self, opened):
        handle = opened()
        handle.add([*PIANO, *BOAT])
        handle.consolidate()
        before = paths(handle)
        texts = {memory.id: memory.text for memory in in_all(handle, *LAYERS)}
        handle.add(MORE_PIANO)
        handle.undo(handle.consolidate().run)
        after = paths(handle)
        assert after.pop(MORE_PIANO[0].text) == ()
        assert after == before and {memory.id: memory.text for memory in in_all(handle, *LAYERS)} == texts

    def test_forgetting_a_text_takes_what_stood_above_it_and_the_rest_is_put_back(self, opened):
        handle = opened()
        ids = handle.add([*PIANO, *BOAT]).ids
        handle.consolidate()
        gone = paths(handle)[PIANO[0].text]
        handle.forget(ids=[ids[0]])
        assert not {memory.id for memory in in_all(handle, *LAYERS, state=None)} & set(gone)
        assert handle.retrieve("Who praised the piano playing?", k=1)[0].text == PIANO[1].text
        handle.add(MORE_PIANO)
        handle.consolidate()
        assert all(len(path) == 3 for path in paths(handle).values())
        assert not any("morning" in memory.text for memory in in_all(handle, *LAYERS, state=None))

    def test_a_reworded_text_is_filed_anew_and_still_takes_along_what_it_was_in(self, opened):
        handle = opened()
        ids = handle.add([*PIANO, *BOAT]).ids
        handle.consolidate()
        before = paths(handle)[PIANO[0].text]
        handle.update(ids[0], text="I repaired the boat on the river, the old leaking boat.")
        handle.consolidate()
        found = paths(handle)
        moved = found["I repaired the boat on the river, the old leaking boat."]
        assert moved[2] == found[BOAT[0].text][2] != before[2]
        assert not any("morning" in memory.text for memory in in_all(handle, *LAYERS))
        handle.forget(ids=[ids[0]])
        assert not any("morning" in memory.text for memory in in_all(handle, *LAYERS, state=None))

    def test_a_node_outlives_texts_that_expire(self, opened, clock):
        handle = opened()
        ids = handle.add([*PIANO, *MORE_PIANO]).ids
        handle.expires_at(ids[2], clock() + timedelta(days=1))
        handle.consolidate()
        (domain,) = in_all(handle, DOMAIN)
        assert domain.expires_at is None and "tuned" not in domain.text


class TestByModel:
    PLACES: ClassVar = {"piano": ("music", "instruments", ["piano"]), "boat": ("sailing", "repairs", ["boat"])}

    def test_names_and_key_words_are_the_models(self, opened):
        chat = filing(self.PLACES)
        handle = opened(chat)
        handle.add([*PIANO, *BOAT])
        assert handle.consolidate().done
        assert {memory.text for memory in in_all(handle, DOMAIN)} == {"music", "sailing"}
        assert {memory.text for memory in in_all(handle, CATEGORY)} == {"instruments", "repairs"}
        assert {memory.text for memory in in_all(handle, TRACE)} == {"piano", "boat"}
        assert len(chat.requests) == 2  # one for each session
        assert "music: instruments" in chat.requests[1].prompt.variables["places"]

    def test_a_name_that_is_there_is_used_again_whatever_its_form(self, opened):
        chat = filing({**self.PLACES, "tuned": ("Music", "Instruments", ["tuned"])})
        handle = opened(chat)
        handle.add([*PIANO, *BOAT])
        handle.consolidate()
        handle.add(MORE_PIANO)
        handle.consolidate()
        assert len(in_all(handle, DOMAIN)) == len(in_all(handle, CATEGORY)) == 2

    def test_a_name_that_brings_in_what_the_text_does_not_say_is_not_used(self, opened):
        chat = filing({"piano": ("Concerts of Zubin Mehta", "instruments", ["piano"]), "boat": self.PLACES["boat"]})
        handle = opened(chat)
        handle.add([*PIANO, *BOAT])
        assert handle.consolidate().done
        assert not any("Mehta" in memory.text for memory in in_all(handle, *LAYERS))
        assert all(len(path) == 3 for path in paths(handle).values())  # by rules

    def test_key_words_that_do_not_stand_in_the_text_are_left_out(self, opened):
        handle = opened(filing({"boat": ("sailing", "repairs", ["submarine", "old boat"])}))
        handle.add(BOAT[:1])
        handle.consolidate()
        assert [memory.text for memory in in_all(handle, TRACE)] == ["old boat"]

    def test_lines_that_it_leaves_out_are_filed_by_rules(self, opened):
        handle = opened(filing({"piano": self.PLACES["piano"]}))
        handle.add([*PIANO, *BOAT])
        handle.consolidate()
        named = [NAMED in memory.metadata for memory in in_all(handle, DOMAIN)]
        assert sorted(named) == [False, True]

    def test_nothing_is_built_of_a_session_while_the_model_is_away(self, opened):
        handle = opened(ScriptedChat({"file_lines": LLMUnavailable("away")}))
        handle.add(PIANO)
        done = handle.consolidate()
        assert done.failures and not in_all(handle, *LAYERS)
        assert handle.retrieve("piano", k=1)


class TestAnswering:
    def test_texts_are_found_from_the_top_down(self, opened):
        handle = opened(rank=rank_routed(Widths(1, 1, 1)))
        handle.add([*PIANO, *BOAT])
        handle.consolidate()
        hits = handle.retrieve("Does the boat leak on the cold river?", k=4)
        assert hits[0].text == BOAT[1].text and {hit.text for hit in hits} <= {turn.text for turn in BOAT}
        # 2 domains, and of one of them category, trace and texts
        assert hits[0].kind == CHUNK and hits[0].signals["compared"] < 1.0

    def test_what_is_not_filed_yet_is_found_too(self, opened):
        handle = opened(rank=rank_routed(Widths(1, 1, 1)))
        handle.add(PIANO)
        handle.consolidate()
        handle.add(BOAT)
        assert handle.retrieve("Does the boat leak?", k=1)[0].text == BOAT[1].text

    def test_feedback_strengthens_and_weakens(self, opened):
        handle = opened()
        handle.add(
            [said("The red kite is in the shed.", "Ana", "s1", 0), said("The red kite is in the hall.", "Ana", "s1", 1)]
        )
        handle.consolidate()
        question = "Where is the red kite?"
        first, second = handle.retrieve(question, k=2)
        for _ in range(3):
            handle.feedback(second, useful=True)
            handle.feedback(first, useful=False)
        again = handle.retrieve(question, k=2)
        assert [hit.id for hit in again] == [second.id, first.id]
        # 1.5 ** 3 = 3.375 against 1.5 ** -3 = 0.2963, both just learned
        assert [hit.signals["weight"] for hit in again] == pytest.approx([3.375, 0.296296], abs=1e-4)

    def test_absence_decays(self, opened, clock):
        handle = opened()
        handle.add(PIANO[:1])
        handle.consolidate()
        clock.advance(days=5)
        (hit,) = handle.retrieve("piano", k=1)
        assert hit.signals["weight"] == pytest.approx(np.exp(-1.0), abs=1e-3)


class TestParts:
    def test_a_text_in_its_context(self):
        # rows (1, 0), (0, 1), (0, 0) with 0.5 for the row before: (1, 0), (0.5, 1), (0, 0.5)
        rows = np.array([[1, 0], [0, 1], [0, 0]], dtype=np.float32)
        assert in_context(rows, {-1: 0.5}).tolist() == [[1, 0], [0.5, 1], [0, 0.5]]
        assert in_context(rows, {1: 0.5}).tolist() == [[1, 0.5], [0, 1], [0, 0]]
        assert in_context(rows[:1], {-2: 1.0, 2: 1.0}).tolist() == [[1, 0]]

    @pytest.mark.parametrize("layer", range(3))
    def test_labels_are_in_the_words_of_the_texts(self, layer):
        texts = ["The piano teacher praised my playing.", "The old piano was tuned."] * SAMPLE
        words = set(label(layer, texts).replace(";", " ").replace(".", " ").lower().split())
        assert words and words <= set(" ".join(texts).replace(".", " ").lower().split())

    def test_a_text_without_words_labels_itself(self):
        assert label(0, ["?!"]) == label(2, ["?!"]) == "?!"

    @pytest.mark.parametrize("wrong", [{"domain": 0.0}, {"trace": 1.1}, {"name": -0.5}])
    def test_likeness_is_a_cosine(self, wrong):
        with pytest.raises(InvalidInput, match="cosine"):
            Likeness(**wrong)
