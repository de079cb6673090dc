"""What a note says, and what rules let a new one do to those beside it; worked by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.structures.notes.evolution import Beside, by_rules
from agentmem.structures.notes.note import MOST_TAGS, Wording, note_of, revised, united, wording_of
from agentmem.types import Memory

MAY = datetime(2025, 5, 1, 9, tzinfo=UTC)


def chunk(number, text="I adopted\na cat.", days=0, expires=None):
    at = MAY + timedelta(days=days)
    return Memory(
        id=f"mem_{number}",
        version=1,
        kind="chunk",
        text=text,
        at=at,
        valid_from=at,
        valid_to=None,
        recorded_at=at,
        session="s",
        speaker="Ana",
        expires_at=expires,
    )


def note(number, keywords=(), tags=(), **more):
    return note_of(chunk(number, **more), Wording(tuple(keywords), tuple(tags)))


class TestWording:
    def test_content_context_keywords_and_tags_are_embedded_together(self):
        # Equation 3 of the paper: the note's vector is that of content, keywords, tags and context in one text.
        text = Wording(("cat",), ("pets", "home"), "Ana has a cat.").text("Ana: I adopted\na cat.")
        assert text == "Ana: I adopted a cat.\nAna has a cat.\nkeywords: cat\ntags: pets, home"
        assert Wording().text("Ana: hello") == "Ana: hello"

    def test_a_note_remembers_its_wording(self):
        wording = Wording(("cat",), ("pets",), "Ana has a cat.")
        made = note_of(chunk(1), wording)
        assert wording_of(made) == wording and made.metadata["of"] == "mem_1"
        assert (made.at, made.session, made.speaker, made.version) == (MAY, "s", "Ana", 1)

    def test_a_new_version_is_true_from_what_it_changed_for_and_expires_with_the_first(self):
        soon = MAY + timedelta(days=9)
        first, newer = note(1), note(2, days=3, expires=soon)
        again = revised(first, chunk(1), Wording((), ("pets",)), [newer])
        assert (again.id, again.version, again.at) == (first.id, 2, MAY)
        assert again.valid_from == newer.valid_from and again.expires_at == soon

    def test_words_are_united_whatever_their_form(self):
        assert united(["Cats", "jazz"], ["cats", "Jazz  Trio"], most=3) == ("Cats", "jazz", "Jazz Trio")

    @given(st.lists(st.text("abC ", max_size=4), max_size=12), st.lists(st.text("abC ", max_size=4), max_size=12))
    def test_united_is_bounded_begins_with_the_first_and_changes_nothing_twice(self, own, others):
        found = united(own, others)
        assert len(found) <= MOST_TAGS and united(found) == found
        assert found[: len(united(own))] == united(own)


class TestByRules:
    NEW = note(9, ["vet"], ["cats", "health"])

    def test_links_need_likeness_and_something_shared(self):
        near, far, other = note(1, ["grey cats"], ["pets"]), note(2, ["cats"], ["pets"]), note(3, ["piano"], ["jazz"])
        found = by_rules(Beside(self.NEW, ((near, 0.5), (other, 0.9), (far, 0.49))), threshold=0.5)
        assert found.links == (near.id,)  # 0.5 is enough, 0.49 is not; the piano shares no word
        [(id, wording)] = found.wordings
        assert id == near.id and wording.tags == ("pets", "cats", "health") and wording.keywords == ("grey cats",)
        assert found.because == ((near.id, (self.NEW.id,)),)

    def test_a_neighbour_that_has_the_tags_or_no_room_stays_as_it_is(self):
        has = note(1, [], ["health", "cats"])
        full = note(2, ["cats"], [f"tag{n}" for n in range(MOST_TAGS)])
        found = by_rules(Beside(self.NEW, ((has, 0.9), (full, 0.8))))
        assert found.links == (has.id, full.id) and found.wordings == ()

    def test_who_speaks_is_nothing_shared(self):
        mine, yours = note(1, [], ["Ana", "tea"]), note(2, [], ["Ana", "rain"])
        assert by_rules(Beside(mine, ((yours, 0.99),))).links == ()

    @given(st.lists(st.tuples(st.sampled_from(["cats", "health", "jazz", "rain"]), st.floats(-1, 1)), max_size=6))
    def test_what_is_not_linked_is_not_changed(self, neighbours):
        beside = [(note(number, [], [tag]), cosine) for number, (tag, cosine) in enumerate(neighbours)]
        found = by_rules(Beside(self.NEW, tuple(beside)))
        assert {id for id, _wording in found.wordings} <= set(found.links)
        alike = {other.id for (other, cosine) in beside if cosine >= 0.5}
        assert set(found.links) <= alike
        for id, wording in found.wordings:
            before = next(other for other, _cosine in beside if other.id == id)
            assert wording.tags[: len(wording_of(before).tags)] == wording_of(before).tags


@pytest.mark.parametrize("content", ["", "  "])
def test_a_text_without_words_has_a_note_without_lines(content):
    assert Wording().text(content) == ""
