"""Walks through a small tree: with a scripted model, and by likeness."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmem.errors import BudgetExhausted, LLMError, LLMUnavailable, MalformedReply
from agentmem.llm import Completion
from agentmem.retrieval.navigate import Did, Ending, Step, navigate, walk_by_likeness
from agentmem.types import Usage

CHILDREN = {
    "top": ["pets", "cars"],
    "pets": ["cat", "dog"],
    "cars": ["bmw", "taxi"],
}
TEXTS = {
    "top": "a summary of everything",
    "pets": "a summary of pets",
    "cars": "a summary of cars",
    "cat": "The cat is called Tom.",
    "dog": "The dog is called Rex.",
    "bmw": "The BMW is blue.",
    "taxi": "The taxi is yellow.",
}


class Scripted:
    """Answers one prompt after the other: an action, an action with an answer, or an error."""

    name = "scripted"

    def __init__(self, *script: int | tuple[int, str | None] | LLMError) -> None:
        self.script = list(script)
        self.asked: list[tuple[str, Mapping[str, str]]] = []

    def complete(self, prompt, schema):
        self.asked.append((prompt.id, prompt.variables))
        reply = self.script.pop(0)
        if isinstance(reply, LLMError):
            raise reply
        action, answer = reply if isinstance(reply, tuple) else (reply, None)
        fields = {"reasoning": f"reason {len(self.asked)}", "action": action, "answer": answer}
        return Completion(schema(**fields), Usage(llm_calls=1))

    def complete_many(self, prompts, schema):
        raise AssertionError("a walk asks one thing after the other")


def walk(llm: Scripted, roots: Sequence[str] = ("top",), **settings):
    return navigate("What is the dog called?", roots, TEXTS.__getitem__, children, llm, **settings)


def children(node: str) -> Sequence[str]:
    return CHILDREN.get(node, ())


def test_straight_down_to_the_answer() -> None:
    llm = Scripted(0, 1, (-2, "Rex"))
    found = walk(llm)
    assert (found.answer, found.leaves, found.ending) == ("Rex", ("dog",), Ending.ANSWERED)
    assert found.steps == (
        Step("pets", Did.ENTER, "reason 1"),
        Step("dog", Did.ENTER, "reason 2"),
        Step("dog", Did.ANSWER, "reason 3"),
    )
    assert found.usage.llm_calls == 3
    kind, variables = llm.asked[0]
    assert kind == "navigate" and variables["options"] == "[0] a summary of pets\n[1] a summary of cars"
    assert [variables["memory"] for _kind, variables in llm.asked] == ["", "a summary of pets", "a summary of pets"]
    assert llm.asked[2] == (
        "read_leaf",
        {"question": "What is the dog called?", "memory": "a summary of pets", "segment": "The dog is called Rex."},
    )


def test_what_was_left_is_not_offered_again_and_what_was_read_is_remembered() -> None:
    llm = Scripted(1, 0, -1, 0, -1, 0, 1, (-2, "Rex"))
    found = walk(llm)
    assert found.leaves == ("bmw", "taxi", "dog") and found.answer == "Rex"
    offered = [variables["options"] for kind, variables in llm.asked if kind == "navigate"]
    assert offered == [
        "[0] a summary of pets\n[1] a summary of cars",
        "[0] The BMW is blue.\n[1] The taxi is yellow.",
        "[0] The taxi is yellow.",
        "[0] a summary of pets",  # the cars had nothing left, so that nobody was asked about them
        "[0] The cat is called Tom.\n[1] The dog is called Rex.",
    ]
    assert llm.asked[-1][1]["memory"] == "\n\n".join(
        ["a summary of cars", "The BMW is blue.", "The taxi is yellow.", "a summary of pets"]
    )
    assert Step("cars", Did.BACK, "nothing below it is left") in found.steps


def test_going_back_from_a_summary_rejects_it() -> None:
    llm = Scripted(0, -1, 0, -1, -1)
    found = walk(llm)
    assert found.ending == Ending.NOTHING_LEFT and found.answer is None and found.leaves == ()
    assert [step.node for step in found.steps if step.did == Did.BACK] == ["pets", "cars", "top"]
    assert len(llm.asked) == 4  # nothing is left at the top


def test_a_leaf_at_the_top_is_read_at_once() -> None:
    assert walk(Scripted((-2, "Tom")), ("cat",)).answer == "Tom"
    found = walk(Scripted(-1), ("cat",))
    assert (found.ending, found.leaves) == (Ending.NOTHING_LEFT, ("cat",))


def test_several_roots_are_chosen_among() -> None:
    llm = Scripted(0, -1, 0, (-2, "Rex"))
    found = walk(llm, ("cars", "dog"))
    assert found.answer == "Rex"
    assert Step("cars", Did.BACK, "reason 2") in found.steps
    assert llm.asked[0][1]["options"] == "[0] a summary of cars\n[1] The dog is called Rex."


def test_without_a_tree_nobody_is_asked() -> None:
    llm = Scripted()
    assert walk(llm, ()).ending == Ending.NOTHING_LEFT
    assert llm.asked == []


def test_a_malformed_reply_is_tried_again() -> None:
    found = walk(Scripted(MalformedReply("no"), 0, MalformedReply("no"), MalformedReply("no"), 1, (-2, "Rex")))
    assert found.answer == "Rex"


def test_after_three_malformed_replies_the_walk_ends() -> None:
    llm = Scripted(0, *[MalformedReply("no")] * 3)
    found = walk(llm)
    assert (found.ending, found.answer) == (Ending.LOST, None)
    assert len(llm.asked) == 4


@pytest.mark.parametrize("action", [2, 99, -2, -7])
def test_an_action_that_names_nothing_is_told_and_asked_for_again(action: int) -> None:
    llm = Scripted(action, 0, 1, (-2, "Rex"))
    assert walk(llm).answer == "Rex"
    assert f"Your last action, {action}, is not possible here. Possible: -1, 0, 1." in llm.asked[1][1]["options"]


def test_at_a_leaf_no_child_can_be_chosen() -> None:
    found = walk(Scripted(0, 1, 0, 1, 2))
    assert found.ending == Ending.LOST and found.leaves == ("dog",)


def test_an_answer_without_words_is_an_end_without_an_answer() -> None:
    found = walk(Scripted(0, 1, (-2, None)))
    assert (found.ending, found.answer) == (Ending.ANSWERED, None)


def test_the_walk_ends_after_so_many_steps() -> None:
    llm = Scripted(0, 0, -1, 0, -1, 0, 0)
    found = walk(llm, most_steps=4)
    assert found.ending == Ending.TOO_LONG
    assert len(llm.asked) == 4 == found.usage.llm_calls


def test_a_spent_budget_ends_the_walk_with_what_was_seen() -> None:
    found = walk(Scripted(0, 1, -1, BudgetExhausted("spent")))
    assert (found.ending, found.leaves) == (Ending.BUDGET, ("dog",))


def test_a_server_that_is_down_is_an_error() -> None:
    with pytest.raises(LLMUnavailable):
        walk(Scripted(0, LLMUnavailable("down")))


def test_of_what_was_seen_the_oldest_goes_first() -> None:
    llm = Scripted(1, 0, -1, 0, -1, 0, 1, (-2, "Rex"))
    walk(llm, memory_tokens=11)
    memories = [variables["memory"] for _kind, variables in llm.asked]
    assert memories[3] == "a summary of cars\n\nThe BMW is blue."
    assert memories[-1] == "The taxi is yellow.\n\na summary of pets"


def test_of_a_text_too_long_alone_the_beginning_is_kept() -> None:
    llm = Scripted(1, 0, -1, 0, (-2, "x"))
    walk(llm, memory_tokens=3)
    assert llm.asked[1][1]["memory"] == "a summary"  # of two tokens
    assert llm.asked[3][1]["memory"] == "The BMW is"


def test_circles_end() -> None:
    ring = {"a": ["b"], "b": ["a"]}
    found = navigate("?", ["a"], str, ring.__getitem__, Scripted(0))
    assert found.ending == Ending.NOTHING_LEFT


@settings(max_examples=80)
@given(st.lists(st.integers(-3, 3), min_size=60, max_size=60))
def test_whatever_a_model_does_the_walk_ends_and_offers_nothing_twice(actions: list[int]) -> None:
    llm = Scripted(*actions)
    found = walk(llm, most_steps=15)
    assert len(llm.asked) <= 15 * 3
    assert len(set(found.leaves)) == len(found.leaves)
    rounds = [variables["segment"] for kind, variables in llm.asked if kind == "read_leaf"]
    assert len({re.sub(r"\n\n\(Your.*", "", segment) for segment in rounds}) == len(found.leaves)


SCORES = {"top": 0.5, "pets": 0.4, "cars": 0.6, "cat": 0.8, "dog": 0.9, "bmw": 0.3, "taxi": 0.2}


def likeness(table: Mapping[str, float]) -> Callable[[Sequence[str]], list[float]]:
    return lambda nodes: [table[node] for node in nodes]


def test_by_likeness_it_goes_back_when_another_way_is_more_alike() -> None:
    found = walk_by_likeness(["top"], children, likeness(SCORES), leaves=2)
    assert found.leaves == ("dog", "cat")
    assert (found.ending, found.answer) == (Ending.ENOUGH, None)
    assert [(step.node, step.did) for step in found.steps] == [
        ("top", Did.ENTER),
        ("cars", Did.ENTER),
        ("cars", Did.BACK),
        ("pets", Did.ENTER),
        ("dog", Did.READ),
        ("cat", Did.READ),
    ]
    assert found.steps[0].reason == "cosine 0.50"


def test_by_likeness_every_leaf_is_reached_in_the_end() -> None:
    found = walk_by_likeness(["top"], children, likeness(SCORES), leaves=99)
    assert found.leaves == ("dog", "cat", "bmw", "taxi")
    assert found.ending == Ending.NOTHING_LEFT


def test_by_likeness_it_ends_after_so_many_steps() -> None:
    found = walk_by_likeness(["top"], children, likeness(SCORES), leaves=99, most_steps=3)
    assert found.ending == Ending.TOO_LONG
    assert [step.node for step in found.steps if step.did != Did.BACK] == ["top", "cars", "pets"]


def test_by_likeness_nodes_of_several_parents_and_circles_are_seen_once() -> None:
    ring = {"a": ["b", "c"], "b": ["a", "c"], "c": []}
    found = walk_by_likeness(["a", "a", "c"], ring.__getitem__, lambda nodes: [0.5] * len(nodes), leaves=9)
    assert found.leaves == ("c",)


def test_by_likeness_without_a_tree_there_is_nothing() -> None:
    found = walk_by_likeness([], CHILDREN.__getitem__, likeness(SCORES))
    assert (found.leaves, found.steps, found.ending) == ((), (), Ending.NOTHING_LEFT)
