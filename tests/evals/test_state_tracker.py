"""bAbI's states, tracked without a language model: answers worked out by hand, and the system around another."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from agentmem_evals.datasets.formats.narrative import narrated, sentence_turns
from agentmem_evals.systems.bm25 import Bm25System
from agentmem_evals.systems.state_tracker import StateTrackerSystem, answer_from

STORY = [
    "Mary went to the kitchen.",
    "Mary got the milk there.",
    "Mary travelled to the office.",
    "John moved to the garden.",
    "Mary picked up the apple.",
    "Mary gave the milk to Fred.",
    "Mary journeyed to the hallway.",
    "Mary put down the apple.",
    "Mary went back to the garden.",
]


@pytest.mark.parametrize(
    ("told", "question", "answer"),
    [
        (9, "Where is Mary?", "garden"),
        (9, "Where is the apple?", "hallway"),  # put down there
        (7, "Where is the apple?", "hallway"),  # carried there
        (9, "Where was the apple before the hallway?", "office"),
        (9, "Where was Mary before the office?", "kitchen"),
        (9, "Where was Mary before the kitchen?", ""),
        (9, "Is Mary in the garden?", "yes"),
        (9, "Is John in the office?", "no"),
        (5, "What is Mary carrying?", "milk,apple"),
        (5, "How many objects is Mary carrying?", "two"),
        (9, "What is Mary carrying?", "nothing"),
        (9, "Why did Mary go there?", ""),
        (0, "Where is Mary?", ""),
    ],
)
def test_answers_follow_from_what_was_told(told, question, answer):
    assert answer_from(question, STORY[:told]) == answer


def test_pronouns_negations_and_book_text():
    told = ["Mary and Daniel went to the park.", "The sea was calm.", "After that they moved to the cinema."]
    assert answer_from("Where is Daniel?", told) == "cinema"
    assert answer_from("Is Mary in the park?", [*told, "Mary is not in the park."]) == "no"
    assert answer_from("Is Mary in the cinema?", [*told, "Mary is no longer in the park."]) == ""


def test_it_reads_what_another_system_finds_in_order_of_time():
    system = StateTrackerSystem(Bm25System())
    begins = datetime(2000, 1, 1, tzinfo=UTC)
    system.ingest(narrated("story", sentence_turns(enumerate(STORY, start=1), begins)))
    assert system.name == "state-tracker:bm25"
    assert system.answer("Where is Mary?") == "garden"
    assert system.retrieve("Where is Mary?", 2).items
