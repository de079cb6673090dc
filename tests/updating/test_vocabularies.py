"""The words of published systems, both ways."""

from __future__ import annotations

import pytest

from agentmem.updating import vocabularies as words
from agentmem.updating.decision import Relation

WAYS = [
    (words.KeepMeUpdated, words.to_keep_me_updated, words.from_keep_me_updated),
    (words.Mem0, words.to_mem0, words.from_mem0),
    (words.LightMem, words.to_lightmem, words.from_lightmem),
]


@pytest.mark.parametrize(("vocabulary", "to", "back"), WAYS)
def test_every_relation_has_a_word_and_every_word_a_relation(vocabulary, to, back):
    assert {to(relation) for relation in Relation} <= set(vocabulary)
    assert {back(word) for word in vocabulary} <= set(Relation)


@pytest.mark.parametrize(("vocabulary", "to", "back"), WAYS)
def test_a_word_that_is_read_and_said_again_removes_no_more_than_before(vocabulary, to, back):
    gentle = [Relation.INDEPENDENT, Relation.REPEATS, Relation.REFINES, Relation.SUPERSEDES, Relation.CANCELS]
    for relation in Relation:
        read = back(to(relation))
        assert read == relation or gentle.index(read) <= max(gentle.index(relation), gentle.index(Relation.SUPERSEDES))


def test_no_word_but_keep_me_updateds_delete_gives_up_the_newer():
    assert words.from_keep_me_updated(words.KeepMeUpdated.DELETE) == Relation.CANCELS
    assert words.from_mem0(words.Mem0.DELETE) == Relation.SUPERSEDES
    assert words.from_lightmem(words.LightMem.DELETE) == Relation.SUPERSEDES


def test_the_words_of_the_papers():
    assert words.to_keep_me_updated(Relation.REPEATS) == "PASS"
    assert words.to_keep_me_updated(Relation.INDEPENDENT) == "APPEND"
    assert words.to_mem0(Relation.REPEATS) == "NONE"
    assert words.to_lightmem(Relation.REFINES) == "update"
