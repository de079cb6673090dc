"""What stays of a text that a model wrote about others."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmem.structures.structure import Models
from agentmem.structures.trees.wording import MOST_WORDS, Merge, condensed, merged, shortened, words_for
from agentmem.structures.verify import standing, told_besides
from agentmem.testing import FakeEmbedder
from agentmem.text.sentences import sentences
from agentmem.types import Usage

SOURCES = ("Ana: I adopted a grey cat named Misty.", "Ben: My brother Luis lives in Porto.")
GOOD = "Ana adopted Misty, a cat."
ALSO = "Luis lives in Porto."
BAD = "Ben owns 14 helicopters."
EMBED = FakeEmbedder().embed_documents


@pytest.mark.parametrize("embed", [None, EMBED], ids=["words", "meaning"])
@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"{GOOD} {ALSO}", f"{GOOD} {ALSO}"),
        (f"{GOOD} {BAD} {ALSO}", f"{GOOD} {ALSO}"),
        (f"{BAD}\n{GOOD}\n\n{ALSO} {BAD}", f"{GOOD}\n{ALSO}"),
        (f"  {GOOD}\n\n  {ALSO}", f"  {GOOD}\n\n  {ALSO}"),
        (BAD, ""),
        ("", ""),
    ],
)
def test_sentences_that_sources_do_not_support_are_dropped(text, left, embed):
    assert standing(text, SOURCES, (), embed) == left


@given(st.lists(st.sampled_from([GOOD, ALSO, BAD, "Ana thanked Ben.", "Zelda flew to Berlin."]), max_size=6))
def test_what_stays_are_sentences_of_the_text_in_order_and_stay_again(parts):
    left = standing(" ".join(parts), SOURCES, (), None)
    kept = [left[start:end] for start, end in sentences(left)]
    remaining = iter(parts)
    assert all(any(part == one for part in remaining) for one in kept)
    assert BAD not in kept and standing(left, SOURCES, (), None) == left


def test_meaning_saves_what_words_do_not():
    def alike(texts):
        return EMBED(["the same"] * len(texts))

    claim = "Ana keeps pets at home."
    assert standing(claim, SOURCES, (), None) == ""
    assert standing(claim, SOURCES * 5, (), alike) == claim
    assert standing(f"{claim} {BAD}", SOURCES, (), alike) == claim  # nothing saves an invented number


def test_the_model_of_meaning_is_asked_only_where_it_decides():
    def never(_texts):
        raise AssertionError("words had decided")

    assert standing(f"{GOOD} {BAD}", SOURCES, (), never) == GOOD


def test_dates_that_are_meant_may_be_written_out():
    at = datetime(2023, 5, 8, 13, 56, tzinfo=UTC)
    chunk = SimpleNamespace(text="I ran a race yesterday and rest next month.", at=at, speaker="Mel", role="user")
    known = told_besides([chunk])
    source = [f"Mel: {chunk.text}"]
    for date in ("7 May 2023", "May 7, 2023", "2023-05-07", "Sunday, 7 May"):
        text = f"Mel ran a race on {date}."
        assert (standing(text, source, known, None) == text) == (date != "Sunday, 7 May"), date
    assert standing("Mel rests in June 2023. The user rests.", source, known, None).startswith("Mel rests")
    assert standing("Mel ran a race on 9 May 2023.", source, known, None) == ""


class Says:
    name = "says"

    def __init__(self, text):
        self.text = text

    def complete(self, prompt, schema):
        raise AssertionError("asked together")

    def complete_many(self, prompts, schema):
        return [SimpleNamespace(value=schema(text=self.text), usage=NOTHING) for _prompt in prompts]


NOTHING = Usage()


def models(text):
    return Models(Says(text), EMBED, len)


def test_a_node_of_a_tree_keeps_what_those_below_support():
    assert condensed(models(f"{GOOD} {BAD}"), [SOURCES]).texts == (GOOD,)
    merge = Merge("Ana adopted a cat named Misty.", ("Ben: My brother Luis lives in Porto.",), 3)
    assert merged(models(f"{GOOD} {BAD} {ALSO}"), [merge]).texts == (f"{GOOD} {ALSO}",)


def test_a_node_of_which_nothing_is_supported_is_picked_from_those_below():
    assert condensed(models(BAD), [SOURCES]).texts == (shortened(SOURCES, MOST_WORDS),)
    merge = Merge("Ana has a cat.", ("Ben: Luis lives in Porto.",), 2)
    assert merged(models(BAD), [merge]).texts == (shortened(merge.texts, words_for(2)),)
